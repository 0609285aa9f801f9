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
        self.sequences = len(worker.batch) + len(worker.joining)
        self.seats = self.sequences + len(worker.unfinished) + len(worker.queue)
        self.prompt_tokens = worker.prompt_tokens_ahead()
        self.members = len(worker.batch) if worker.step == "decode" else 0
        self.step_started, self.step_ends = worker.started, worker.end
        self.is_busy, self.decodes = worker.step is not None, worker.step == "decode"
        self.next_context = sum(s.kv_tokens + 1 for s in worker.batch + worker.joining)

    def has_begun(self, seen):
        """Not a decode step of this very instant, unless the instant is over."""
        is_new = self.decodes and self.step_started == seen.time and not seen.is_past
        return self.is_busy and not is_new

    def wait(self, seen):
        """Until the present step ends."""
        return max(0, self.step_ends - seen.time) if self.has_begun(seen) else 0

    def context(self, seen):
        """What the next step attends to over all sequences."""
        return self.next_context + (self.members if self.has_begun(seen) else 0)


class Observation:
    """All workers, seen at `time`."""

    def __init__(self, cluster):
        self.time = None
        self.is_past = None
        self.prefill = [PrefillFace(worker) for worker in cluster.prefill_workers]
        self.serving = [ServingFace(worker) for worker in cluster.serving_workers]

    def backlog(self, face):
        """Prefill queued and the rest of the running one."""
        return face.queued + (max(0, face.end - self.time) if face.end is not None else 0)


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
        seen.is_past = self.delay > 0
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
