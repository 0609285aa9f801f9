"""Sessions of rounds: read from a trace, or drawn for one."""

import dataclasses
import gzip
import json
import math
import random

from output import say, write_whole


class TraceError(Exception):
    """A trace cannot be read."""


@dataclasses.dataclass(frozen=True)
class Round:
    new_tokens: int
    output_tokens: int
    delay_s: float
    # So many tokens of all that was said before are still in front of the new ones; all where nothing is said.
    history_tokens: int = None


@dataclasses.dataclass(frozen=True)
class Session:
    arrival_s: float
    rounds: tuple
    # Names and tokens of the texts that its first prompt begins with, which others may share.
    prefixes: tuple = ()
    tenant: str = ""

    @property
    def tokens(self):
        return sum(part.new_tokens + part.output_tokens for part in self.rounds)


def read(path):
    """Sessions of a trace of JSON lines (docs/traces.md, "JSONL: a session per line"), in the order of arrival.

    The earliest is moved to 0. Sessions that others start are refused: nothing here waits for them.
    """
    found, lengths = [], {}
    try:
        with open(path, "rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
        with (gzip.open if packed else open)(path, "rt", encoding="utf-8-sig") as file:
            for number, line in enumerate(file, start=1):
                if line.strip() and not line.startswith("#"):
                    found.append(session_of(line, lengths, f"{path}, line {number}"))
    except (UnicodeDecodeError, EOFError, gzip.BadGzipFile) as error:
        raise TraceError(f"{path}: expected UTF-8 text, as it is or in gzip ({error})") from error
    if not found:
        raise TraceError(f"{path}: no sessions")
    first = min(session.arrival_s for session in found)
    moved = [dataclasses.replace(session, arrival_s=session.arrival_s - first) for session in found]
    return sorted(moved, key=lambda session: session.arrival_s)


def session_of(line, lengths, place):
    """A session; `lengths` of prefixes are told where their names first appear."""
    try:
        entry = json.loads(line)
        if "parent" in entry:
            raise ValueError("sessions that others start are not played")
        rounds = tuple(
            Round(
                max(whole(part["new_tokens"]), 1), max(whole(part["output_tokens"]), 1),
                seconds(part.get("delay_after_s", 0)),
                None if part.get("history_tokens") is None else whole(part["history_tokens"]))
            for part in entry["rounds"])
        if not rounds:
            raise ValueError("no rounds")
        names, tokens = (
            value if isinstance(value, list) else [value]
            for value in (entry.get("prefix", []), entry.get("prefix_tokens", [])))
        for name, length in zip(names, tokens):
            lengths.setdefault(name, whole(length))
        return Session(
            seconds(entry["arrival_s"]), rounds, tuple((name, lengths[name]) for name in names),
            str(entry.get("tenant") or ""))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise TraceError(
            f"{place}: expected a session with arrival_s and rounds of new_tokens and output_tokens "
            f"({error!r})") from error


def whole(value):
    if type(value) not in (int, float) or not 0 <= value < 1 << 31 or value != int(value):
        raise ValueError(f"{value!r} is no whole number from 0 to 2147483647")
    return int(value)


def seconds(value):
    if type(value) not in (int, float) or not math.isfinite(value) or value < 0:
        raise ValueError(f"{value!r} is no number of seconds from 0 on")
    return float(value)


def draw(seed, rate, seconds, most_tokens):
    """Poisson arrivals of agent-like sessions until `seconds`.

    Rounds are 1 plus a geometric number with mean 3; first prompts are lognormal with median 1,200
    tokens, later ones with median 240, outputs exponential with mean 120; delays exponential with mean 2 s.
    """
    chance = random.Random(seed)
    now, found = 0.0, []
    while True:
        now += chance.expovariate(rate)
        if now > seconds:
            return found
        rounds, total = [], 0
        while not rounds or chance.random() < 0.75:
            median = 240 if rounds else 1200
            new = min(max(int(chance.lognormvariate(0, 0.6) * median), 8), 8 * median)
            output = min(1 + int(chance.expovariate(1 / 120)), 1000)
            if total + new + output > most_tokens:
                if rounds:
                    break
                new = most_tokens - output
            rounds.append(Round(new, output, round(chance.expovariate(0.5), 3)))
            total += new + output
        found.append(Session(round(now, 6), tuple(rounds)))


def write(options):
    """Writes a drawn trace; returns the exit code."""
    found = draw(options.seed, options.rate, options.seconds, options.max_context)
    write_whole(options.output, "".join(line + "\n" for line in lines(found)))
    say(f"{len(found)} sessions, {sum(len(s.rounds) for s in found)} rounds in {options.output}")
    return 0


def lines(sessions):
    for session in sessions:
        rounds = [
            {"new_tokens": part.new_tokens, "output_tokens": part.output_tokens,
             "delay_after_s": part.delay_s}
            for part in session.rounds]
        yield json.dumps({"arrival_s": session.arrival_s, "rounds": rounds})
