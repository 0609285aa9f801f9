"""The routed experts of one layer: sort rows to experts, gate and up, SwiGLU, down, weighted sum.

The router itself and the exchange of tokens between GPUs are not included.
"""

import itertools

import torch
import torch.nn.functional as F

import elementwise
from kernel import Kernel, relative_error

try:
    import grouped_triton
except ImportError:
    grouped_triton = None


def kernels(operator, device):
    """Implementations for the operator's format that this device and PyTorch have."""
    if device.type != "cuda":
        return [Kernel("torch loop", *block(LoopProduct))] if operator.format == "bf16" else []
    found = []
    if operator.format == "bf16" and hasattr(torch, "_grouped_mm"):
        found.append(Kernel("torch._grouped_mm", *block(TorchProduct)))
    if operator.format == "bf16" and grouped_triton:
        found.append(Kernel("triton grouped", *block(TritonProduct)))
    # Blocks of 128 have to fit into the inside of a sharded expert, as engines demand too.
    if operator.format == "fp8_block" and grouped_triton and widths(operator)[1] % 128 == 0:
        found.append(Kernel("triton grouped 1x128 128x128", *block(TritonBlockProduct)))
    return found


def loads(operator, x, generator):
    """Rows of each local expert for x tokens, under the operator's router distribution.

    `power_law_A` draws loads with the density load^-A between 1 and 0.8 x (for few tokens between 0.01
    and 2), scales them to the number of rows and rounds down; the largest take the rest.
    """
    experts = operator.experts // operator.ep
    # An expert sees a token once at the most.
    rows = min(-(-x * operator.top_k // operator.ep), experts * x)
    if not operator.variant.startswith("power_law_"):
        weights = torch.ones(experts, dtype=torch.float64)
    else:
        exponent = 1 - float(operator.variant.rsplit("_", 1)[1])
        low, high = (1, max(0.8 * x, 2)) if x * operator.top_k > operator.experts else (0.01, 2)
        draw = torch.rand(experts, dtype=torch.float64, generator=generator)
        weights = (low ** exponent + (high ** exponent - low ** exponent) * draw) ** (1 / exponent)
    shares = weights / weights.sum() * rows
    counts = torch.clamp(shares.floor(), max=x).long()
    missing = rows - int(counts.sum())
    for index in itertools.cycle(torch.argsort(shares - counts, descending=True).tolist()):
        if missing <= 0:
            return counts
        if counts[index] < x:
            counts[index] += 1
            missing -= 1


class Routing:
    """Rows sorted by expert: from which token each comes, where experts end, and the way back.

    `places` holds for every token where its rows stand, -1 where it has fewer than others; `weights`
    likewise what each counts.
    """

    def __init__(self, counts, x, device):
        generator = torch.Generator().manual_seed(7)
        rows = int(counts.sum())
        source = torch.randperm(rows, generator=generator) % x
        most = -(-rows // x)
        order = torch.argsort(source, stable=True)
        owner = source[order]
        rank = torch.arange(rows) - torch.searchsorted(owner, torch.arange(x))[owner]
        places = torch.full((x, most), -1, dtype=torch.int32)
        places[owner, rank] = order.int()
        self.counts, self.source = counts, source.to(device)
        self.places = places.to(device)
        self.weights = torch.rand(x, most, generator=generator).to(device, torch.bfloat16)
        self.ends = torch.cumsum(counts, 0).to(torch.int32).to(device)


class LoopProduct:
    """One product after the other, for devices without a grouped kernel."""

    def __init__(self, routing, weight, arena):
        self.ends, self.weight = routing.ends.tolist(), weight

    def __call__(self, rows):
        out, start = [], 0
        for end, weight in zip(self.ends, self.weight):
            out.append(F.linear(rows[start:end], weight))
            start = end
        return torch.cat(out)


class TorchProduct:
    """PyTorch's grouped product."""

    def __init__(self, routing, weight, arena):
        self.ends, self.weight = routing.ends, weight.transpose(1, 2)

    def __call__(self, rows):
        return torch._grouped_mm(rows, self.weight, offs=self.ends)


class TritonProduct:
    """Our grouped product in bf16."""

    fp8 = False

    def __init__(self, routing, weight, arena):
        self.ends, self.weight = routing.ends, weight
        self.height = grouped_triton.rows_of_tile(
            int(routing.counts.sum()), len(routing.counts), self.fp8)
        self.tile_ends = grouped_triton.tiles_of(routing.counts.to(weight.device), self.height)

    def __call__(self, rows):
        return grouped_triton.grouped(rows, self.weight, self.ends, self.tile_ends, self.height)


class TritonBlockProduct(TritonProduct):
    """The same with fp8 weights and rows, and scales of blocks of 128."""

    fp8 = True

    def __init__(self, routing, weight, arena):
        super().__init__(routing, weight, arena)
        experts, n, k = weight.shape
        self.b_scales = arena.random(experts, -(-n // 128), -(-k // 128)).abs() + 0.5

    def __call__(self, rows):
        eighths, scales = elementwise.quantise_blocks(rows)
        return grouped_triton.grouped(
            eighths, self.weight, self.ends, self.tile_ends, self.height,
            a_scales=scales, b_scales=self.b_scales)


def run_block(x, routing, gate_up, down):
    hidden = elementwise.silu_mul(gate_up(x[routing.source]))
    return elementwise.gather_sum(down(hidden), routing.places, routing.weights)


def block(product):
    def calls(operator, x, y, arena):
        generator = torch.Generator().manual_seed(11)
        routing = Routing(loads(operator, x, generator), x, arena.device)
        tokens = arena.take(x, operator.hidden)
        gate_up, down = widths(operator)
        fp8 = getattr(product, "fp8", False)
        experts = operator.experts // operator.ep
        size = experts * operator.hidden * (gate_up + down) * (1 if fp8 else 2)
        touched = min(int((routing.counts > 0).sum()), experts)
        found = []
        for _ in range(arena.copies(size * touched // experts)):
            first = product(routing, arena.take(experts, gate_up, operator.hidden, fp8=fp8), arena)
            second = product(routing, arena.take(experts, operator.hidden, down, fp8=fp8), arena)
            found.append(lambda a=first, b=second: run_block(tokens, routing, a, b))
            if len(found) * size > 4e9:
                break
        return found

    def error(operator, arena):
        tokens, hidden, inner = 23, 256, 128
        routing = Routing(torch.tensor([0, 5, 23, 1] + [0] * 4), tokens, arena.device)
        fp8 = getattr(product, "fp8", False)
        kind = torch.float8_e4m3fn if fp8 else torch.bfloat16
        x = arena.random(tokens, hidden).to(torch.bfloat16)
        one = arena.random(8, 2 * inner, hidden).to(kind)
        two = arena.random(8, hidden, inner).to(kind)
        first, second = product(routing, one, arena), product(routing, two, arena)
        found = run_block(x, routing, first, second)
        return relative_error(found, expected_block(x, routing, first, one, second, two))

    return calls, error


def expected_block(x, routing, first, one, second, two):
    """The block in float64, expert after expert, with the scales of blocks if there are any."""

    def wide(product, weight):
        if not getattr(product, "fp8", False):
            return weight.double()
        scales = product.b_scales.double().repeat_interleave(128, 1).repeat_interleave(128, 2)
        return weight.double() * scales[:, :weight.shape[1], :weight.shape[2]]

    gate_up, down = wide(first, one), wide(second, two)
    rows, start = [], 0
    for expert, end in enumerate(routing.ends.tolist()):
        gate, up = (x[routing.source[start:end]].double() @ gate_up[expert].T).chunk(2, 1)
        rows.append((F.silu(gate) * up) @ down[expert].T)
        start = end
    found = torch.cat(rows)[routing.places.clamp(min=0).long()]
    return (found * (routing.weights.double() * (routing.places >= 0))[..., None]).sum(1)


def widths(operator):
    """Width of gate and up together, and of an expert's inside, on one GPU."""
    inner = -(-operator.intermediate // operator.tp)
    return 2 * inner, inner
