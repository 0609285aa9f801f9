"""KV memory of one serving worker: section "KV memory"."""


class History:
    """An idle entry: what of a conversation stayed on a worker when a round ended there."""

    def __init__(self, session, memory, tokens, blocks):
        self.session = session
        self.memory = memory
        self.tokens = tokens
        self.blocks = blocks


class Memory:
    def __init__(self, cluster, capacity_blocks):
        self.cluster = cluster
        self.capacity = capacity_blocks
        self.bound = []
        self.idle = []

    @property
    def free(self):
        held = self.bound + self.idle
        return self.capacity - sum(each.blocks for each in held)

    @property
    def uncounted(self):
        """Blocks that nobody counts on."""
        return self.capacity - sum(s.counted_blocks for s in self.bound)

    def rounds_under_way(self):
        """Rounds that have been released and have not ended."""
        return sum(s.stage in ("waiting", "active") for s in self.bound)

    def blocks_of_prompts(self):
        """Those of the rounds under way."""
        blocks = self.cluster.scenario.blocks
        return sum(blocks(s.prompt) for s in self.bound if s.stage in ("waiting", "active"))

    def waiting(self):
        """Rounds in a queue that hold memory, last released first."""
        held = [s for s in self.bound if s.stage == "waiting" and s.blocks > 0]
        return sorted(held, key=lambda s: -s.release_order)

    def has_active_blocks(self):
        return any(s.stage == "active" and s.blocks > 0 for s in self.bound)

    # Histories.

    def keep(self, session):
        """The history of a round that has ended becomes idle, behind all others."""
        blocks = self.cluster.scenario.blocks(session.kv_tokens)
        if self.cluster.scenario.retention != "discarded" and blocks > 0:
            entry = History(session, self, session.kv_tokens, blocks)
            self.idle.append(entry)
            session.histories.append(entry)
        self.forget(session)

    def history(self, session):
        """The session's entry here, if there is one."""
        return next((e for e in session.histories if e.memory is self), None)

    def take_back(self, session):
        """What is here of a session is its own again when its next round is released."""
        entry = self.history(session)
        if entry is not None:
            self.drop(entry)
            session.kv_tokens, session.blocks = entry.tokens, entry.blocks

    def drop(self, entry):
        self.idle.remove(entry)
        entry.session.histories.remove(entry)

    # Making room.

    def evictable_idle(self):
        """Idle KV that goes when others need memory, least recently used first."""
        return [] if self.cluster.scenario.retention == "pinned" else list(self.idle)

    def make_room(self, needed, session):
        """Frees memory for a prompt of `session`; false, and nothing changed, where it cannot."""
        return self.room_for(needed, session, evict=True)

    def could_make_room(self, needed, session):
        return self.room_for(needed, session, evict=False)

    def room_for(self, needed, session, evict):
        victims = self.evictable_idle()
        if not self.has_active_blocks():
            victims = self.idle + [s for s in self.waiting() if s is not session]
        if needed > self.free + sum(v.blocks for v in victims):
            return False
        while evict and needed > self.free:
            self.evict(victims.pop(0))
        return True

    def make_room_for_step(self, needed):
        """Frees memory for a decode step; false where all that may go does not suffice."""
        while needed > self.free:
            victims = self.evictable_idle() or self.waiting()
            if not victims:
                return False
            self.evict(victims[0])
        return True

    def evict(self, victim):
        self.cluster.evictions += 1
        if victim in self.idle:
            self.drop(victim)
        else:
            self.forget(victim)

    def forget(self, session):
        session.blocks = 0
        session.kv_tokens = 0
