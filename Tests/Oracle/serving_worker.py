"""A serving worker: section "Serving workers"."""

import reordering
from costs import TICKS_PER_NANOSECOND, nearest, whole_nanoseconds
from memory import Memory


class ServingWorker:
    def __init__(self, cluster, index, costs, node, capacity_tokens):
        self.cluster = cluster
        self.index = index
        self.costs = costs
        self.node = node
        self.capacity_tokens = capacity_tokens
        self.memory = Memory(cluster, capacity_tokens // cluster.scenario.block_size)
        self.memory_queue = []
        self.queue = []
        self.joining = []
        self.batch = []
        self.prefilling = []
        self.first_local_waits_for_memory = False
        self.has_news = False
        self.step = None
        self.end = None
        self.end_ticks = None
        self.last_decode_end_ticks = None
        self.itl_window = None

    # What others see.

    def queued_work(self):
        return sum(s.expected for s in self.queue)

    def prefill_end(self):
        return self.end if self.step == "prefill" else None

    # Queues.

    def enqueue(self, session, now, first=False):
        session.queued_at = now
        session.expected = nearest(self.costs.prefill([(session.kv_tokens, session.increment)]))
        session.expected_transfers = 0
        session.postponements = 0
        self.has_news = True
        self.queue.insert(0 if first else len(self.queue), session)

    def missing_blocks(self, session):
        """Blocks that a whole prompt still needs before it is computed here."""
        return self.cluster.scenario.blocks(session.to_prefill) - session.blocks

    def missing_blocks_remote(self, session):
        """For a prompt that is computed elsewhere: all but its last position."""
        tokens = session.to_prefill
        if self.cluster.scenario.first_token_site == "decode":
            tokens -= 1
        return max(0, self.cluster.scenario.blocks(tokens) - session.blocks)

    def admit(self, now):
        """Lets rounds for prefill workers in, first come first served."""
        while self.memory_queue and not self.first_local_waits_for_memory:
            session = self.memory_queue[0]
            missing = self.missing_blocks_remote(session)
            if not self.memory.make_room(missing, session):
                return
            session.blocks += missing
            self.memory_queue.pop(0)
            session.stage = "active"
            session.admitted = now
            self.cluster.admitted(session, now)

    # Steps.

    def begin(self, now):
        """Starts a step if one can start; true where one did."""
        if self.step is not None or not self.has_news:
            return False
        self.has_news = False
        if self.take_prompts(now):
            self.prefill(now)
        else:
            self.join()
            preempted = self.grow(now)
            if not self.batch:
                self.has_news = bool(preempted)
                return self.has_news
            self.decode(now)
        self.admit(now)
        return True

    def seats(self):
        """Seats that are free."""
        return self.cluster.scenario.max_sequences - len(self.batch)

    def seats_for_prompts(self):
        """Those that nobody who waits for one will take."""
        return self.seats() - len(self.joining) - len(self.prefilling)

    def take_prompts(self, now):
        self.first_local_waits_for_memory = False
        if not self.queue or self.seats_for_prompts() <= 0:
            return False
        if self.cluster.scenario.policy.reorders and not self.reorder(now):
            self.first_local_waits_for_memory = True
            return False
        tokens = 0
        while self.queue and self.seats_for_prompts() > 0:
            session = self.queue[0]
            tokens += session.increment
            if self.prefilling and tokens > self.cluster.scenario.token_budget:
                break
            missing = self.missing_blocks(session)
            if not self.memory.make_room(missing, session):
                self.first_local_waits_for_memory = True
                break
            session.blocks += missing
            session.stage = "active"
            if session.generated == 0:
                session.prefill_started = now
            self.prefilling.append(self.queue.pop(0))
        return bool(self.prefilling)

    def reorder(self, now):
        """Orders the queue; false, and nothing changed, where its new first has no memory."""
        scenario = self.cluster.scenario
        tasks = [
            reordering.Task(s, now) for s in self.queue[: scenario.policy["reorder_window"]]]
        order = reordering.best_order(
            tasks, 0, scenario.ttft_target, scenario.policy["max_postponements"])
        first = tasks[order[0]].session
        if not self.memory.could_make_room(self.missing_blocks(first), first):
            return False
        reordering.reorder(self.queue, tasks, order)
        return True

    def prefill(self, now):
        work = [(s.kv_tokens, s.increment) for s in self.prefilling]
        self.step = "prefill"
        self.end = now + nearest(self.costs.prefill(work))
        self.cluster.schedule(self.end, "step_end", self)

    def join(self):
        while self.joining and self.seats() > 0:
            self.batch.append(self.joining.pop(0))

    def growth(self):
        blocks = self.cluster.scenario.blocks
        return sum(max(0, blocks(s.kv_tokens + 1) - s.blocks) for s in self.batch)

    def grow(self, now):
        """Takes the blocks that the next decode step needs."""
        preempted = self.memory.make_room_for_step(self.batch, self.growth)
        for session in preempted:
            self.cluster.preempted(session, now)
            self.first_local_waits_for_memory = True
        for session in self.batch:
            session.blocks = max(
                session.blocks, self.cluster.scenario.blocks(session.kv_tokens + 1))
        return preempted

    def decode(self, now):
        start = now * TICKS_PER_NANOSECOND
        last = self.last_decode_end_ticks
        if last is not None and whole_nanoseconds(last) == now:
            start = last
        context = sum(s.kv_tokens + 1 for s in self.batch)
        self.step = "decode"
        self.end_ticks = start + self.costs.decode_ticks(len(self.batch), context)
        self.end = whole_nanoseconds(self.end_ticks)
        self.cluster.schedule(self.end, "step_end", self)

    def step_ended(self, now):
        step, self.step = self.step, None
        self.has_news = True
        if step == "prefill":
            done, self.prefilling = self.prefilling, []
            exact = now * TICKS_PER_NANOSECOND
        else:
            done, self.batch = self.batch, []
            exact = self.last_decode_end_ticks = self.end_ticks
        for session in done:
            if step == "prefill":
                session.kv_tokens = session.to_prefill
                if session.generated == 0:
                    session.prefill_ended = now
            else:
                session.kv_tokens += 1
            self.cluster.show_token(session, now, exact)
        for session in done:
            if session.generated < session.output_tokens:
                (self.joining if step == "prefill" else self.batch).append(session)
        for session in done if step == "prefill" else sorted(done, key=lambda s: s.index):
            if session.generated == session.output_tokens:
                self.cluster.round_ended(session, now)
