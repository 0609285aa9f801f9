"""KV memory of one serving worker: section "KV memory"."""


class Memory:
    def __init__(self, cluster, capacity_blocks):
        self.cluster = cluster
        self.capacity = capacity_blocks
        self.bound = []
        self.idle = []

    @property
    def free(self):
        return self.capacity - sum(s.blocks for s in self.bound)

    @property
    def uncounted(self):
        """Blocks that nobody counts on."""
        return self.capacity - sum(s.counted_blocks for s in self.bound)

    def rounds_under_way(self):
        """Rounds that have been released and have not ended."""
        return sum(s.stage in ("waiting", "active") for s in self.bound)

    def waiting(self):
        """Rounds in a queue that hold memory, last released first."""
        held = [s for s in self.bound if s.stage == "waiting" and s.blocks > 0]
        return sorted(held, key=lambda s: -s.release_order)

    def has_active_blocks(self):
        return any(s.stage == "active" and s.blocks > 0 for s in self.bound)

    def evictable_idle(self):
        """Idle KV that goes when others need memory, least recently ended first."""
        if self.cluster.scenario.retention == "pinned":
            return []
        return [s for s in self.idle if s.blocks > 0]

    def make_room(self, needed, session):
        """Frees memory for a prompt of `session`; false, and nothing changed, where it cannot."""
        return self.room_for(needed, session, evict=True)

    def could_make_room(self, needed, session):
        return self.room_for(needed, session, evict=False)

    def room_for(self, needed, session, evict):
        victims = self.evictable_idle()
        if not self.has_active_blocks():
            victims = [s for s in self.idle if s.blocks > 0]
            victims += [s for s in self.waiting() if s is not session]
        if needed > self.free + sum(s.blocks for s in victims):
            return False
        while evict and needed > self.free:
            self.evict(victims.pop(0))
        return True

    def make_room_for_step(self, batch, needed):
        """Frees memory for a decode step; returns the sequences that gave everything up."""
        preempted = []
        while needed() > self.free:
            victims = self.evictable_idle() or self.waiting()
            if victims:
                self.evict(victims[0])
            else:
                preempted.append(batch.pop())
                self.forget(preempted[-1])
        return preempted

    def evict(self, session):
        self.cluster.evictions += 1
        self.forget(session)
        if session.stage == "idle":
            self.idle.remove(session)

    def forget(self, session):
        session.blocks = 0
        session.kv_tokens = 0
