"""What routing and binding see: the cluster now, or as it was `state_delay` ago."""


class Observation:
    """Queues, running prefills and counted blocks at one time."""

    def __init__(self, time, cluster=None):
        self.time = time
        self.prefill_queued, self.prefill_ends = {}, {}
        self.serving_queued, self.serving_ends = {}, {}
        self.uncounted = {}
        self.rounds = {}
        self.shared_tasks = 0
        if cluster is not None:
            self.note(cluster)

    def note(self, cluster):
        for worker in cluster.prefill_workers:
            self.prefill_queued[worker.index] = worker.queued_work()
            self.prefill_ends[worker.index] = worker.computation_end()
        for worker in cluster.serving_workers:
            self.serving_queued[worker.index] = worker.queued_work()
            self.serving_ends[worker.index] = worker.prefill_end()
            self.uncounted[worker.index] = worker.memory.uncounted
            self.rounds[worker.index] = worker.memory.rounds_under_way()
        self.shared_tasks = len(cluster.shared_queue)

    def backlog(self, queued, ends, index):
        """Prefill queued and the rest of the running one."""
        end = ends.get(index)
        rest = max(0, end - self.time) if end is not None else 0
        return queued.get(index, 0) + rest

    def prefill_backlog(self, worker):
        return self.backlog(self.prefill_queued, self.prefill_ends, worker.index)

    def serving_backlog(self, worker):
        return self.backlog(self.serving_queued, self.serving_ends, worker.index)

    def uncounted_blocks(self, worker):
        return self.uncounted.get(worker.index, worker.memory.capacity)

    def rounds_under_way(self, worker):
        return self.rounds.get(worker.index, 0)


class Noticeboard:
    """Keeps the cluster's states, one for each instant, where anybody looks back."""

    def __init__(self, cluster):
        self.cluster = cluster
        self.delay = cluster.scenario.policy.state_delay
        self.states = [Observation(0)]

    def end_of_instant(self, time):
        if self.delay > 0:
            self.states.append(Observation(time, self.cluster))

    def look(self, now):
        if self.delay == 0:
            return Observation(now, self.cluster)
        seen = [s for s in self.states if s.time <= now - self.delay]
        found = seen[-1] if seen else self.states[0]
        view = Observation(now - self.delay)
        view.prefill_queued, view.prefill_ends = found.prefill_queued, found.prefill_ends
        view.serving_queued, view.serving_ends = found.serving_queued, found.serving_ends
        view.uncounted, view.rounds = found.uncounted, found.rounds
        view.shared_tasks = found.shared_tasks
        return view


class Window:
    """Samples of one worker with the times at which they appeared."""

    def __init__(self, length):
        self.length = length
        self.samples = []

    def add(self, time, value):
        self.samples.append((time, value))

    def mean_at_most(self, limit, time):
        """Whether the mean over (time - length, time] is within a limit; an empty window is."""
        held = [v for t, v in self.samples if time - self.length < t <= time]
        return not held or sum(held) <= limit * len(held)
