"""What routing and binding see: the cluster now, or as it was `state_delay` ago."""


class PrefillFace:
    """A prefill worker at one time."""

    def __init__(self, worker):
        self.queued = worker.queued_work()
        self.end = worker.computation_end()
        self.tokens = worker.tokens_under_way()
        self.tasks = len(worker.queue + worker.next + worker.computing)


class ServingFace:
    """A serving worker at one time."""

    def __init__(self, worker):
        self.queued = worker.queued_work()
        self.end = worker.prefill_end()
        self.uncounted = worker.memory.uncounted
        self.rounds = worker.memory.rounds_under_way()
        self.blocks_of_prompts = worker.memory.blocks_of_prompts()


class Observation:
    """All workers, seen at `time`."""

    def __init__(self, cluster):
        self.time = None
        self.prefill = [PrefillFace(worker) for worker in cluster.prefill_workers]
        self.serving = [ServingFace(worker) for worker in cluster.serving_workers]

    def backlog(self, face):
        """Prefill queued and the rest of the running one."""
        return face.queued + max(0, (face.end or 0) - self.time)


class Noticeboard:
    """Keeps the cluster's states, one for each instant, where anybody looks back."""

    def __init__(self, cluster):
        self.cluster = cluster
        self.delay = cluster.scenario.policy.state_delay
        self.states = [(-self.delay, Observation(cluster))]

    def end_of_instant(self, time):
        if self.delay > 0:
            self.states.append((time, Observation(self.cluster)))

    def look(self, now):
        if self.delay == 0:
            seen = Observation(self.cluster)
        else:
            while len(self.states) > 1 and self.states[1][0] <= now - self.delay:
                self.states.pop(0)
            seen = self.states[0][1]
        seen.time = now - self.delay
        return seen


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
