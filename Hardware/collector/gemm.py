"""Dense products of tokens with a weight: bf16, fp8 with scales of rows, fp8 with scales of blocks.

The fp8 products begin with bf16 tokens, as a layer does: turning them to fp8 is a part of the time.
"""

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
    if operator.format == "bf16":
        return [Kernel("torch.linear", bf16_calls, bf16_error)]
    if device.type != "cuda":
        return []
    if not elementwise.fused_on(device):
        return []
    if operator.format == "fp8":
        return [
            Kernel("triton quantise, torch._scaled_mm by rows", *fp8(rows_product, rows_reference)),
            Kernel("triton quantise, torch._scaled_mm per tensor", *fp8(tensor_product, tensor_reference))]
    if operator.format == "fp8_block" and operator.k % 128 == 0:
        return [
            Kernel("triton quantise, torch scaled_mm 1x128 128x128", *block(torch_product)),
            Kernel("triton quantise, triton 1x128 128x128", *block(triton_product))]
    return []


def bf16_calls(operator, x, y, arena):
    tokens = arena.take(x, operator.k)
    weights = [
        arena.take(operator.n, operator.k)
        for _ in range(arena.copies(operator.n * operator.k * 2))]
    return [lambda weight=weight: F.linear(tokens, weight) for weight in weights]


def bf16_error(operator, arena):
    tokens = arena.random(32, operator.k).to(torch.bfloat16)
    weight = arena.random(min(operator.n, 256), operator.k).to(torch.bfloat16)
    return relative_error(F.linear(tokens, weight), tokens.double() @ weight.double().T)


def rows_product(tokens, weight, scales):
    """A scale for every token, found in its values, and one for every column of the weight."""
    eighths, row_scales = elementwise.quantise_rows(tokens)
    return torch._scaled_mm(
        eighths, weight.t(), scale_a=row_scales, scale_b=scales, out_dtype=torch.bfloat16)


def rows_reference(tokens, weight, scales):
    eighths, row_scales = elementwise.quantise_rows(tokens)
    return (eighths.double() * row_scales.double()) @ (weight.double() * scales.double().T).T


def single(scales):
    """Two scales of them. Each begins at a multiple of 16 bytes, or cuBLAS refuses it."""
    return scales[0, 0], scales[0, 4]


def tensor_product(tokens, weight, scales):
    """One given scale for all tokens, as a calibrated checkpoint has it, and one for the weight."""
    one, other = single(scales)
    return torch._scaled_mm(
        elementwise.quantise_with(tokens, one), weight.t(), scale_a=one, scale_b=other,
        out_dtype=torch.bfloat16)


def tensor_reference(tokens, weight, scales):
    one, other = single(scales)
    eighths = elementwise.quantise_with(tokens, one)
    return (eighths.double() * one.double()) @ (weight.double() * other.double()).T


def fp8(product, reference):
    def calls(operator, x, y, arena):
        tokens = arena.take(x, operator.k)
        scales = arena.random(1, operator.n).abs() + 0.5
        weights = [
            arena.take(operator.n, operator.k, fp8=True)
            for _ in range(arena.copies(operator.n * operator.k))]
        return [lambda weight=weight: product(tokens, weight, scales) for weight in weights]

    def error(operator, arena):
        tokens = arena.random(32, operator.k).to(torch.bfloat16)
        weight = arena.random(256, operator.k).to(torch.float8_e4m3fn)
        scales = arena.random(1, 256).abs() + 0.5
        return relative_error(product(tokens, weight, scales), reference(tokens, weight, scales))

    return calls, error


def torch_product(weight, scales, rows):
    """PyTorch's product of fp8 blocks for whole blocks of the weight: a function of bf16 tokens."""
    if weight.shape[0] % 128 or weight.shape[1] % 128:
        raise ValueError(f"a weight of {tuple(weight.shape)} has parts of blocks")
    # Scales [n / 128, k / 128] are wanted as [k / 128, n / 128], columns padded to multiples of four.
    outer, inner = scales.shape
    padded = scales.new_zeros(outer, -(-inner // 4) * 4)
    padded[:, :inner] = scales
    b_scales, recipe = padded[:, :inner].t(), F.ScalingType

    def run(tokens):
        eighths, a_scales = elementwise.quantise_blocks(tokens, columns_first=True)
        return F.scaled_mm(
            eighths, weight.t(), a_scales, recipe.BlockWise1x128, b_scales, recipe.BlockWise128x128,
            output_dtype=torch.bfloat16)

    return run


def triton_product(weight, scales, rows):
    """The product in Triton: a function of bf16 tokens."""
    height = grouped_triton.rows_of_tile(rows, 1, scaled=True)
    ends = torch.full((1,), rows, dtype=torch.int32, device=weight.device)
    tile_ends = torch.full((1,), -(-rows // height), dtype=torch.int32, device=weight.device)

    def run(tokens):
        eighths, a_scales = elementwise.quantise_blocks(tokens)
        return grouped_triton.grouped(
            eighths, weight[None], ends, tile_ends, height, a_scales=a_scales, b_scales=scales[None])

    return run


def block(product):
    def calls(operator, x, y, arena):
        tokens = arena.take(x, operator.k)
        scales = arena.random(-(-operator.n // 128), -(-operator.k // 128)).abs() + 0.5
        weights = [
            arena.take(operator.n, operator.k, fp8=True)
            for _ in range(arena.copies(operator.n * operator.k))]
        runs = [product(weight, scales, x) for weight in weights]
        return [lambda run=run: run(tokens) for run in runs]

    def error(operator, arena):
        n, k = 256, operator.k
        tokens = arena.random(32, k).to(torch.bfloat16)
        weight = arena.random(n, k).to(torch.float8_e4m3fn)
        scales = arena.random(n // 128, k // 128).abs() + 0.5
        eighths, a_scales = elementwise.quantise_blocks(tokens)
        wide = eighths.double() * a_scales.double().repeat_interleave(128, 1)
        expected = wide @ (
            weight.double() * scales.double().repeat_interleave(128, 0).repeat_interleave(128, 1)).T
        return relative_error(product(weight, scales, 32)(tokens), expected)

    return calls, error
