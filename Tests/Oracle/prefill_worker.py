"""A prefill worker: section "Prefill workers"."""

import reordering
from costs import nearest
from prefill_cache import PrefillCache


class PrefillWorker:
    def __init__(self, cluster, index, costs, node, capacity_tokens):
        self.cluster = cluster
        self.index = index
        self.costs = costs
        self.node = node
        self.cache = PrefillCache(cluster.scenario, capacity_tokens)
        self.queue = []
        self.next = []
        self.reads_missing = 0
        self.computing = []
        self.end = None
        self.ttft_window = None

    # What a task costs here.

    def computation(self, session):
        return self.costs.prefill([self.work(session)])

    def work(self, session):
        """History and increment of the step that computes a task."""
        source = self.cluster.scenario.history_source
        if source == "read_from_decode":
            read = self.tokens_to_read(session)
            return (read, session.to_prefill - read)
        found = 0
        if source == "prefill_cache":
            is_routed = session.found is None
            found = self.cache.tokens(session) if is_routed else session.found
        return (found, session.to_prefill - found)

    def tokens_to_read(self, session):
        scenario = self.cluster.scenario
        is_long = session.resident >= scenario.least_history_read
        reads = scenario.history_source == "read_from_decode" and is_long
        return session.resident if reads else 0

    def transfers(self, session):
        """T_kv of the history there and of the increment back."""
        time = self.cluster.scenario.transfer.time
        there = time(self.tokens_to_read(session), session.worker, self)
        return there + time(session.increment, self, session.worker)

    # What others see.

    def queued_work(self):
        return sum(s.expected for s in self.queue + self.next)

    def tokens_under_way(self):
        """Increments that wait, are selected or are computed."""
        return sum(self.work(s)[1] for s in self.queue + self.next + self.computing)

    def computation_end(self):
        return self.end if self.computing else None

    # What happens.

    def enqueue(self, session, now):
        session.queued_at = now
        session.found = self.cache.tokens(session)
        session.expected = nearest(self.computation(session))
        session.expected_transfers = self.transfers(session)
        session.postponements = 0
        self.queue.append(session)

    def begin(self, now):
        """Starts what can start; true where something did."""
        began = False
        if not self.computing and self.next and self.reads_missing == 0:
            self.compute(now)
            began = True
        may_commit = not self.computing or self.cluster.scenario.policy.reads_ahead
        if may_commit and not self.next and self.waiting_tasks():
            self.commit(now)
            began = True
        return began

    def waiting_tasks(self):
        """The queue that the worker takes its next task from."""
        if not self.cluster.scenario.policy.shares_queue:
            return self.queue
        return [] if self.computing else self.cluster.shared_queue

    def compute(self, now):
        self.computing, self.next = self.next, []
        work = [self.work(s) for s in self.computing]
        self.end = now + nearest(
            self.costs.prefill_on_ranks(work, self.cluster.scenario.prefill_ranks))
        for session in self.computing:
            session.prefill_started = now
        self.cluster.schedule(self.end, "computation_end", self)

    def commit(self, now):
        """Selects the next task and has its history read."""
        if self.cluster.scenario.policy.reorders:
            self.reorder(now)
        self.next = self.take()
        for session in self.next:
            session.stage = "active"
            self.cache.use(session)
            tokens = self.tokens_to_read(session)
            if tokens > 0:
                self.reads_missing += 1
                self.cluster.transfers.ask("history", self, tokens, session.worker, self, now)

    def take(self):
        taken, tokens = [], 0
        queue = self.waiting_tasks()
        while queue:
            session = queue[0]
            queued, session.found = session.found, self.cache.tokens(session)
            tokens += self.work(session)[1]
            if taken and not self.has_room(len(taken), tokens):
                session.found = queued
                break
            taken.append(queue.pop(0))
            session.target = self
        return taken

    def has_room(self, tasks, tokens):
        """Whether a task may go with others before it; the tokens are those of all."""
        scenario = self.cluster.scenario
        ranks = scenario.prefill_ranks
        if scenario.prefill_batch_tokens is None:
            return tasks < (scenario.prefill_batch_tasks or 1) * ranks
        return tokens <= scenario.prefill_batch_tokens * ranks

    def reorder(self, now):
        policy = self.cluster.scenario.policy
        tasks = [reordering.Task(s, now) for s in self.queue[: policy["reorder_window"]]]
        rest = self.end - now if self.computing else 0
        order = reordering.best_order(
            tasks, rest, self.cluster.scenario.ttft_target, policy["max_postponements"])
        reordering.reorder(self.queue, tasks, order)

    def computation_ended(self, now):
        done, self.computing = self.computing, []
        for session in done:
            session.prefill_ended = now
            missing = session.increment
            self.cache.keep(session)
            if self.cluster.scenario.first_token_site == "prefill_direct":
                self.cluster.show_token(session, now, None)
            self.cluster.transfers.ask(
                "increment", session, missing, self, session.worker, now)

    def history_arrived(self):
        self.reads_missing -= 1
