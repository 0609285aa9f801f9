"""Random memory from which kernels take their operands, so that no cache flatters them."""

import torch


class TooLarge(Exception):
    """An operand does not fit into the arena."""


class Arena:
    """Random bf16 and fp8 numbers on a device, handed out piece after piece and over again.

    `cache_bytes` is the size of the last-level cache: operands that a step reads once from memory
    are taken in so many copies that together they exceed it twice.
    """

    def __init__(self, device, size_bytes, eighth_bytes, cache_bytes, seed=1):
        self.device = device
        self.cache_bytes = cache_bytes
        generator = torch.Generator(device=device)
        generator.manual_seed(seed)
        self._wide = random_numbers(size_bytes // 2, torch.bfloat16, device, generator)
        self._eighth = (
            random_numbers(eighth_bytes, torch.float8_e4m3fn, device, generator)
            if eighth_bytes else None)
        self._offsets = {2: 0, 1: 0}
        self.generator = generator

    @property
    def has_fp8(self):
        return self._eighth is not None

    def take(self, *shape, fp8=False):
        """A view of random numbers; it may share memory with one that was taken long before."""
        numbers = self._eighth if fp8 else self._wide
        count = 1
        for side in shape:
            count *= side
        width = 1 if fp8 else 2
        if count > numbers.numel():
            raise TooLarge(f"{count * width} bytes in one piece; the arena has {numbers.numel() * width}")
        start = self._offsets[width]
        if start + count > numbers.numel():
            start = 0
        # Kernels want aligned rows: pieces begin at multiples of 256 bytes.
        self._offsets[width] = -(-(start + count) // 256) * 256
        return numbers[start:start + count].view(*shape)

    def copies(self, size_bytes):
        """How many operands of this size exceed the cache twice; at most 512."""
        return max(1, min(512, -(-2 * self.cache_bytes // max(size_bytes, 1))))

    def random(self, *shape):
        """Fresh float32 numbers for a check, from the arena's generator."""
        return torch.randn(*shape, device=self.device, generator=self.generator)


def random_numbers(count, dtype, device, generator):
    numbers = torch.empty(count, dtype=dtype, device=device)
    step = 1 << 26
    for start in range(0, count, step):
        piece = numbers[start:start + step]
        piece.copy_(torch.randn(piece.numel(), device=device, generator=generator))
    return numbers
