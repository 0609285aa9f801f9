"""A grouped matrix product in Triton: rows sorted by expert, one weight per expert.

Serves bf16 and fp8 whose scales belong to blocks of 128 (1 × 128 of the rows, 128 × 128 of the
weights), for which PyTorch has no grouped kernel. With a single group it is a plain product.
"""

import torch
import triton
import triton.language as tl


@triton.jit(do_not_specialize=["scale_columns", "tiles", "groups"])
def grouped_kernel(
    a, b, c, a_scales, b_scales, ends, tile_ends, n, k, scale_columns, tiles, groups,
    SCALED: tl.constexpr, GROUPS: tl.constexpr,
    BLOCK_M: tl.constexpr, BLOCK_N: tl.constexpr, BLOCK_K: tl.constexpr, BAND: tl.constexpr,
):
    # Bands of BAND row tiles go through all columns together, so that both operands stay in the cache.
    columns = tl.cdiv(n, BLOCK_N)
    program = tl.program_id(0)
    band = program // (BAND * columns)
    height = tl.minimum(tiles - band * BAND, BAND)
    tile = band * BAND + program % (BAND * columns) % height
    column = program % (BAND * columns) // height

    member = tl.arange(0, GROUPS)
    known = member < groups
    tile_end = tl.load(tile_ends + member, mask=known, other=2147483647)
    group = tl.sum((tile_end <= tile).to(tl.int32), 0)
    if group >= groups:
        return
    first_tile = tl.max(tl.where(member < group, tile_end, 0), 0)
    row_end = tl.load(ends + group)
    row_begin = tl.load(ends + group - 1, mask=group > 0, other=0)
    row = row_begin + (tile - first_tile) * BLOCK_M + tl.arange(0, BLOCK_M)
    col = column * BLOCK_N + tl.arange(0, BLOCK_N)
    inner = tl.arange(0, BLOCK_K)
    live = row < row_end
    wide = col < n

    weight = b + group.to(tl.int64) * n * k
    a_at = a + row.to(tl.int64)[:, None] * k + inner[None, :]
    b_at = weight + col.to(tl.int64)[None, :] * k + inner[:, None]
    acc = tl.zeros([BLOCK_M, BLOCK_N], tl.float32)
    for step in range(0, tl.cdiv(k, BLOCK_K)):
        left = inner < k - step * BLOCK_K
        a_tile = tl.load(a_at, mask=live[:, None] & left[None, :], other=0.0)
        b_tile = tl.load(b_at, mask=wide[None, :] & left[:, None], other=0.0)
        if SCALED:
            a_scale = tl.load(a_scales + row * scale_columns + step, mask=live, other=0.0)
            b_row = group.to(tl.int64) * tl.cdiv(n, 128) + col // 128
            b_scale = tl.load(b_scales + b_row * scale_columns + step, mask=wide, other=0.0)
            acc += tl.dot(a_tile, b_tile) * a_scale[:, None] * b_scale[None, :]
        else:
            acc = tl.dot(a_tile, b_tile, acc)
        a_at += BLOCK_K
        b_at += BLOCK_K
    target = c + row.to(tl.int64)[:, None] * n + col[None, :]
    tl.store(target, acc.to(c.dtype.element_ty), mask=live[:, None] & wide[None, :])


def rows_of_tile(rows, groups, scaled=False):
    """Height of a tile for the mean number of rows of a group that has any."""
    mean = rows / max(min(groups, rows), 1)
    height = 16 if mean <= 16 else 32 if mean <= 32 else 64 if mean <= 96 else 128
    return min(height, 64) if scaled else height


def tile_of(height, groups, scaled):
    """Columns and depth of a tile, warps and stages; the fastest of those tried on an H200."""
    if height == 16:
        return (32 if groups == 1 else 64), 128, 4, 4
    if scaled:
        return 128, 128, 4, 4
    return (256, 64, 8, 3) if height == 128 else (128, 64, 4, 4)


def grouped(a, b, ends, tile_ends, height, out=None, a_scales=None, b_scales=None):
    """c[i] = a[i] · b[group of i]ᵀ for a [rows, k] and b [groups, n, k].

    `ends` holds where each group's rows end; `tile_ends` likewise in tiles of `height` rows (see
    `tiles_of`); scales are those of blocks of 128 along k.
    """
    rows, k = a.shape
    groups, n, _ = b.shape
    out = torch.empty(rows, n, dtype=torch.bfloat16, device=a.device) if out is None else out
    # No more tiles than this can exist; programs beyond the last one return at once.
    tiles = triton.cdiv(rows, height) + min(groups, rows) - 1
    scaled = a_scales is not None
    columns, depth, warps, stages = tile_of(height, groups, scaled)
    grouped_kernel[(tiles * triton.cdiv(n, columns),)](
        a, b, out, a_scales if scaled else a, b_scales if scaled else b,
        ends, tile_ends, n, k, triton.cdiv(k, 128), tiles, groups,
        SCALED=scaled, GROUPS=triton.next_power_of_2(groups),
        BLOCK_M=height, BLOCK_N=columns, BLOCK_K=depth, BAND=8,
        num_warps=warps, num_stages=stages)
    return out


def tiles_of(counts, height):
    """Where the groups' tiles of `height` rows end."""
    return torch.cumsum((counts + height - 1) // height, 0).to(torch.int32)
