"""Replays a trace of sessions against a running server with OpenAI's completions interface.

What the client sees is written down: release, first token, finish and the gaps between tokens of every round,
in the form of `serve`. A round's prompt is all that its session has said before, outputs as the server told
them, and new random tokens behind it; so the server's prefix cache finds what it has kept.
"""

import asyncio
import datetime
import json
import os
import random
import secrets
import time

import sessions as traces
from output import figures, milli, say

# Token numbers that prompts are drawn from: below them lie control tokens of most vocabularies.
LOWEST_TOKEN = 1000
# A round that is silent for so long has failed, seconds.
SILENCE_S = 300
# Idle connections are given up before a server closes them, which uvicorn does after 5 s.
IDLE_S = 2
# The client looks so often how late it is itself, seconds; what it may be late, at the 99th percentile.
LOOK_S = 0.005
LATE_MS = 2.0


class ReplayError(Exception):
    """The server does not answer as one with a completions interface."""


class Live:
    """A session that is being served, and all tokens that it has said and heard.

    What it will say is drawn before the first session begins: drawing takes time, and the loop must not wait
    for it while answers come in.
    """

    def __init__(self, number, session, seed, vocabulary):
        self.number, self.session = number, session
        chance = random.Random(f"{seed}/{number}")
        prefix = [
            token for name, count in session.prefixes
            for token in draw(count, vocabulary, random.Random(f"{seed}/prefix/{name}"))]
        self.new = []
        for place, part in enumerate(session.rounds):
            beginning = [] if place else prefix[:part.new_tokens]
            self.new.append(beginning + draw(part.new_tokens - len(beginning), vocabulary, chance))
        self.tokens, self.text = [], ""

    def say_more(self, tokens):
        self.tokens += tokens
        self.text += "," * bool(self.text and tokens) + ",".join(map(str, tokens))

    def begin(self, number):
        """The whole prompt of a round, as the inside of a JSON list."""
        part = self.session.rounds[number]
        if part.history_tokens is not None:
            kept, self.tokens, self.text = self.tokens[:part.history_tokens], [], ""
            self.say_more(kept)
        self.say_more(self.new[number])
        return self.text


def draw(count, vocabulary, chance):
    return chance.choices(range(LOWEST_TOKEN, vocabulary), k=count)


class Client:
    """Plays sessions; every round's record goes to `keep` when it ends.

    With `concurrency` so many sessions are alive at once and arrivals are not looked at: when one ends, the
    next begins. Otherwise sessions begin at their arrivals.
    """

    def __init__(self, options, seed, http, keep):
        self.options, self.seed, self.http, self.keep = options, seed, http, keep
        self.address = options.url + "/v1/completions"
        self.late_ms = []

    async def play(self, sessions):
        lives = [
            Live(number, session, self.seed, self.options.vocabulary)
            for number, session in enumerate(sessions)]
        self.origin = time.perf_counter()
        looking = asyncio.create_task(self.look())
        if self.options.concurrency:
            waiting = iter(lives)
            tasks = [self.one_after_another(waiting) for _ in range(self.options.concurrency)]
        else:
            tasks = [self.arriving(live) for live in lives]
        try:
            await asyncio.gather(*tasks)
        finally:
            looking.cancel()

    def now(self):
        return time.perf_counter() - self.origin

    async def look(self):
        """Writes down how late the loop wakes what waits."""
        while True:
            due = self.now() + LOOK_S
            await asyncio.sleep(LOOK_S)
            self.late_ms.append((self.now() - due) * 1e3)

    async def arriving(self, live):
        await asyncio.sleep(max(live.session.arrival_s - self.now(), 0))
        await self.rounds(live)

    async def one_after_another(self, waiting):
        for live in waiting:
            await self.rounds(live)

    async def rounds(self, live):
        for number, part in enumerate(live.session.rounds):
            try:
                await self.round(live, number, part)
            except ReplayError as error:
                raise ReplayError(f"session {live.number}, round {number}: {error}") from error
            if number + 1 < len(live.session.rounds):
                await asyncio.sleep(part.delay_s)

    async def round(self, live, number, part):
        prompt = live.begin(number)
        rest = json.dumps({
            "model": self.options.model, "max_tokens": part.output_tokens, "min_tokens": part.output_tokens,
            "ignore_eos": True, "temperature": 1.0, "stream": True, "return_token_ids": True})
        body = f'{{"prompt": [{prompt}], {rest[1:]}'.encode()
        length, release = len(live.tokens), self.now()
        found, times = await self.complete(body)
        if len(found) != part.output_tokens:
            raise ReplayError(
                f"asked for {part.output_tokens} tokens and got {len(found)}; the server must know ignore_eos, "
                "and its context must hold the session")
        live.say_more(found)
        self.keep(record(live, number, length, release, times))

    async def complete(self, body):
        """Tokens of the answer and when each was there, seconds."""
        found, times, rest = [], [], b""
        headers = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
        async with self.http.post(self.address, data=body, headers=headers) as answer:
            if answer.status != 200:
                raise ReplayError(f"{self.address}: HTTP {answer.status}: {(await answer.text())[:300]}")
            if answer.content_type != "text/event-stream" or "Content-Encoding" in answer.headers:
                raise ReplayError(
                    f"{self.address} answers with {answer.content_type} "
                    f"{answer.headers.get('Content-Encoding', '')}; expected a plain stream of events")
            async for piece in answer.content.iter_any():
                now = self.now()
                *lines, rest = (rest + piece).split(b"\n")
                for line in lines:
                    tokens = tokens_of(line)
                    found += tokens
                    times += [now] * len(tokens)
        return found, times


def tokens_of(line):
    """Token numbers of a line of a stream."""
    if not line.startswith(b"data:") or line[5:].strip() in (b"", b"[DONE]"):
        return []
    try:
        entry = json.loads(line[5:])
        choices = [] if "error" in entry else entry.get("choices") or []
        tokens = choices[0].get("token_ids") if choices else []
        text = choices[0].get("text") if choices else ""
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ReplayError(f"the stream has {line[:200]!r}: {error!r}") from error
    if "error" in entry:
        raise ReplayError(f"the server says: {entry['error']}")
    if tokens is None and text:
        raise ReplayError("the server tells no token_ids; it must know return_token_ids, as vLLM does since 0.11")
    if not isinstance(tokens or [], list) or not all(type(token) is int for token in tokens or []):
        raise ReplayError(f"the stream has {line[:200]!r}: expected token_ids that are whole numbers")
    return tokens or []


def record(live, number, prompt, release, times):
    part = live.session.rounds[number]
    owner = {"tenant": live.session.tenant} if live.session.tenant else {}
    return {
        "session": live.number, "round": number, "release_ms": milli(release),
        "first_token_ms": milli(times[0]), "finish_ms": milli(times[-1]), "new_tokens": part.new_tokens,
        "prompt_tokens": prompt, "output_tokens": part.output_tokens, "ttft_ms": milli(times[0] - release),
        "itl_ms": [milli(b - a) for a, b in zip(times, times[1:])], **owner}


def run(options):
    """Plays the whole trace; returns the exit code. What ended before a failure stays in `FILE.part`."""
    try:
        import aiohttp
    except ImportError:
        say("collector: aiohttp is missing; install the package aiohttp (or python3-aiohttp)")
        return 69
    options.url = options.url.rstrip("/").removesuffix("/v1")
    if not options.url.startswith(("http://", "https://")):
        raise ReplayError(f"--url {options.url}: expected http:// or https:// and a host")
    if options.vocabulary < 2 * LOWEST_TOKEN:
        raise ReplayError(f"--vocabulary {options.vocabulary}: expected at least {2 * LOWEST_TOKEN}")
    sessions = traces.read(options.trace)
    if options.seconds:
        sessions = [session for session in sessions if session.arrival_s <= options.seconds]
    seed = secrets.randbelow(1 << 32) if options.seed is None else options.seed
    if options.concurrency:
        options.concurrency = min(options.concurrency, len(sessions))
    head = {
        "provenance": {"date": datetime.date.today().isoformat()}, "model": options.model,
        "concurrency": options.concurrency, "vocabulary": options.vocabulary, "seed": seed}
    records, part = [], options.output + ".part"
    started = time.monotonic()
    with open(part, "w", encoding="utf-8") as file:
        def keep(entry):
            records.append(entry)
            file.write(json.dumps(entry, separators=(",", ":")) + "\n")

        async def play():
            limits = aiohttp.ClientTimeout(total=None, sock_read=SILENCE_S)
            connections = aiohttp.TCPConnector(limit=0, keepalive_timeout=IDLE_S)
            async with aiohttp.ClientSession(timeout=limits, connector=connections) as http:
                client = Client(options, seed, http, keep)
                await client.play(sessions)
                return client.late_ms

        file.write(json.dumps(head, separators=(",", ":")) + "\n")
        kept = "the {} rounds that ended before are in " + part
        try:
            late = asyncio.run(play())
        except (aiohttp.ClientError, asyncio.TimeoutError, ReplayError) as error:
            words = str(error) or f"silent for {SILENCE_S} s"
            raise ReplayError(f"{options.url}: {words}; {kept.format(len(records))}") from error
        except KeyboardInterrupt:
            say(f"collector: interrupted; {kept.format(len(records))}")
            return 130
    os.replace(part, options.output)
    say(f"{len(records)} rounds of {len(sessions)} sessions in {time.monotonic() - started:.1f} s")
    say(figures(records))
    warn(late)
    return 0


def warn(late):
    """Says where the client itself was too slow for its figures to be the server's."""
    found = sorted(late)
    worst = found[int(0.99 * (len(found) - 1))] if found else 0
    if worst > LATE_MS:
        say(
            f"warning: this client was up to {worst:.1f} ms late (P99), which is in its times; give it a processor of "
            "its own, or play fewer sessions at once")
