"""Sessions of rounds: read from a trace, or drawn for one."""

import dataclasses
import json
import random

from output import say, write_whole


class TraceError(Exception):
    """A trace cannot be read."""


@dataclasses.dataclass(frozen=True)
class Round:
    new_tokens: int
    output_tokens: int
    delay_s: float


@dataclasses.dataclass(frozen=True)
class Session:
    arrival_s: float
    rounds: tuple

    @property
    def tokens(self):
        return sum(part.new_tokens + part.output_tokens for part in self.rounds)


def read(path):
    """Sessions of a trace of JSON lines (docs/traces.md, "JSONL: a session per line")."""
    found = []
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip() or line.startswith("#"):
                continue
            try:
                entry = json.loads(line)
                rounds = tuple(
                    Round(max(part["new_tokens"], 1), max(part["output_tokens"], 1),
                          part.get("delay_after_s", 0.0))
                    for part in entry["rounds"])
                found.append(Session(float(entry["arrival_s"]), rounds))
            except (KeyError, TypeError, ValueError) as error:
                raise TraceError(
                    f"{path}, line {number}: expected a session with arrival_s and rounds of new_tokens "
                    f"and output_tokens ({error!r})") from error
    if not found:
        raise TraceError(f"{path}: no sessions")
    return sorted(found, key=lambda session: session.arrival_s)


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
