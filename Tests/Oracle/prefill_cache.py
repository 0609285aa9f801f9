"""Prompts that a prefill worker keeps: `history_source: prefill_cache`."""


class PrefillCache:
    """Whole blocks of prompts by session; the one that was used longest ago is the first."""

    def __init__(self, scenario, capacity_tokens):
        self.scenario = scenario
        size = scenario.block_size
        self.capacity = float("inf") if capacity_tokens is None else capacity_tokens // size
        self.blocks = {}

    def tokens(self, session):
        """What is here of a round's prompt, at most the whole blocks before its last token."""
        before_last = (session.to_prefill - 1) // self.scenario.block_size
        kept = self.blocks.get(session.index, 0)
        return min(kept, before_last) * self.scenario.block_size

    def use(self, session):
        if session.index in self.blocks:
            self.blocks[session.index] = self.blocks.pop(session.index)

    def keep(self, session):
        """Keeps the prompt that was computed, if there can be room for it."""
        blocks = session.to_prefill // self.scenario.block_size
        self.forget(session)
        if not 0 < blocks <= self.capacity:
            return
        while sum(self.blocks.values()) + blocks > self.capacity:
            del self.blocks[next(iter(self.blocks))]
        self.blocks[session.index] = blocks

    def forget(self, session):
        self.blocks.pop(session.index, None)
