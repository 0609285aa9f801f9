"""Prompts that wait while an engine decodes: sections "Balanced prompts", "Pooled prompts" and "Rounds
that are received"."""

import pins


class Gate:
    """What the engine whose first rank is `worker` counts."""

    def __init__(self, worker):
        scenario = worker.cluster.scenario
        self.worker = worker
        self.is_tied = scenario.data_parallel_ranks > 1
        self.rule = scenario.prompt_balance if self.is_tied else scenario.prompt_pooling
        self.interval = scenario.receive_interval
        self.holds_prompts = False
        self.waited = 0
        self.gathered = 0
        self.since_look = 0

    def form(self, now):
        """Has all ranks form their steps, with their prompts or without."""
        ranks = self.worker.ranks
        for rank in ranks:
            pins.judge(rank, now)
            rank.sight.look(now)
            if self.is_looking_first() and not prompts(rank) and not sequences(rank):
                rank.sight.limit = None
            if not self.is_looking_first():
                rank.sight.form(now)
        if not self.is_looking_first():
            return
        self.holds_prompts = self.decides_to_hold()
        for rank in ranks:
            rank.sight.form(now)
        if self.holds_prompts and not any(rank.decoding or rank.chunks for rank in ranks):
            self.holds_prompts = False
            self.waited = self.since_look = 0
            for rank in ranks:
                rank.sight.form(now)
        if not any(rank.decoding or rank.chunks for rank in ranks):
            self.since_look = 0
        elif any(rank.chunks for rank in ranks):
            self.since_look = self.interval

    def is_looking_first(self):
        """Whether prompts can have to wait, so that what there is counts before steps are formed."""
        return self.interval > 1 or self.rule

    def waits_to_be_received(self):
        ranks = self.worker.ranks
        looks = (
            self.since_look == 0 or self.since_look >= self.interval
            or not any(sequences(rank) for rank in ranks) or any(rank.unfinished for rank in ranks))
        self.since_look = 1 if looks else self.since_look + 1
        return not looks

    def decides_to_hold(self):
        if self.interval > 1:
            return self.waits_to_be_received()
        all_decode = all(sequences(rank) for rank in self.worker.ranks)
        all_compute = all(prompts(rank) for rank in self.worker.ranks)
        if not self.is_tied:
            return self.pools(all_decode and all_compute)
        if all_compute:
            self.waited = 0
            if not all_decode:
                return False
            if self.gathered < self.rule["gathering"]:
                self.gathered += 1
                return True
            self.gathered = 0
            return False
        self.waited += 1
        if all_decode and self.waited < self.rule["patience"]:
            return True
        self.waited = 0
        return False

    def pools(self, may_wait):
        if not may_wait:
            return False
        tokens = sum(session.to_prefill for session in prompts(self.worker, whole=True))
        tokens += len(sequences(self.worker))
        bound = self.rule["share"] * self.worker.cluster.scenario.token_budget
        if self.waited < self.rule["steps"] and tokens < bound:
            self.waited += 1
            return True
        self.waited = 0
        return False


def prompts(worker, whole=False):
    """Those that a rank could compute, were there memory; all of them if `whole`, or else whoever
    shows that there are some."""
    if worker.unfinished and not whole:
        return worker.unfinished
    waiting = worker.host.seen() + [s for s in worker.queue if worker.sight.sees(s.queued_at)]
    if worker.seats_for_prompts() <= 0 and not whole:
        return []
    return worker.unfinished + waiting


def sequences(worker):
    return worker.batch + worker.aside + worker.sight.joining()
