"""Attention in Triton: new tokens over cached ones, grouped heads, a window, split contexts.

One kernel serves prefill with history, decode and latent (MLA) attention. Rows of a block are pairs
of token and head that share a KV head, so that grouped queries read the cache once. A context can
be split over several programs; `combine_kernel` joins the parts.
"""

import torch
import triton
import triton.language as tl


@triton.jit(do_not_specialize=["splits", "group", "heads"])
def attend_kernel(
    q, k, v, out, partial, partial_lse,
    q_start, q_length, history, slots,
    scale_log2, splits, group, heads,
    q_token, q_head, k_slot, k_token, k_head, v_slot, v_token, v_head,
    MAIN: tl.constexpr, EXTRA: tl.constexpr, VALUE: tl.constexpr, LATENT: tl.constexpr,
    WINDOW: tl.constexpr, SPLIT: tl.constexpr, BLOCK_M: tl.constexpr, BLOCK_N: tl.constexpr,
):
    # Late blocks see the longest context: they go first.
    block = tl.num_programs(0) - 1 - tl.program_id(0)
    kv_head = tl.program_id(1) // splits
    split = tl.program_id(1) % splits
    sequence = tl.program_id(2)

    new = tl.load(q_length + sequence)
    rows = new * group
    if block * BLOCK_M >= rows:
        return
    past = tl.load(history + sequence)
    slot = tl.load(slots + sequence).to(tl.int64)
    row = block * BLOCK_M + tl.arange(0, BLOCK_M)
    inside = row < rows
    token = row // group
    head = kv_head * group + row % group
    place = tl.load(q_start + sequence).to(tl.int64) + token

    main = tl.arange(0, MAIN)
    queries = q + place * q_token + head * q_head
    q_main = tl.load(queries[:, None] + main[None, :], mask=inside[:, None], other=0.0)
    if EXTRA > 0:
        extra = tl.arange(0, EXTRA)
        q_extra = tl.load(queries[:, None] + MAIN + extra[None, :], mask=inside[:, None], other=0.0)
    k_base = k + slot * k_slot + kv_head * k_head
    v_base = v + slot * v_slot + kv_head * v_head
    value = tl.arange(0, VALUE)
    column = tl.arange(0, BLOCK_N)

    first_token = block * BLOCK_M // group
    last_token = tl.minimum((block * BLOCK_M + BLOCK_M - 1) // group, new - 1)
    end = past + last_token + 1
    begin = 0
    if WINDOW > 0:
        begin = tl.maximum(past + first_token - WINDOW + 1, 0) // BLOCK_N * BLOCK_N
    share = tl.cdiv(tl.cdiv(end - begin, splits), BLOCK_N) * BLOCK_N
    low = begin + split * share
    high = tl.minimum(low + share, end)
    # Up to here every row sees every column.
    clear = (past + first_token + 1) // BLOCK_N * BLOCK_N
    if WINDOW > 0:
        clear = low
    clear = tl.maximum(tl.minimum(clear, high), low)

    peak = tl.full([BLOCK_M], -float("inf"), tl.float32)
    total = tl.zeros([BLOCK_M], tl.float32)
    acc = tl.zeros([BLOCK_M, VALUE], tl.float32)
    for start in range(low, clear, BLOCK_N):
        at = start + column
        k_rows = k_base + at.to(tl.int64) * k_token
        k_main = tl.load(k_rows[None, :] + main[:, None])
        scores = tl.dot(q_main, k_main)
        if EXTRA > 0:
            scores += tl.dot(q_extra, tl.load(k_rows[None, :] + MAIN + extra[:, None]))
        scores = scores * scale_log2
        top = tl.maximum(peak, tl.max(scores, 1))
        weight = tl.math.exp2(scores - top[:, None])
        shrink = tl.math.exp2(peak - top)
        total = total * shrink + tl.sum(weight, 1)
        if LATENT:
            seen = tl.trans(k_main)
        else:
            seen = tl.load((v_base + at.to(tl.int64) * v_token)[:, None] + value[None, :])
        acc = acc * shrink[:, None]
        acc = tl.dot(weight.to(seen.dtype), seen, acc)
        peak = top
    for start in range(clear, high, BLOCK_N):
        at = start + column
        known = at < end
        k_rows = k_base + at.to(tl.int64) * k_token
        k_main = tl.load(k_rows[None, :] + main[:, None], mask=known[None, :], other=0.0)
        scores = tl.dot(q_main, k_main)
        if EXTRA > 0:
            k_extra = tl.load(k_rows[None, :] + MAIN + extra[:, None], mask=known[None, :], other=0.0)
            scores += tl.dot(q_extra, k_extra)
        visible = at[None, :] <= past + token[:, None]
        if WINDOW > 0:
            visible = visible & (at[None, :] > past + token[:, None] - WINDOW)
        scores = tl.where(visible, scores * scale_log2, -float("inf"))
        top = tl.maximum(peak, tl.max(scores, 1))
        # A row that has seen nothing yet has no peak to subtract.
        base = tl.where(top == -float("inf"), 0.0, top)
        weight = tl.math.exp2(scores - base[:, None])
        shrink = tl.math.exp2(peak - base)
        total = total * shrink + tl.sum(weight, 1)
        if LATENT:
            seen = tl.trans(k_main)
        else:
            v_rows = v_base + at.to(tl.int64) * v_token
            seen = tl.load(v_rows[:, None] + value[None, :], mask=known[:, None], other=0.0)
        acc = acc * shrink[:, None]
        acc = tl.dot(weight.to(seen.dtype), seen, acc)
        peak = top

    empty = total == 0.0
    acc = acc / tl.where(empty, 1.0, total)[:, None]
    target = place * heads + head
    if not SPLIT:
        tl.store(
            out + target[:, None] * VALUE + value[None, :], acc.to(out.dtype.element_ty),
            mask=inside[:, None])
    else:
        lse = tl.where(empty, -float("inf"), peak + tl.math.log2(tl.where(empty, 1.0, total)))
        part = target * splits + split
        tl.store(partial + part[:, None] * VALUE + value[None, :], acc, mask=inside[:, None])
        tl.store(partial_lse + part, lse, mask=inside)


@triton.jit
def combine_kernel(
    partial, partial_lse, out, VALUE: tl.constexpr, SPLITS: tl.constexpr,
):
    target = tl.program_id(0).to(tl.int64)
    split = tl.arange(0, SPLITS)
    value = tl.arange(0, VALUE)
    lse = tl.load(partial_lse + target * SPLITS + split)
    weight = tl.math.exp2(lse - tl.max(lse, 0))
    parts = tl.load(partial + (target * SPLITS + split)[:, None] * VALUE + value[None, :])
    mean = tl.sum(parts * weight[:, None], 0) / tl.sum(weight, 0)
    tl.store(out + target * VALUE + value, mean.to(out.dtype.element_ty))


def power_above(number):
    return 1 << max(int(number) - 1, 0).bit_length()


class Attention:
    """Attention of a batch over slots of a cache, for fixed heads and dimensions.

    `value` is the width of what is summed; `latent` says that values are the first `value` columns
    of the keys (absorbed MLA), in which case `v` is the cache of keys.
    """

    def __init__(
        self, heads, kv_heads, main, extra=0, value=None, latent=False, window=0, scale=None,
        processors=132,
    ):
        self.heads, self.kv_heads = heads, kv_heads
        self.group = heads // kv_heads
        self.main, self.extra, self.latent = main, extra, latent
        self.value = value or main
        self.window = window
        self.scale = scale or (main + extra) ** -0.5
        self.processors = processors

    def blocks(self, longest):
        """Rows and columns of a block, warps and stages, for increments up to `longest` tokens."""
        rows = power_above(longest * self.group)
        if self.main > 128:
            return min(max(rows, 16), 64), 32, 8, 2
        rows = min(max(rows, 16), 128)
        # Measured on an H200: eight warps pay for heads of 128 alone.
        return rows, 64, 8 if rows == 128 and self.main == 128 else 4, 3

    def splits(self, sequences, longest, rows, columns, context):
        """Parts of a context, so that every processor has work; at least four blocks in a part."""
        programs = sequences * self.kv_heads * -(-longest * self.group // rows)
        wanted = max(2 * self.processors // programs, 1)
        seen = min(context, self.window + longest) if self.window else context
        return min(power_above(wanted), power_above(max(seen // (4 * columns), 1)), 64)

    def __call__(self, q, k, v, q_start, q_length, history, slots, longest, context, out=None):
        """Attends.

        q: [tokens, heads, main + extra]; k: [slots, tokens, kv heads, main + extra]; v likewise with
        `value` columns. Four int32 vectors with one entry per sequence: where its new tokens begin in q,
        how many there are, how many are cached before them (the new ones stand in the cache behind
        them), and its slot. `longest` is the greatest increment, `context` the greatest context.
        """
        sequences = q_start.shape[0]
        rows, columns, warps, stages = self.blocks(longest)
        splits = self.splits(sequences, longest, rows, columns, context)
        tokens = q.shape[0]
        if out is None:
            out = torch.empty(tokens, self.heads, self.value, dtype=q.dtype, device=q.device)
        if splits > 1:
            partial = torch.empty(
                tokens, self.heads, splits, self.value, dtype=torch.float32, device=q.device)
            lse = torch.empty(tokens, self.heads, splits, dtype=torch.float32, device=q.device)
        else:
            partial = lse = out
        grid = (-(-longest * self.group // rows), self.kv_heads * splits, sequences)
        attend_kernel[grid](
            q, k, v, out, partial, lse, q_start, q_length, history, slots,
            self.scale * 1.4426950408889634, splits, self.group, self.heads,
            q.stride(0), q.stride(1), k.stride(0), k.stride(1), k.stride(2),
            v.stride(0), v.stride(1), v.stride(2),
            MAIN=self.main, EXTRA=self.extra, VALUE=self.value, LATENT=self.latent,
            WINDOW=self.window, SPLIT=splits > 1, BLOCK_M=rows, BLOCK_N=columns,
            num_warps=warps, num_stages=stages)
        if splits > 1:
            combine_kernel[(tokens * self.heads,)](
                partial, lse, out, VALUE=self.value, SPLITS=splits, num_warps=2)
        return out
