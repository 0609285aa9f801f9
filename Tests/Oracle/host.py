"""Host memory beside a serving worker: section "KV caches", and copies from it."""

from fractions import Fraction

from costs import nearest


class HostCosts:
    """How long copies take, in double precision in the order of the text."""

    def __init__(self, document):
        self.capacity_tokens = document["capacity_tokens"]
        self.latency = document["latency_ns"]
        self.bytes_per_token = document["bytes_per_token"]
        self.bandwidth = document["bytes_per_second"]

    def time(self, tokens, degree):
        per_token = float(self.bytes_per_token) * (1e9 / float(self.bandwidth)) / float(degree)
        return nearest(Fraction(float(self.latency) + float(tokens) * per_token))


class HostMemory:
    """Histories that the GPUs had no room for, in the order in which they came."""

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
        if not 0 < blocks <= self.capacity:
            return
        while sum(b for _, b in self.entries.values()) + blocks > self.capacity:
            del self.entries[next(iter(self.entries))]
        self.entries[session.index] = tokens, blocks

    def tokens(self, session):
        return self.entries.get(session.index, (0, 0))[0]

    def forget(self, session):
        self.entries.pop(session.index, None)

    def copies(self, session, now):
        """Copies what the GPUs lack of the history of a round that was let in, behind the copies
        under way; false where they lack nothing."""
        if session.to_copy == 0:
            return False
        self.worker.cluster.loaded_tokens += session.to_copy
        start = max(now, self.copies_end)
        self.copies_end = start + self.costs.time(session.to_copy, self.worker.costs.degree)
        self.worker.cluster.schedule(self.copies_end, "copy", session)
        return True

    def copy_ended(self, session, now):
        if not session.is_local:
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
