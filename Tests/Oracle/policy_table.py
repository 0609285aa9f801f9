"""The table of `ppd`: which rounds are better prefilled where they decode."""

from fractions import Fraction

SECOND = 1_000_000_000


def context_class(history):
    return "small" if history <= 512 else "large" if history <= 4096 else "huge"


def shape_class(increment, output):
    if 4 * increment < output:
        bounds = [(64, "tiny"), (256, "short_generation"), (512, "long_generation")]
        return first_within(output, bounds, "very_long_generation")
    if increment <= 2 * output:
        return first_within(increment, [(64, "small_balanced")], "medium_balanced")
    return first_within(increment, [(256, "medium_paste"), (512, "big_paste")], "huge_paste")


def first_within(value, bounds, beyond):
    return next((name for bound, name in bounds if value <= bound), beyond)


class PolicyTable:
    def __init__(self, entries, settings):
        self.entries = {}
        self.rates = sorted({Fraction(entry["rate"]) for entry in entries})
        for entry in entries:
            key = entry["context"], entry["shape"], Fraction(entry["rate"])
            self.entries[key] = self.favours_local(entry, settings)

    def favours_local(self, entry, settings):
        remote, local = entry["remote"], entry["local"]
        saved = self.share(remote["ttft"] - local["ttft"], remote["ttft"])
        lost = self.share(local["tpot"] - remote["tpot"], remote["tpot"])
        return settings["ttft_weight"] * saved - settings["tpot_weight"] * lost > 0

    def share(self, part, whole):
        return Fraction(part) / Fraction(whole) if whole > 0 else 0

    def is_local(self, cluster, session, seen):
        """What the entry says, at the nearest rate; local where there is none."""
        rate = self.rate(cluster, seen)
        nearest = min(self.rates, key=lambda each: (abs(each - rate), -each))
        shape = shape_class(session.increment, session.output_tokens)
        return self.entries.get((context_class(session.resident), shape, nearest), True)

    def rate(self, cluster, seen):
        """Rounds released per second and serving worker, of late."""
        window = cluster.scenario.policy.window
        count = sum(seen.time - window < time <= seen.time for time in cluster.release_times)
        return Fraction(count * SECOND, window * len(cluster.serving_workers))
