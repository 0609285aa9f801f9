"""Asynchronous scheduling: steps that are formed while the ones before them run."""


class Sight:
    """Whom a serving worker sees when it forms a step: at the end of a step that began at
    `limit`, who had come by then; everybody where that is none."""

    def __init__(self, worker):
        self.worker = worker
        scenario = worker.cluster.scenario
        self.is_ahead = scenario.async_scheduling and scenario.policy.token_cap == 0
        self.limit = None

    def sees(self, came):
        return self.limit is None or came <= self.limit

    def joining(self):
        """Complete sequences; those that were computed on the worker itself are always seen."""
        return [
            s for s in self.worker.joining if s.increment_came is None or self.sees(s.increment_came)]

    def look(self, now):
        """Says whom the worker sees as it forms a step."""
        worker = self.worker
        self.limit = worker.started if self.is_ahead and worker.ended == now else None

    def form(self, now):
        """Has the worker form a step; where it finds nothing to compute it sees everybody."""
        worker = self.worker
        while worker.form(now):
            pass
        if self.limit is not None and not worker.decoding and not worker.chunks:
            self.limit = None
            while worker.form(now):
                pass
        if not worker.decoding and not worker.chunks:
            worker.ended = None
