"""Which serving worker a session or a round is bound to: `dispatch`."""


class Dispatch:
    def __init__(self, cluster):
        self.cluster = cluster
        self.rule = cluster.scenario.policy.dispatch
        self.is_per_round = self.rule not in ("least_used_memory", "session_sticky")
        self.turn = 0
        self.gained = {}

    def choose(self, session, seen):
        """One of the workers that could hold the session; ties to the lowest index."""
        able = session.able
        if self.rule == "least_used_memory":
            return max(able, key=lambda w: (seen.serving[w.index].uncounted, -w.index))
        if self.rule in ("least_loaded", "session_sticky"):
            return min(able, key=lambda w: (seen.serving[w.index].rounds, w.index))
        if self.rule == "prefix_aware":
            return min(able, key=lambda w: (self.prefix_cost(session, w, seen), w.index))
        if self.rule == "round_robin":
            return self.next_in_turn(able)
        if self.rule == "weighted_round_robin":
            return self.weighted(able)
        if self.rule == "random":
            return able[session.script.draws[session.round] * len(able) >> 64]
        raise ValueError(f"no dispatch is called {self.rule}")

    def prefix_cost(self, session, worker, seen):
        """Prompt tokens that would be computed there, and those of the rounds under way."""
        entry = worker.memory.history(session)
        held = worker.memory.shared.on_gpus(session, entry.tokens if entry else 0)
        load = seen.serving[worker.index].blocks_of_prompts * self.cluster.scenario.block_size
        return session.prompt - held + load

    def next_in_turn(self, able):
        """The first able worker from the turn on; the turn passes to the one behind it."""
        count = len(self.cluster.serving_workers)
        chosen = min(able, key=lambda w: (w.index - self.turn) % count)
        self.turn = (chosen.index + 1) % count
        return chosen

    def weighted(self, able):
        total = 0
        for worker in able:
            gain = worker.capacity_tokens
            self.gained[worker.index] = self.gained.get(worker.index, 0) + gain
            total += gain
        chosen = max(able, key=lambda w: (self.gained[w.index], -w.index))
        self.gained[chosen.index] -= total
        return chosen
