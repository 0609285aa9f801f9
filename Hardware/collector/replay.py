"""Replays a trace of sessions against a running server with OpenAI's completions interface.

What the client sees is written down: release, first token, finish and the gaps between tokens of every round,
in the form of `serve`. A round's prompt is all that its session has said before, outputs as the server told
them, and new random tokens behind it; so the server's prefix cache finds what it has kept.
"""

import asyncio
import datetime
import json
import random
import secrets
import time

import sessions as traces
from output import figures, say, write_lines

# Token numbers that prompts are drawn from: below them lie control tokens of most vocabularies.
LOWEST_TOKEN = 1000
# A round that is silent for so long has failed, seconds.
SILENCE_S = 300
# Idle connections are given up before a server closes them, which uvicorn does after 5 s.
IDLE_S = 2


class ReplayError(Exception):
    """The server does not answer as one with a completions interface."""


class Live:
    """A session that is being served, and all tokens that it has said and heard."""

    def __init__(self, number, session, seed, vocabulary):
        self.number, self.session = number, session
        self.vocabulary = vocabulary
        self.chance = random.Random(f"{seed}/{number}")
        self.prefix = [
            token for name, count in session.prefixes
            for token in self.drawn(count, random.Random(f"{seed}/prefix/{name}"))]
        self.tokens = []

    def drawn(self, count, chance):
        return [chance.randrange(LOWEST_TOKEN, self.vocabulary) for _ in range(count)]

    def prompt(self, part):
        """All that is in front of the round's answer; the first one begins with what others may share."""
        if part.history_tokens is not None:
            del self.tokens[part.history_tokens:]
        beginning = [] if self.tokens else self.prefix[:part.new_tokens]
        self.tokens += beginning + self.drawn(part.new_tokens - len(beginning), self.chance)
        return self.tokens


class Client:
    """Plays sessions and keeps a record of every round.

    With `concurrency` so many sessions are alive at once and arrivals are not looked at: when one ends, the
    next begins. Otherwise sessions begin at their arrivals.
    """

    def __init__(self, options, seed, http):
        self.options, self.seed, self.http = options, seed, http
        self.address = options.url.rstrip("/") + "/v1/completions"
        self.records = []

    async def play(self, sessions):
        """Records of all rounds, in the order in which they ended."""
        lives = [
            Live(number, session, self.seed, self.options.vocabulary)
            for number, session in enumerate(sessions)]
        self.origin = time.perf_counter()
        if not self.options.concurrency:
            await asyncio.gather(*(self.arriving(live) for live in lives))
            return self.records
        waiting = iter(lives)
        await asyncio.gather(*(self.one_after_another(waiting) for _ in range(self.options.concurrency)))
        return self.records

    def now(self):
        return time.perf_counter() - self.origin

    async def arriving(self, live):
        await asyncio.sleep(max(live.session.arrival_s - self.now(), 0))
        await self.rounds(live)

    async def one_after_another(self, waiting):
        for live in waiting:
            await self.rounds(live)

    async def rounds(self, live):
        for number, part in enumerate(live.session.rounds):
            prompt = live.prompt(part)
            release, length = self.now(), len(prompt)
            output, times = await self.complete(prompt, part.output_tokens)
            live.tokens += output
            self.records.append(record(live, number, length, release, times))
            if number + 1 < len(live.session.rounds):
                await asyncio.sleep(part.delay_s)

    async def complete(self, prompt, count):
        """Tokens of the answer and when each was there, seconds."""
        body = {
            "model": self.options.model, "prompt": prompt, "max_tokens": count, "min_tokens": count,
            "ignore_eos": True, "temperature": 1.0, "stream": True, "return_token_ids": True}
        found, times = [], []
        async with self.http.post(self.address, json=body) as answer:
            if answer.status != 200:
                raise ReplayError(f"HTTP {answer.status}: {(await answer.text())[:300]}")
            async for line in answer.content:
                if not line.startswith(b"data: {"):
                    continue
                now = self.now()
                tokens = tokens_of(line[len(b"data: "):])
                found += tokens
                times += [now] * len(tokens)
        if len(found) != count:
            raise ReplayError(
                f"asked for {count} tokens and got {len(found)}; the server must know ignore_eos, "
                "and its context must hold the session")
        return found, times


def tokens_of(line):
    """Token numbers of a chunk of a stream."""
    entry = json.loads(line)
    if "error" in entry:
        raise ReplayError(f"the server says: {entry['error']}")
    if not entry.get("choices"):
        return []
    tokens = entry["choices"][0].get("token_ids")
    if tokens is None:
        raise ReplayError(
            "the server tells no token_ids; it must know return_token_ids, as vLLM does since 0.11")
    return tokens


def record(live, number, prompt, release, times):
    part = live.session.rounds[number]
    return {
        "session": live.number, "round": number, "release_ms": milli(release),
        "first_token_ms": milli(times[0]), "finish_ms": milli(times[-1]), "new_tokens": part.new_tokens, "prompt_tokens": prompt,
        "output_tokens": part.output_tokens, "ttft_ms": milli(times[0] - release),
        "itl_ms": [milli(b - a) for a, b in zip(times, times[1:])]}


def milli(seconds):
    return round(seconds * 1e3, 3)


def run(options):
    """Plays the whole trace; returns the exit code."""
    try:
        import aiohttp
    except ImportError:
        say("collector: aiohttp is missing; install the package aiohttp (or python3-aiohttp)")
        return 69
    sessions = traces.read(options.trace)
    if options.seconds:
        sessions = [session for session in sessions if session.arrival_s <= options.seconds]
        if not sessions:
            raise traces.TraceError(f"{options.trace}: no session arrives in {options.seconds} s")
    seed = secrets.randbelow(1 << 32) if options.seed is None else options.seed

    async def play():
        limits = aiohttp.ClientTimeout(total=None, sock_read=SILENCE_S)
        connections = aiohttp.TCPConnector(limit=0, keepalive_timeout=IDLE_S)
        async with aiohttp.ClientSession(timeout=limits, connector=connections) as http:
            return await Client(options, seed, http).play(sessions)

    started = time.monotonic()
    try:
        records = asyncio.run(play())
    except (aiohttp.ClientError, asyncio.TimeoutError, ValueError) as error:
        raise ReplayError(f"{options.url}: {error!r}") from error
    head = {
        "provenance": {"date": datetime.date.today().isoformat()}, "model": options.model,
        "concurrency": options.concurrency, "vocabulary": options.vocabulary, "seed": seed}
    write_lines(options.output, [head] + records)
    say(f"{len(records)} rounds of {len(sessions)} sessions in {time.monotonic() - started:.1f} s")
    say(figures(records))
    return 0
