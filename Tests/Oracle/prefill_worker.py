"""A prefill worker: section "Prefill workers"."""

import reordering
from costs import nearest


class PrefillWorker:
    def __init__(self, cluster, index, costs, node):
        self.cluster = cluster
        self.index = index
        self.costs = costs
        self.node = node
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
        if self.cluster.scenario.history_source == "recompute":
            return (0, session.to_prefill)
        return (session.resident, session.increment)

    def tokens_to_read(self, session):
        return 0 if self.cluster.scenario.history_source == "recompute" else session.resident

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
        self.end = now + nearest(self.costs.prefill([self.work(s) for s in self.computing]))
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
            tokens = self.tokens_to_read(session)
            if tokens > 0:
                self.reads_missing += 1
                self.cluster.transfers.ask("history", self, tokens, session.worker, self, now)

    def take(self):
        scenario = self.cluster.scenario
        taken, tokens = [], 0
        queue = self.waiting_tasks()
        while queue:
            tokens += self.work(queue[0])[1]
            if taken and scenario.prefill_batch_tokens is None:
                if len(taken) >= (scenario.prefill_batch_tasks or 1):
                    break
            elif taken and tokens > scenario.prefill_batch_tokens:
                break
            taken.append(queue.pop(0))
            taken[-1].target = self
        return taken

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
            if self.cluster.scenario.first_token_site == "prefill_direct":
                self.cluster.show_token(session, now, None)
            self.cluster.transfers.ask(
                "increment", session, missing, self, session.worker, now)

    def history_arrived(self):
        self.reads_missing -= 1
