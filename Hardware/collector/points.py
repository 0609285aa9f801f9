"""Which points of an operator are measured, and in which order.

Every grid has levels: level 0 spans the range coarsely, each further level halves the gaps. All
operators are measured at one level before any is at the next, so that a run that ends early has
covered everything, only more coarsely.
"""

from operators import COLLECTIVES

TOKENS = (
    1, 2, 4, 8, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768,
    1024, 1536, 2048, 3072, 4096, 6144, 8192, 12288, 16384)
INCREMENTS = (16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384)
HISTORIES = (0, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536)
BATCHES = (1, 2, 4, 8, 16, 32, 64, 128, 256)
# Contexts of ordinary chats, where a step takes what its tokens say but for the longest sequence.
UNEVEN_BATCHES = (2, 4, 8, 16, 32, 64, 128, 256)
UNEVEN_CONTEXTS = (512, 1024, 2048, 4096)
CONTEXTS = (32, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536)
MESSAGES = tuple(1 << power for power in range(9, 30))

# Longest increment times context that is worth its time, in pairs of tokens times heads: about
# 60 ms of an H100.
MOST_PAIRS = 4e9 * 16


def level_of(index, count):
    """0 for every fourth index and both ends, 1 for every second, 2 for the rest."""
    if index % 4 == 0 or index == count - 1:
        return 0
    return 1 if index % 2 == 0 else 2


def line(values):
    return [(level_of(index, len(values)), value, 0) for index, value in enumerate(values)]


def plane(first, second):
    return [
        (max(level_of(i, len(first)), level_of(j, len(second))), x, y)
        for i, x in enumerate(first) for j, y in enumerate(second)]


def points_of(operator, smoke=False):
    """(level, x, y) of every point of the operator; `smoke` takes a few small ones."""
    if operator.kind == "prefill_attention":
        grid = plane(INCREMENTS, HISTORIES)
        grid = [
            (level, x, y) for level, x, y in grid
            if x * (y + x / 2) * operator.heads <= MOST_PAIRS]
    elif operator.kind == "decode_attention":
        grid = plane(BATCHES, CONTEXTS)
    elif operator.kind == "uneven_decode_attention":
        grid = plane(UNEVEN_BATCHES, UNEVEN_CONTEXTS)
    elif operator.kind in COLLECTIVES + ("point_to_point",):
        grid = line(MESSAGES)
    else:
        grid = line(TOKENS)
    if smoke:
        grid = [point for point in grid if point[1] <= 64 or operator.kind == "point_to_point"]
        grid = [(level, x, y) for level, x, y in grid if y <= 512 and x <= 1 << 16]
    return grid


# Cheap and telling kinds first within a level.
KINDS = (
    "gemm", "decode_attention", "prefill_attention", "uneven_decode_attention", "experts", "norm", "activation", "rope",
    "residual", "embedding", "point_to_point") + COLLECTIVES


def schedule(operators, smoke=False):
    """(operator, x, y) of all points in the order in which they are worth measuring."""
    ranked = []
    for order, operator in enumerate(operators):
        for level, x, y in points_of(operator, smoke):
            # Skewed routers are a refinement of the balanced one, uneven batches one of even ones.
            refines = operator.variant.startswith("power_law") or operator.kind.startswith("uneven")
            late = 1 if refines else 0
            ranked.append((level + late, KINDS.index(operator.kind), order, x, y, operator))
    ranked.sort(key=lambda entry: entry[:5])
    return [(operator, x, y) for *_, x, y, operator in ranked]
