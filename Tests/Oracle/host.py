"""Host memory beside a serving worker: section "KV caches", and copies from it."""

from fractions import Fraction

from costs import TICKS_PER_NANOSECOND, nearest


class HostCosts:
    """How long copies take, in double precision in the order of the text."""

    def __init__(self, document):
        self.capacity_tokens = document["capacity_tokens"]
        self.latency = document["latency_ns"]
        self.bytes_per_token = document["bytes_per_token"]
        self.bandwidth = document["bytes_per_second"]

    def per_token(self, degree):
        return float(self.bytes_per_token) * (1e9 / float(self.bandwidth)) / float(degree)

    def time(self, tokens, degree):
        return nearest(Fraction(float(self.latency) + float(tokens) * self.per_token(degree)))


class HostMemory:
    """What the GPUs had no room for, in the order in which it came: tokens and blocks of histories
    by the numbers of their sessions, shared segments by theirs, told apart by a word."""

    def __init__(self, worker):
        self.worker = worker
        self.scenario = worker.cluster.scenario
        self.costs = self.scenario.host
        tokens = self.costs.capacity_tokens if self.costs else 0
        self.capacity = tokens // self.scenario.block_size
        self.entries = {}
        self.copies_end = 0
        self.copied = []

    def take(self, session, tokens, blocks):
        """A history that is evicted is here at once, where there can be room for it."""
        if 0 < blocks <= self.capacity:
            self.put(session.index, tokens, blocks)

    def put(self, key, tokens, blocks):
        while sum(b for _, b in self.entries.values()) + blocks > self.capacity:
            del self.entries[next(iter(self.entries))]
        self.entries[key] = tokens, blocks

    def take_segment(self, segment):
        """A shared segment that is evicted; if it is here it comes anew."""
        if self.has_segment(segment.index):
            self.use_segment(segment.index)
        elif self.costs and segment.blocks <= self.capacity:
            self.put(("segment", segment.index), 0, segment.blocks)

    def has_segment(self, index):
        return ("segment", index) in self.entries

    def use_segment(self, index):
        key = ("segment", index)
        self.entries[key] = self.entries.pop(key)

    def has_room_beside_histories(self, blocks):
        histories = sum(
            b for key, (_, b) in self.entries.items() if not isinstance(key, tuple))
        return histories + blocks <= self.capacity

    def tokens_moved_in(self, ticks):
        """Whole tokens whose bytes could come here in a time, in double precision."""
        if not self.costs:
            return 0
        per_token = self.costs.per_token(self.worker.costs.degree)
        return int(float(Fraction(ticks, TICKS_PER_NANOSECOND)) / per_token)

    def tokens(self, session):
        return self.entries.get(session.index, (0, 0))[0]

    def forget(self, session):
        self.entries.pop(session.index, None)

    def shorten(self, session, kept):
        """A prompt keeps only the first tokens of its history, and so does what is here of it."""
        tokens, blocks = self.entries.get(session.index, (0, 0))
        if tokens > kept:
            left = self.scenario.blocks_left(tokens, blocks, kept, session.script)
            self.entries[session.index] = kept, left
            if left == 0:
                self.forget(session)

    def copies(self, session, now, is_local):
        """Copies what the GPUs lack of a round that was let in, to be prefilled here or elsewhere,
        behind the copies under way; false where they lack nothing."""
        if session.to_copy == 0:
            return False
        self.worker.cluster.loaded_tokens += session.to_copy
        start = max(now, self.copies_end)
        self.copies_end = start + self.costs.time(session.to_copy, self.worker.costs.degree)
        session.is_copied_for_step = is_local
        self.worker.cluster.schedule(self.copies_end, "copy", session)
        return True

    def copy_ended(self, session, now):
        if not session.is_copied_for_step:
            self.worker.cluster.admitted(session, now)
            return
        session.copied_at = now
        self.copied.append(session)
        self.worker.has_news = True

    def no_longer_waits(self, session):
        if session in self.copied:
            self.copied.remove(session)

    def seen(self):
        """Rounds that wait for a step after their copy."""
        return [s for s in self.copied if self.worker.sight.sees(s.copied_at)]
