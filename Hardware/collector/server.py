"""Continuous batching with prefill first: the loop that serves sessions and writes down its times."""

import collections
import dataclasses
import heapq
import random
import time

from output import milli


@dataclasses.dataclass
class Live:
    """A session that is being served; its slot keeps its tokens from the first round to the last."""

    number: int
    session: object
    slot: int = -1
    round: int = 0
    cached: int = 0
    release_s: float = 0.0
    start_s: float = 0.0
    token: int = 0
    times: list = dataclasses.field(default_factory=list)

    @property
    def current(self):
        return self.session.rounds[self.round]


class Server:
    """Serves sessions at their arrival times and returns one record per round.

    A waiting round is prefilled before any decode step goes on: first come, first served, together with
    others up to `token_budget` tokens. Up to `max_sequences` rounds decode together. A session without a
    slot waits for one.
    """

    def __init__(self, engine, slots, token_budget, max_sequences, vocabulary):
        self.engine, self.token_budget, self.max_sequences = engine, token_budget, max_sequences
        self.free = list(range(1, slots))
        self.chance = random.Random(5)
        self.vocabulary = vocabulary
        self.records, self.steps = [], []
        self.slot_waits = 0

    def serve(self, sessions):
        """All rounds of all sessions; arrivals count from the call."""
        self.releases = [
            (session.arrival_s, number, Live(number, session)) for number, session in enumerate(sessions)]
        heapq.heapify(self.releases)
        self.waiting, self.running = collections.deque(), []
        self.origin = time.perf_counter()
        while self.releases or self.waiting or self.running:
            self.admit(self.now())
            batch = self.next_prefill()
            if batch:
                self.prefill(batch)
            elif self.running:
                self.decode()
            else:
                self.sleep()
        return self.records

    def now(self):
        return time.perf_counter() - self.origin

    def sleep(self):
        """Waits for the next release: sleeps, and for the last half millisecond watches the clock."""
        gap = self.releases[0][0] - self.now()
        if gap > 0.001:
            time.sleep(gap - 0.0005)

    def admit(self, now):
        while self.releases and self.releases[0][0] <= now:
            release, _, live = heapq.heappop(self.releases)
            live.release_s = release
            self.waiting.append(live)

    def next_prefill(self):
        batch, tokens = [], 0
        seats = self.max_sequences - len(self.running)
        while self.waiting and len(batch) < seats:
            live = self.waiting[0]
            new = live.current.new_tokens
            if batch and tokens + new > self.token_budget:
                break
            if live.slot < 0:
                if not self.free:
                    self.slot_waits += 1
                    break
                live.slot = self.free.pop()
            batch.append(self.waiting.popleft())
            tokens += new
        return batch

    def prefill(self, batch):
        start = self.now()
        sequences = []
        for live in batch:
            live.start_s = start
            new = [self.chance.randrange(self.vocabulary) for _ in range(live.current.new_tokens)]
            sequences.append((new, live.cached, live.slot))
        tokens = self.engine.prefill(sequences)
        end = self.now()
        for live, token in zip(batch, tokens):
            live.cached += live.current.new_tokens
            live.token, live.times = token, [end]
            self.running.append(live)
        self.note("prefill", start, end, batch, [len(new) for new, _, _ in sequences])
        self.leave()

    def decode(self):
        start = self.now()
        running = list(self.running)
        tokens = self.engine.decode([(live.token, live.cached, live.slot) for live in running])
        end = self.now()
        for live, token in zip(running, tokens):
            live.cached += 1
            live.token = token
            live.times.append(end)
        self.note("decode", start, end, running, None)
        self.leave()

    def note(self, kind, start, end, batch, new):
        step = {
            "kind": kind, "start_ms": milli(start), "end_ms": milli(end),
            "device_ms": round(self.engine.device_us / 1e3, 4), "sequences": len(batch),
            "cached": sum(live.cached for live in batch)}
        if new:
            step["new"] = new
        self.steps.append(step)

    def leave(self):
        """Ends rounds that have all their tokens and releases the next one of their sessions."""
        staying = []
        for live in self.running:
            if len(live.times) < live.current.output_tokens:
                staying.append(live)
            else:
                self.finish(live)
        self.running = staying

    def finish(self, live):
        current, first, last = live.current, live.times[0], live.times[-1]
        gaps = [round((b - a) * 1e3, 3) for a, b in zip(live.times, live.times[1:])]
        # The last token has been read, but nothing has been computed for it: the next prompt carries it.
        prompt = live.cached - (len(live.times) - 1)
        self.records.append({
            "session": live.number, "round": live.round, "release_ms": milli(live.release_s),
            "prefill_start_ms": milli(live.start_s), "first_token_ms": milli(first),
            "finish_ms": milli(last), "new_tokens": current.new_tokens, "prompt_tokens": prompt,
            "output_tokens": current.output_tokens, "ttft_ms": milli(first - live.release_s),
            "itl_ms": gaps})
        live.round += 1
        if live.round < len(live.session.rounds):
            heapq.heappush(self.releases, (last + current.delay_s, live.number, live))
        else:
            self.free.append(live.slot)
