"""Decode attention over contexts that differ: what the longest of a batch costs the others.

A batch's contexts have the mean of the point and the operator's deviation from it, drawn from no chance: the
quantiles of a lognormal law. They lie packed, one behind the other, so that as many bytes are read as of
equal contexts. Without deviation the same code is timed, to tell the two apart.
"""

import math
import statistics

import torch

from attention import heads_of, power_of_two, reference
from kernel import Kernel, relative_error

try:
    import attention_triton
except ImportError:
    attention_triton = None


def contexts(count, mean, percent):
    """Whole contexts above 0 with this mean and a deviation of so many per cent of it, as far as so few can have it."""
    if not percent or count < 2:
        return [mean] * count
    low, high = 0.0, 10.0
    for _ in range(40):
        middle = (low + high) / 2
        shares = lognormal(count, middle)
        low, high = (middle, high) if statistics.pstdev(shares) < percent / 100 else (low, middle)
    found = [max(1, round(mean * share)) for share in lognormal(count, low)]
    # Rounding may have moved the sum by a few tokens.
    found[-1] += mean * count - sum(found)
    return found


def lognormal(count, sigma):
    """Shares of the mean, the smallest first."""
    normal = statistics.NormalDist()
    values = [normal.inv_cdf((place + 0.5) / count) for place in range(count)]
    powers = [math.exp(sigma * (value - values[-1])) for value in values]
    total = sum(powers)
    return [count * power / total for power in powers]


def kernels(operator, device):
    if operator.format != "bf16":
        return []
    if device.type != "cuda":
        return [Kernel("torch float64", *over(one_by_one))]
    if attention_triton and power_of_two(operator.head_dim):
        return [Kernel("triton", *over(in_one_launch))]
    return []


def over(attend):
    """Kernel of a function `attend(heads, q, k, v, lengths)` over packed caches."""

    def calls(operator, x, y, arena):
        heads = heads_of(operator)
        lengths = contexts(x, y, operator.variation_percent)
        q = arena.take(x, heads.heads, heads.width)
        size = 2 * sum(lengths) * heads.kv_heads * heads.width * 2
        return [
            attend(heads, q, *(arena.take(sum(lengths), heads.kv_heads, heads.width) for _ in "kv"), lengths)
            for _ in range(arena.copies(size))]

    def error(operator, arena):
        heads = heads_of(operator)
        lengths = contexts(5, 100, operator.variation_percent)
        q = arena.random(5, heads.heads, heads.width).to(torch.bfloat16)
        k, v = (
            arena.random(sum(lengths), heads.kv_heads, heads.width).to(torch.bfloat16) for _ in "kv")
        expected = one_by_one(heads, q, k, v, lengths)()
        return relative_error(attend(heads, q, k, v, lengths)(), expected)

    return calls, error


def one_by_one(heads, q, k, v, lengths):
    """The reference, sequence after sequence."""

    def run():
        found, start = [], 0
        for place, length in enumerate(lengths):
            part = slice(start, start + length)
            found.append(reference(heads, q[place:place + 1], k[None, part], v[None, part], 1, length - 1))
            start += length
        return torch.cat(found)

    return run


def in_one_launch(heads, q, k, v, lengths):
    """The kernel of the serving loop; a sequence's slot is the place where its cache begins."""
    processors = torch.cuda.get_device_properties(q.device).multi_processor_count
    attend = attention_triton.Attention(
        heads.heads, heads.kv_heads, heads.main, window=heads.window, scale=heads.scale,
        processors=processors)
    count = len(lengths)
    row = heads.kv_heads * heads.width
    k, v = (
        cache.as_strided((1, sum(lengths), heads.kv_heads, heads.width), (row, row, heads.width, 1))
        for cache in (k, v))
    starts = [sum(lengths[:place]) for place in range(count)]
    slots, past = (
        torch.tensor(values, dtype=torch.int32, device=q.device)
        for values in (starts, [length - 1 for length in lengths]))
    numbers = torch.arange(count, dtype=torch.int32, device=q.device)
    one = torch.ones_like(numbers)
    longest = max(lengths)
    return lambda: attend(q, k, v, numbers, one, past, slots, 1, longest)
