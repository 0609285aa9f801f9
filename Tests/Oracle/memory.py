"""KV memory of one serving worker: section "KV memory"."""

from pins import WITHOUT_END
from segments import SharedSegments


class History:
    """What of a conversation stayed on a worker when a round ended there, idle or pinned."""

    def __init__(self, session, memory, now):
        self.session = session
        self.memory = memory
        self.tokens = session.kv_tokens
        self.blocks = memory.cluster.scenario.blocks(self.tokens, session.script) - session.used_blocks
        self.since = now
        self.moved = 0

    def shorten(self, tokens):
        """Leaves the first tokens; false where no block of its own is left."""
        scenario = self.memory.cluster.scenario
        self.blocks = scenario.blocks_left(self.tokens, self.blocks, tokens, self.session.script)
        self.tokens = tokens
        self.moved = min(self.moved, tokens)
        return self.blocks > 0



class Memory:
    def __init__(self, worker, capacity_blocks, host):
        self.worker = worker
        self.cluster = worker.cluster
        self.host = host
        self.capacity = capacity_blocks
        self.bound = []
        self.idle = []
        self.pinned = []
        self.shared = SharedSegments(self)

    @property
    def free(self):
        histories = [each for each in self.idle if isinstance(each, History)]
        held = self.bound + histories + self.pinned + list(self.shared.here.values())
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
        return sum(blocks(s.prompt, s.script) for s in self.bound if s.stage in ("waiting", "active"))

    def waiting(self):
        """Rounds in a queue that hold memory, last released first."""
        held = [s for s in self.bound if s.stage == "waiting" and s.blocks > 0]
        return sorted(held, key=lambda s: -s.release_order)

    def has_active_blocks(self):
        own = any(s.stage == "active" and s.blocks > 0 for s in self.bound)
        return own or any(s.users > 0 and s.blocks > 0 for s in self.shared.here.values())

    # Histories.

    def keep(self, session, now, pin):
        """The history of a round that has ended is pinned for a time, or becomes idle."""
        entry = History(session, self, now)
        if self.cluster.scenario.retention != "discarded" and entry.blocks > 0:
            session.histories.append(entry)
            (self.pinned if pin > 0 else self.idle).append(entry)
            if 0 < pin < WITHOUT_END:
                self.cluster.schedule(now + pin, "pin_end", entry)
        self.forget(session)

    def unpin(self, entry, now):
        """A pin ends: the history becomes idle, behind all others."""
        self.pinned.remove(entry)
        self.idle.append(entry)
        self.worker.memory_is_free(now)

    def history(self, session):
        """The session's entry here, if there is one."""
        return next((e for e in session.histories if e.memory is self), None)

    def take_back(self, session):
        """What is here of a session is its own again when its next round is released."""
        entry = self.history(session)
        session.is_pinned = entry in self.pinned
        if entry is not None:
            self.drop(entry)
            session.kv_tokens, session.blocks = entry.tokens, entry.blocks
        elif session.round > 0:
            found = self.shared.hit(session)
            shared = self.shared.end(found[-1].index) if found else 0
            session.lost_history = shared < session.history

    def shorten(self, session, kept, now):
        """A prompt keeps only the first tokens of its history, and so does the entry here."""
        entry = self.history(session)
        if entry is None or entry.tokens <= kept:
            return
        if not entry.shorten(kept):
            self.drop(entry)
        self.worker.memory_is_free(now)

    def drop(self, entry):
        if entry in self.pinned:
            self.pinned.remove(entry)
            self.cluster.cancel(entry)
        else:
            self.idle.remove(entry)
        if isinstance(entry, History):
            entry.session.histories.remove(entry)
        else:
            del self.shared.here[entry.index]

    def resident(self, session):
        """Tokens of the prompt of a round in a queue that are here or in host memory, its own or
        shared."""
        return self.shared.resident(session, session.kv_tokens or self.host.tokens(session))

    def lacks(self, session):
        """Tokens that a round would have to copy from host memory if it were let in."""
        if session.stage == "active":
            return 0
        found = self.shared.tokens([segment.index for segment in self.shared.hit(session)])
        reached = self.shared.tokens(self.shared.reach(session))
        return reached - found + max(0, session.resident - max(session.kv_tokens, reached))

    def missing(self, session, tokens):
        """Blocks that a round still needs for itself to hold so much of its prompt."""
        found = sum(segment.blocks for segment in self.shared.hit(session))
        return max(0, self.cluster.scenario.blocks_in_service(tokens, session.script) - found) - session.blocks

    def let_in(self, session, tokens):
        """Takes the blocks for so much of a prompt and uses what was found; false where it cannot."""
        missing = self.missing(session, tokens)
        if not self.room_for(missing, session, evict=False):
            return False
        session.to_copy = self.lacks(session)
        used = self.shared.reach(session)[len(self.shared.hit(session)):]
        session.kv_tokens = session.resident
        self.host.forget(session)
        for index in reversed(used):
            self.host.use_segment(index)
        self.room_for(missing, session, evict=True)
        for segment in self.shared.hit(session):
            self.shared.use(segment, session)
        session.blocks += missing
        session.stage = "active"
        session.is_pinned = False
        return True

    # Making room.

    def evictable_idle(self):
        """Idle KV that goes when others need memory, least recently used first."""
        return [] if self.cluster.scenario.retention == "pinned" else list(self.idle)

    def pins(self):
        """Pinned histories in the order in which they give way."""
        return sorted(self.pinned, key=lambda each: -each.session.index)

    def could_let_in(self, session, tokens):
        return self.room_for(self.missing(session, tokens), session, evict=False)

    def room_for(self, needed, session, evict):
        """Frees memory for a prompt; false, and nothing changed, where it cannot."""
        victims = self.evictable_idle()
        if not self.has_active_blocks():
            waiting = [s for s in self.waiting() if s is not session]
            victims = self.idle + self.pins() + waiting
        found = self.shared.hit(session)
        victims = [victim for victim in victims if victim not in found]
        if needed > self.free + sum(v.blocks for v in victims):
            return False
        while evict and needed > self.free:
            self.evict(victims.pop(0))
        return True

    def make_room_for_step(self, needed, in_service):
        """Frees memory for a decode step; false where all that may go does not suffice."""
        while needed > self.free:
            victims = self.evictable_idle() or [s for s in self.waiting() if not s.is_pinned]
            if not victims and in_service <= 1:
                victims = self.pins() or self.waiting()
            if not victims:
                return False
            self.evict(victims[0])
        return True

    def evict(self, victim):
        if victim not in self.shared.here.values():
            self.cluster.evictions += 1
        if isinstance(victim, History):
            self.host.take(victim.session, victim.tokens, victim.blocks)
        elif victim in self.shared.here.values():
            self.host.take_segment(victim)
        else:
            self.host.take(victim, victim.kv_tokens, victim.blocks)
        if victim in self.idle or victim in self.pinned:
            self.drop(victim)
        else:
            victim.lost_history = True
            self.forget(victim)

    def forget(self, session):
        """The round has nothing here any more; segments that nobody else uses become idle."""
        session.blocks = 0
        session.kv_tokens = 0
        session.is_pinned = False
        self.shared.leave(session)
