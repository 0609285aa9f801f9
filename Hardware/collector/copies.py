"""Copies within a GPU's memory, and between it and pinned host memory."""

import torch

from kernel import Kernel
from operators import Operator

PATHS = ("device-memory", "host-to-device", "device-to-host")


def operators():
    return [Operator("point_to_point", "", path, ()) for path in PATHS]


def kernels(operator, device):
    return [Kernel("torch copy_", calls, error)]


def buffers(operator, size, device):
    """Source and target of a copy of `size` bytes."""
    pinned = device.type == "cuda"
    on_host = lambda: torch.empty(size, dtype=torch.uint8, pin_memory=pinned)
    on_device = lambda: torch.empty(size, dtype=torch.uint8, device=device)
    source = on_host() if operator.variant == "host-to-device" else on_device()
    target = on_host() if operator.variant == "device-to-host" else on_device()
    source.copy_(torch.arange(size, device=source.device) % 251)
    return source, target


def calls(operator, x, y, arena):
    count = min(arena.copies(2 * x), 64)
    pairs = [buffers(operator, x, arena.device) for _ in range(count)]
    return [
        lambda source=source, target=target: target.copy_(source, non_blocking=True)
        for source, target in pairs]


def error(operator, arena):
    source, target = buffers(operator, 4096, arena.device)
    target.copy_(source)
    return 0.0 if torch.equal(source.cpu(), target.cpu()) else float("inf")
