"""Attention of new tokens over cached ones, and of one new token for each of many sequences.

Latent attention (MLA) is listed with the heads and width that have its FLOPs and bytes: in decode two
heads of width 288 stand for one over a latent of 512 + 64 that all share; in prefill a width of 160
stands for keys of 128 + 64 and values of 128. It is measured in its true shape.
"""

import dataclasses

import torch
import torch.nn.functional as F

from kernel import Kernel, relative_error

try:
    import attention_triton
except ImportError:
    attention_triton = None
try:
    from torch.nn.attention import SDPBackend, sdpa_kernel
    from torch.nn.attention.bias import causal_lower_right
except ImportError:
    sdpa_kernel = None
try:
    import flash_attn
except ImportError:
    flash_attn = None


@dataclasses.dataclass(frozen=True)
class Heads:
    """True dimensions of an operator's heads."""

    heads: int
    kv_heads: int
    main: int
    extra: int
    value: int
    latent: bool
    window: int

    @property
    def width(self):
        return self.main + self.extra

    @property
    def scale(self):
        return (192 if self.extra else self.main) ** -0.5

    @property
    def plain(self):
        return not self.extra and not self.window


def heads_of(operator):
    if operator.kind == "decode_attention" and operator.head_dim == 288:
        return Heads(operator.heads // 2, 1, 512, 64, 512, True, operator.window)
    if operator.kind == "prefill_attention" and operator.head_dim == 160:
        return Heads(operator.heads, operator.kv_heads, 128, 64, 128, False, operator.window)
    width = operator.head_dim
    return Heads(operator.heads, operator.kv_heads, width, 0, width, False, operator.window)


def kernels(operator, device):
    """Implementations that this device and PyTorch have; float32 arithmetic where there is nothing else."""
    if operator.format != "bf16":
        return []
    if device.type != "cuda":
        return [eager_kernel()]
    heads = heads_of(operator)
    found = []
    if attention_triton and power_of_two(heads.main):
        found.append(triton_kernel())
    if sdpa_kernel and heads.plain:
        found.append(sdpa_attention())
    if flash_attn and not heads.extra:
        found.append(flash_kernel())
    return found or [eager_kernel()]


def power_of_two(number):
    return number & (number - 1) == 0


def over(sequences):
    """Kernel of a function `run(heads, q, k, v, new, cached)` over equal sequences."""

    def calls(operator, x, y, arena):
        heads, batch, new, cached = problem(operator, x, y)
        q = arena.take(batch * new, heads.heads, heads.width)
        length = new + cached
        size = batch * length * heads.kv_heads * (heads.width + (0 if heads.latent else heads.value)) * 2
        found = []
        for _ in range(arena.copies(size)):
            k = arena.take(batch, length, heads.kv_heads, heads.width)
            v = k if heads.latent else arena.take(batch, length, heads.kv_heads, heads.value)
            found.append(sequences(heads, q, k, v, new, cached))
        return found

    def error(operator, arena):
        worst = 0.0
        for x, y in ((3, 200), (40, 0)) if operator.kind == "prefill_attention" else ((3, 200), (1, 1)):
            heads, batch, new, cached = problem(operator, x, y)
            q = arena.random(batch * new, heads.heads, heads.width).to(torch.bfloat16)
            k = arena.random(batch, new + cached, heads.kv_heads, heads.width).to(torch.bfloat16)
            v = k if heads.latent else arena.random(
                batch, new + cached, heads.kv_heads, heads.value).to(torch.bfloat16)
            expected = reference(heads, q, k, v, new, cached)
            worst = max(worst, relative_error(sequences(heads, q, k, v, new, cached)(), expected))
        return worst

    return calls, error


def problem(operator, x, y):
    """Heads, sequences, new tokens and cached tokens of each sequence."""
    if operator.kind == "decode_attention":
        return heads_of(operator), x, 1, max(y - 1, 0)
    return heads_of(operator), operator.batch, x, y


def reference(heads, q, k, v, new, cached):
    """Attention in float64."""
    batch, length = k.shape[:2]
    q = q.double().reshape(batch, new, heads.heads, heads.width).transpose(1, 2)
    group = heads.heads // heads.kv_heads
    k = k.double().transpose(1, 2).repeat_interleave(group, 1)
    v = v[..., :heads.value].double().transpose(1, 2).repeat_interleave(group, 1)
    scores = q @ k.transpose(2, 3) * heads.scale
    row = torch.arange(new, device=q.device)[:, None] + cached
    column = torch.arange(length, device=q.device)[None, :]
    seen = column <= row
    if heads.window:
        seen &= column > row - heads.window
    scores = scores.masked_fill(~seen, float("-inf"))
    out = torch.softmax(scores, -1) @ v
    return out.transpose(1, 2).reshape(batch * new, heads.heads, heads.value)


def eager_kernel():
    def sequences(heads, q, k, v, new, cached):
        return lambda: reference(heads, q, k, v, new, cached)

    return Kernel("torch float64", *over(sequences))


def triton_kernel():
    def sequences(heads, q, k, v, new, cached):
        batch = k.shape[0]
        properties = torch.cuda.get_device_properties(q.device)
        attend = attention_triton.Attention(
            heads.heads, heads.kv_heads, heads.main, heads.extra, heads.value, heads.latent,
            heads.window, heads.scale, properties.multi_processor_count)
        numbers = torch.arange(batch, dtype=torch.int32, device=q.device)
        start, length = numbers * new, torch.full_like(numbers, new)
        past = torch.full_like(numbers, cached)
        return lambda: attend(q, k, v, start, length, past, numbers, new, new + cached)

    return Kernel("triton", *over(sequences))


def sdpa_attention():
    def sequences(heads, q, k, v, new, cached):
        batch = k.shape[0]
        q = q.view(batch, new, heads.heads, heads.width).transpose(1, 2)
        k, v = k.transpose(1, 2), v.transpose(1, 2)
        mask = causal_lower_right(new, new + cached) if new > 1 else None

        def run():
            with sdpa_kernel(SDPBackend.FLASH_ATTENTION):
                out = F.scaled_dot_product_attention(
                    q, k, v, attn_mask=mask, scale=heads.scale, enable_gqa=True)
            return out.transpose(1, 2).reshape(batch * new, heads.heads, heads.value)

        return run

    return Kernel("torch sdpa flash", *over(sequences))


def flash_kernel():
    def sequences(heads, q, k, v, new, cached):
        batch = k.shape[0]
        q = q.view(batch, new, heads.heads, heads.width)
        window = (heads.window - 1, 0) if heads.window else (-1, -1)
        return lambda: flash_attn.flash_attn_func(
            q, k, v, softmax_scale=heads.scale, causal=True,
            window_size=window).reshape(batch * new, heads.heads, heads.value)

    return Kernel(f"flash_attn {flash_attn.__version__}" if flash_attn else "flash_attn", *over(sequences))
