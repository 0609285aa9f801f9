"""Cost functions of a scenario, in exact fractions of a nanosecond."""

from fractions import Fraction
from math import isqrt

TICKS_PER_NANOSECOND = 1 << 20


def nearest(value):
    """The nearest whole number, halves up."""
    return (2 * value + 1) // 2


def whole_nanoseconds(ticks):
    return (ticks + TICKS_PER_NANOSECOND // 2) // TICKS_PER_NANOSECOND


class Piecewise:
    """Linear between knots, held before the first, the last slope goes on after the last."""

    def __init__(self, knots):
        self.knots = [(Fraction(x), Fraction(y)) for x, y in knots]

    def __call__(self, x):
        x = Fraction(x)
        knots = self.knots
        if x <= knots[0][0] or len(knots) == 1:
            return knots[0][1]
        low = 0
        while low + 2 < len(knots) and knots[low + 1][0] <= x:
            low += 1
        return knots[low][1] + self.slope(low) * (x - knots[low][0])

    def slope(self, piece):
        """Of the piece that starts at a knot."""
        if len(self.knots) == 1:
            return Fraction(0)
        piece = min(piece, len(self.knots) - 2)
        (x0, y0), (x1, y1) = self.knots[piece], self.knots[piece + 1]
        return (y1 - y0) / (x1 - x0)


class WorkerCosts:
    """T_prefill and T_decode of one worker."""

    def __init__(self, document):
        self.degree = document["degree"]
        prefill, decode = document["prefill"], document["decode"]
        self.prefill_tokens = Piecewise(prefill["tokens"])
        self.prefill_sequences = Piecewise(prefill["sequences"])
        self.prefill_context = Piecewise(prefill["context"])
        self.decode_batch = Piecewise(decode["batch"])
        self.decode_context = Piecewise(decode["mean_context"])
        self.spread = Fraction(decode.get("spread", 0))
        self.shared_prompts = Piecewise(prefill.get("shared") or [[0, 0]])
        self.shared_steps = Piecewise(decode.get("shared") or [[0, 0]])
        self.lines = {}
        self.prefills = {}

    def prefill(self, sequences):
        """Nanoseconds of one step over sequences of (history, increment)."""
        key = tuple(sequences)
        if key not in self.prefills:
            self.prefills[key] = self.evaluate_prefill(sequences)
        return self.prefills[key]

    def prefill_on_ranks(self, sequences, ranks):
        """Nanoseconds of one step in which each sequence, the longest first, goes to the rank with
        fewest tokens."""
        shares = [[] for _ in range(ranks)]
        for sequence in sorted(sequences, key=lambda s: (-s[1], -s[0])):
            least = min(shares, key=lambda share: sum(tokens for _, tokens in share))
            least.append(sequence)
        loads = [sum(tokens for _, tokens in share) for share in shares]
        own = [
            self.prefill(share) - self.shared(0, load)
            for share, load in zip(shares, loads) if share]
        return max(0, max(own)) + self.shared(0, sum(loads))

    def shared(self, batch, prompt_tokens):
        """The part of a step that all ranks of an engine compute together."""
        prompts, steps = self.shared_prompts, self.shared_steps
        time = steps(batch) if batch else 0
        if prompt_tokens:
            time += prompts(prompt_tokens + batch) - (prompts(batch) if batch else 0)
        return time

    def evaluate_prefill(self, sequences):
        tokens = sum(increment for _, increment in sequences)
        each = sum(self.prefill_context(h + i) for h, i in sequences)
        return self.prefill_tokens(tokens) + self.prefill_sequences(len(sequences)) + each

    def added_to_decode(self, chunks, batch):
        """Nanoseconds that chunks of (history, tokens) add to a decode step."""
        tokens, curve = sum(tokens for _, tokens in chunks), self.prefill_tokens
        more = curve(tokens + batch) - curve(tokens) - curve(batch)
        return max(0, self.prefill(chunks) + more)

    def decode_ticks(self, batch, total_context):
        """Ticks of one decode step: the piece that holds the context decides."""
        if batch not in self.lines:
            self.lines[batch] = self.line(batch)
        start, base, slope = [p for p in self.lines[batch] if p[0] <= total_context][-1]
        return max(0, base + slope * (total_context - start))

    def spread_ticks(self, contexts):
        """Ticks that the standard deviation of the contexts adds, rounded exactly."""
        if self.spread == 0:
            return 0
        n = len(contexts)
        variance = Fraction(n * sum(c * c for c in contexts) - sum(contexts) ** 2, n * n)
        square = (2 * self.spread * TICKS_PER_NANOSECOND) ** 2 * variance
        return (isqrt(square // 1) + 1) // 2

    def line(self, batch):
        """Pieces of (first total context, ticks there, ticks per token), each rounded once."""
        curve, constant = self.decode_context, self.decode_batch(batch)
        starts = [Fraction(0)] + [x for x, _ in curve.knots if x > 0]
        pieces = []
        for mean in starts:
            held = mean < curve.knots[0][0]
            piece = max([k for k, (x, _) in enumerate(curve.knots) if x <= mean], default=0)
            slope = Fraction(0) if held else curve.slope(piece) / batch
            first = -((-mean * batch) // 1)
            base = constant + curve(Fraction(first, batch))
            pieces.append((
                first, nearest(base * TICKS_PER_NANOSECOND),
                nearest(slope * TICKS_PER_NANOSECOND)))
        return pieces
