"""Which serving worker an arriving session is bound to: `dispatch`."""


class Dispatch:
    def __init__(self, cluster):
        self.cluster = cluster
        self.rule = cluster.scenario.policy.dispatch
        self.turn = 0
        self.gained = {}

    def choose(self, able, seen):
        """One of the workers that could hold the session; ties to the lowest index."""
        if self.rule == "least_used_memory":
            return max(able, key=lambda w: (seen.uncounted_blocks(w), -w.index))
        if self.rule in ("least_loaded", "session_sticky"):
            return min(able, key=lambda w: (seen.rounds_under_way(w), w.index))
        if self.rule == "round_robin":
            return self.next_in_turn(able)
        if self.rule == "weighted_round_robin":
            return self.weighted(able)
        raise ValueError(f"no dispatch is called {self.rule}")

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
