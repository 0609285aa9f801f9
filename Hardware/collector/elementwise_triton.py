"""Element-wise kernels in Triton that PyTorch has only as chains of several kernels."""

import torch
import triton
import triton.language as tl


@triton.jit
def silu_mul_kernel(gate_up, out, width, BLOCK: tl.constexpr):
    token = tl.program_id(0).to(tl.int64)
    at = tl.program_id(1) * BLOCK + tl.arange(0, BLOCK)
    inside = at < width
    gate = tl.load(gate_up + token * 2 * width + at, mask=inside).to(tl.float32)
    up = tl.load(gate_up + token * 2 * width + width + at, mask=inside).to(tl.float32)
    tl.store(
        out + token * width + at, (gate * tl.sigmoid(gate) * up).to(out.dtype.element_ty),
        mask=inside)


def silu_mul(gate_up):
    """silu(gate) × up of rows [gate, up]."""
    tokens, width = gate_up.shape[0], gate_up.shape[1] // 2
    out = torch.empty(tokens, width, dtype=gate_up.dtype, device=gate_up.device)
    silu_mul_kernel[(tokens, triton.cdiv(width, 1024))](gate_up, out, width, BLOCK=1024, num_warps=4)
    return out


@triton.jit
def rope_kernel(x, cosines, sines, positions, stride, HEADS: tl.constexpr, HALF: tl.constexpr):
    token = tl.program_id(0).to(tl.int64)
    head = tl.program_id(1) * HEADS + tl.arange(0, HEADS)
    at = tl.arange(0, HALF)
    position = tl.load(positions + token).to(tl.int64)
    cosine = tl.load(cosines + position * HALF + at)[None, :]
    sine = tl.load(sines + position * HALF + at)[None, :]
    place = x + token * stride + head[:, None] * (2 * HALF) + at[None, :]
    low = tl.load(place).to(tl.float32)
    high = tl.load(place + HALF).to(tl.float32)
    tl.store(place, (low * cosine - high * sine).to(x.dtype.element_ty))
    tl.store(place + HALF, (high * cosine + low * sine).to(x.dtype.element_ty))


def rope(x, cosines, sines, positions, heads, dimension):
    """Rotates the first `heads` heads of every row of x in place, halves against halves."""
    together = max(step for step in (1, 2, 4, 8) if heads % step == 0)
    rope_kernel[(x.shape[0], heads // together)](
        x, cosines, sines, positions, x.stride(0), HEADS=together, HALF=dimension // 2, num_warps=4)
    return x


@triton.jit
def cache_kernel(
    qkv, k, v, slots, positions, key_at, value_at, stride, k_slot, k_token, v_slot, v_token,
    width, BLOCK: tl.constexpr,
):
    token = tl.program_id(0).to(tl.int64)
    at = tl.arange(0, BLOCK)
    inside = at < width
    slot = tl.load(slots + token).to(tl.int64)
    position = tl.load(positions + token).to(tl.int64)
    key = tl.load(qkv + token * stride + key_at + at, mask=inside)
    value = tl.load(qkv + token * stride + value_at + at, mask=inside)
    tl.store(k + slot * k_slot + position * k_token + at, key, mask=inside)
    tl.store(v + slot * v_slot + position * v_token + at, value, mask=inside)


def write_cache(qkv, k, v, slots, positions, heads, kv_heads, dimension):
    """Copies keys and values of every row [queries, keys, values] to its slot and position."""
    width = kv_heads * dimension
    cache_kernel[(qkv.shape[0],)](
        qkv, k, v, slots, positions, heads * dimension, heads * dimension + width, qkv.stride(0),
        k.stride(0), k.stride(1), v.stride(0), v.stride(1), width,
        BLOCK=triton.next_power_of_2(width), num_warps=4)


@triton.jit
def quantise_kernel(
    x, out, scales, width, columns, scale_row, scale_column, block,
    BLOCKS: tl.constexpr, BLOCK: tl.constexpr, GIVEN: tl.constexpr,
):
    row = tl.program_id(0).to(tl.int64)
    column = tl.program_id(1) * BLOCKS + tl.arange(0, BLOCKS)
    inner = tl.arange(0, BLOCK)
    at = column[:, None] * block + inner[None, :]
    inside = (column < columns)[:, None] & (inner < block)[None, :]
    values = tl.load(x + row * width + at, mask=inside, other=0.0).to(tl.float32)
    if GIVEN:
        values = values / tl.load(scales)
    else:
        scale = tl.maximum(tl.max(tl.abs(values), 1), 1e-10) / 448.0
        values = values / scale[:, None]
        tl.store(scales + row * scale_row + column * scale_column, scale, mask=column < columns)
    values = tl.minimum(tl.maximum(values, -448.0), 448.0)
    tl.store(out + row * width + at, values.to(out.dtype.element_ty), mask=inside)


def quantise(x, block, columns_first=False):
    """fp8 rows with one scale for every `block` values: (values, scales [rows, blocks])."""
    rows, width = x.shape
    columns = width // block
    out = torch.empty(rows, width, dtype=torch.float8_e4m3fn, device=x.device)
    shape = (columns, rows) if columns_first else (rows, columns)
    scales = torch.empty(shape, dtype=torch.float32, device=x.device)
    scales = scales.t() if columns_first else scales
    together = min(16, triton.next_power_of_2(columns))
    quantise_kernel[(rows, triton.cdiv(columns, together))](
        x, out, scales, width, columns, scales.stride(0), scales.stride(1), block,
        BLOCKS=together, BLOCK=triton.next_power_of_2(block), GIVEN=False, num_warps=4)
    return out, scales


def quantise_with(x, scale):
    """fp8 rows that all have one given scale; values beyond the format's range are cut off."""
    rows, width = x.shape
    out = torch.empty(rows, width, dtype=torch.float8_e4m3fn, device=x.device)
    quantise_kernel[(rows, 1)](
        x, out, scale, width, 1, 0, 0, width,
        BLOCKS=1, BLOCK=triton.next_power_of_2(width), GIVEN=True, num_warps=4)
    return out


@triton.jit
def gather_sum_kernel(rows, places, weights, out, width, MOST: tl.constexpr, BLOCK: tl.constexpr):
    token = tl.program_id(0).to(tl.int64)
    at = tl.program_id(1) * BLOCK + tl.arange(0, BLOCK)
    acc = tl.zeros([BLOCK], tl.float32)
    for index in range(MOST):
        place = tl.load(places + token * MOST + index).to(tl.int64)
        weight = tl.load(weights + token * MOST + index).to(tl.float32)
        counts = tl.where(place >= 0, weight, 0.0)
        row = tl.load(rows + tl.maximum(place, 0) * width + at, mask=at < width, other=0.0)
        acc += counts * row.to(tl.float32)
    tl.store(out + token * width + at, acc.to(out.dtype.element_ty), mask=at < width)


def gather_sum(rows, places, weights):
    """For every token the weighted sum of the rows at its places; a place of -1 is none."""
    tokens, most = places.shape
    out = torch.empty(tokens, rows.shape[1], dtype=rows.dtype, device=rows.device)
    gather_sum_kernel[(tokens, triton.cdiv(rows.shape[1], 1024))](
        rows, places, weights, out, rows.shape[1], MOST=most, BLOCK=1024, num_warps=4)
    return out
