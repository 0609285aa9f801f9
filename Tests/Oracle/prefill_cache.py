"""Prompts that a prefill worker keeps: `history_source: prefill_cache`."""


class PrefillCache:
    """Whole blocks of prompts, used longest ago first: by the numbers of their sessions what these
    have alone, and shared segments by theirs, told apart by a word.

    An entry is its blocks and the tokens of the prompt up to its end.
    """

    def __init__(self, scenario, capacity_tokens):
        self.scenario = scenario
        size = scenario.block_size
        self.capacity = float("inf") if capacity_tokens is None else capacity_tokens // size
        self.entries = {}

    def whole(self, tokens):
        return tokens // self.scenario.block_size * self.scenario.block_size

    def segments(self, session):
        """Those that are here, from the first on, and end before the last token."""
        found = []
        for index in self.scenario.shared_beginning(session):
            end = self.scenario.end_of_segment(index)
            if ("segment", index) not in self.entries or end >= session.to_prefill:
                break
            found.append(index)
        return found

    def tokens(self, session):
        """What is here of a round's prompt, at most the whole blocks before its last token."""
        found = self.segments(session)
        shared = self.scenario.end_of_segment(found[-1]) if found else 0
        if len(found) < len(self.scenario.shared_beginning(session)):
            return shared
        _, own = self.entries.get(session.index, (0, 0))
        return max(shared, min(own, self.whole(session.to_prefill - 1)))

    def use(self, session):
        """First what is the session's own, then its segments, the last first."""
        self.touch(session.index)
        for index in reversed(self.segments(session)):
            self.touch(("segment", index))

    def touch(self, key):
        if key in self.entries:
            self.entries[key] = self.entries.pop(key)

    def keep(self, session):
        """Keeps the prompt that was computed, if there can be room for it."""
        size = self.scenario.block_size
        self.forget(session)
        whole = self.whole(session.to_prefill)
        if not 0 < whole // size <= self.capacity:
            return
        shared = {
            ("segment", index): (self.scenario.blocks_of_segment(index), end)
            for index in self.scenario.shared_beginning(session)
            if (end := self.scenario.end_of_segment(index)) <= whole}
        rest = (whole - max((end for _, end in shared.values()), default=0)) // size
        for key in reversed(shared):
            self.touch(key)
        missing = sum(blocks for key, (blocks, _) in shared.items() if key not in self.entries)
        while sum(blocks for blocks, _ in self.entries.values()) + rest + missing > self.capacity:
            del self.entries[next(iter(self.entries))]
        if rest > 0:
            self.entries[session.index] = rest, whole
        for key in reversed(shared):
            self.entries.pop(key, None)
            self.entries[key] = shared[key]

    def forget(self, session):
        self.entries.pop(session.index, None)

    def shorten(self, session, kept):
        """A prompt keeps only the first tokens of its history, and so does what is here of it."""
        rest, whole = self.entries.get(session.index, (0, 0))
        if whole > self.whole(kept):
            left = rest - (whole - self.whole(kept)) // self.scenario.block_size
            self.entries[session.index] = left, self.whole(kept)
            if left <= 0:
                self.forget(session)
