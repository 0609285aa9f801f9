"""What a serving worker learns of tools, of waiting and of sessions: section "Policies"."""

import math
from fractions import Fraction

REMEMBERED = 1024


class Calls:
    """Durations of calls that have ended, of one tool or of all."""

    def __init__(self):
        self.count = 0
        self.total = 0
        self.latest = []

    def add(self, duration):
        self.count += 1
        self.total += duration
        self.latest = (self.latest + [duration])[-REMEMBERED:]


class Experience:
    def __init__(self):
        self.all = Calls()
        self.tools = {}
        self.waits = []
        self.ended = []

    # What happens.

    def call_ended(self, tool, duration):
        self.all.add(duration)
        self.tools.setdefault(tool, Calls()).add(duration)

    def prefill_began(self, waited):
        """Of a later round without its history."""
        self.waits.append(waited)

    def session_ended(self, rounds):
        """Rounds done and left at each of its calls."""
        self.ended += [(done, rounds - done) for done in range(1, rounds)]

    # What is known.

    def mean_duration(self, tool):
        """Of all calls of a tool; 0 before the first has ended."""
        calls = self.tools.get(tool)
        return Fraction(calls.total, calls.count) if calls else 0

    def mean_wait(self):
        return Fraction(sum(self.waits), len(self.waits)) if self.waits else 0

    def trusted_durations(self, tool, enough):
        """Those of a tool, or of all tools; none where too few calls have ended."""
        for calls in (self.tools.get(tool, Calls()), self.all):
            if calls.count > enough:
                return calls.latest
        return None

    def eta(self):
        """Minus the correlation between rounds done and rounds left; 1 where there is none."""
        count = len(self.ended)
        done = sum(x for x, _ in self.ended)
        left = sum(y for _, y in self.ended)
        joint = count * sum(x * y for x, y in self.ended) - done * left
        spread = count * sum(x * x for x, _ in self.ended) - done * done
        other = count * sum(y * y for _, y in self.ended) - left * left
        if spread == 0 or other == 0:
            return 1
        return Fraction(-joint / math.sqrt(spread * other))
