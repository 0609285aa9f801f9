"""Memory-bound kernels on rows: norms, rotary positions, SwiGLU, residuals, embeddings."""

import torch
import torch.nn.functional as F

from kernel import Kernel, relative_error

try:
    import elementwise_triton
except ImportError:
    elementwise_triton = None

VOCABULARY = 32768
POSITIONS = 4096
HEAD = 128


def kernels(operator, device):
    """One implementation: a fused kernel where there is one, else PyTorch's chain of operations."""
    calls, error = {
        "norm": (norm_calls, norm_error), "rope": (rope_calls, rope_error),
        "activation": (activation_calls, activation_error),
        "residual": (residual_calls, residual_error),
        "embedding": (embedding_calls, embedding_error)}[operator.kind]
    if operator.kind in ("rope", "activation"):
        name = "triton" if fused_on(device) else "torch chain"
    elif operator.kind == "norm":
        name = "torch rms_norm" if hasattr(F, "rms_norm") else "torch chain"
    else:
        name = "torch"
    return [Kernel(name, calls, error)]


def fused_on(device):
    return elementwise_triton is not None and device.type == "cuda"


def rms_norm(x, weight):
    if hasattr(F, "rms_norm"):
        return F.rms_norm(x, (x.shape[-1],), weight, 1e-5)
    wide = x.float()
    return (wide * torch.rsqrt(wide.square().mean(-1, keepdim=True) + 1e-5)).to(x.dtype) * weight


def silu_mul(gate_up):
    if fused_on(gate_up.device):
        return elementwise_triton.silu_mul(gate_up)
    gate, up = gate_up.chunk(2, -1)
    return F.silu(gate) * up


def rope(x, cosines, sines, positions, heads, dimension):
    if fused_on(x.device):
        return elementwise_triton.rope(x, cosines, sines, positions, heads, dimension)
    half = dimension // 2
    view = x[:, :heads * dimension].view(x.shape[0], heads, dimension)
    cosine, sine = cosines[positions.long()][:, None], sines[positions.long()][:, None]
    low, high = view[..., :half].float(), view[..., half:].float()
    turned = torch.cat([low * cosine - high * sine, high * cosine + low * sine], -1)
    view.copy_(turned)
    return x


def rotations(positions, dimension, device, base=500000.0):
    """Cosines and sines of every position, for halves of a head."""
    steps = base ** (-torch.arange(0, dimension, 2, device=device, dtype=torch.float32) / dimension)
    angles = torch.arange(positions, device=device, dtype=torch.float32)[:, None] * steps
    return angles.cos(), angles.sin()


def quantise_rows(rows):
    """fp8 rows with one scale each: (values, scales [rows, 1])."""
    if fused_on(rows.device):
        return elementwise_triton.quantise(rows, rows.shape[1])
    scales = rows.float().abs().amax(-1, keepdim=True).clamp(min=1e-10) / 448
    return (rows.float() / scales).to(torch.float8_e4m3fn), scales


def quantise_with(rows, scale):
    """fp8 rows that all have one given scale; values beyond the format's range are cut off."""
    if fused_on(rows.device):
        return elementwise_triton.quantise_with(rows, scale)
    return (rows.float() / scale).clamp(-448, 448).to(torch.float8_e4m3fn)


def quantise_blocks(rows, columns_first=False):
    """fp8 rows with one scale per 1 × 128 block: (values, scales [rows, blocks]).

    `columns_first` lays the scales of one column next to each other.
    """
    if fused_on(rows.device):
        return elementwise_triton.quantise(rows, 128, columns_first)
    blocks = rows.float().view(rows.shape[0], -1, 128)
    scales = blocks.abs().amax(-1).clamp(min=1e-10) / 448
    eighths = (blocks / scales[..., None]).to(torch.float8_e4m3fn)
    return eighths.view(rows.shape), scales


def gather_sum(rows, places, weights):
    """For every token the weighted sum of the rows at its places; a place of -1 is none."""
    if fused_on(rows.device):
        return elementwise_triton.gather_sum(rows, places, weights)
    found = rows[places.clamp(min=0).long()] * (weights * (places >= 0))[..., None]
    return found.sum(1).to(rows.dtype)


def norm_calls(operator, x, y, arena):
    rows, weight = arena.take(x, operator.width), arena.take(operator.width)
    return [lambda: rms_norm(rows, weight)]


def norm_error(operator, arena):
    x = arena.random(5, operator.width).to(torch.bfloat16)
    weight = arena.random(operator.width).to(torch.bfloat16)
    wide = x.double()
    expected = wide * torch.rsqrt(wide.square().mean(-1, keepdim=True) + 1e-5) * weight.double()
    return relative_error(rms_norm(x, weight), expected)


def rope_shape(operator):
    """Heads and their width: rows that no 128 divides have heads of 64."""
    dimension = HEAD if operator.width % HEAD == 0 else 64
    return operator.width // dimension, dimension


def rope_calls(operator, x, y, arena):
    heads, dimension = rope_shape(operator)
    rows = arena.take(x, heads * dimension)
    cosines, sines = rotations(POSITIONS, dimension, arena.device)
    positions = torch.arange(x, dtype=torch.int32, device=arena.device) % POSITIONS
    return [lambda: rope(rows, cosines, sines, positions, heads, dimension)]


def rope_error(operator, arena):
    heads, dimension = rope_shape(operator)
    x = arena.random(4, heads * dimension).to(torch.bfloat16)
    cosines, sines = rotations(64, dimension, arena.device)
    positions = torch.tensor([0, 63, 5, 17], dtype=torch.int32, device=arena.device)
    half, view = dimension // 2, x.double().view(4, heads, dimension)
    cosine, sine = (table.double()[positions.long()][:, None] for table in (cosines, sines))
    low, high = view[..., :half], view[..., half:]
    expected = torch.cat([low * cosine - high * sine, high * cosine + low * sine], -1).view(4, -1)
    return relative_error(rope(x.clone(), cosines, sines, positions, heads, dimension), expected)


def activation_calls(operator, x, y, arena):
    rows = arena.take(x, 2 * operator.width)
    return [lambda: silu_mul(rows)]


def activation_error(operator, arena):
    x = arena.random(5, 2 * operator.width).to(torch.bfloat16)
    gate, up = x.double().chunk(2, -1)
    return relative_error(silu_mul(x), F.silu(gate) * up)


def residual_calls(operator, x, y, arena):
    one, two = arena.take(x, operator.width), arena.take(x, operator.width)
    return [lambda: torch.add(one, two)]


def residual_error(operator, arena):
    one, two = (arena.random(5, operator.width).to(torch.bfloat16) for _ in range(2))
    return relative_error(torch.add(one, two), one.double() + two.double())


def embedding_calls(operator, x, y, arena):
    table = arena.take(VOCABULARY, operator.width)
    generator = torch.Generator().manual_seed(3)
    tokens = torch.randint(VOCABULARY, (x,), generator=generator).to(arena.device)
    return [lambda: F.embedding(tokens, table)]


def embedding_error(operator, arena):
    table = arena.random(64, operator.width).to(torch.bfloat16)
    tokens = torch.tensor([5, 0, 63], device=arena.device)
    return relative_error(F.embedding(tokens, table), table[tokens].double())
