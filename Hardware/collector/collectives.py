"""Collectives between the GPUs of this machine, through PyTorch's distributed package."""

import os
import socket

import torch
import torch.distributed as dist
import torch.multiprocessing as processes

import timing
from operators import COLLECTIVES, Operator
from points import points_of


def measure(gpus, device_type, smoke, report):
    """Runs every collective over `gpus` ranks and calls report(operator, x, y, timing, kernel)."""
    results = processes.get_context("spawn").SimpleQueue()
    processes.spawn(rank, args=(gpus, free_port(), device_type, smoke, results), nprocs=gpus)
    while not results.empty():
        name, x, values, library = results.get()
        variant = "nccl" if device_type == "cuda" else "gloo"
        report(Operator(name, "", variant, (gpus,)), x, 0, timing.Timing(*values), library)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def rank(index, gpus, port, device_type, smoke, results):
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port))
    backend = "nccl" if device_type == "cuda" else "gloo"
    if device_type == "cuda":
        torch.cuda.set_device(index)
    dist.init_process_group(backend, rank=index, world_size=gpus)
    device = torch.device(device_type, index) if device_type == "cuda" else torch.device("cpu")
    clock = timing.CUDAClock() if device_type == "cuda" else timing.CPUClock()
    for name in COLLECTIVES:
        if not smoke or name in ("all_reduce", "all_gather"):
            check(name, index, gpus, device)
            one_collective(name, index, gpus, device, clock, smoke, results)
    dist.destroy_process_group()


def one_collective(name, index, gpus, device, clock, smoke, results):
    sizes = [x for _, x, _ in points_of(Operator(name, "", "nccl", (gpus,)))]
    for x in sizes[:4] if smoke else sizes:
        # Libraries for the CPU know no bf16.
        width, dtype = (2, torch.bfloat16) if device.type == "cuda" else (4, torch.float32)
        call = collective(name, torch.ones(x // width, dtype=dtype, device=device), gpus)
        dist.barrier()
        values = clock.time([call])
        if index == 0:
            library = f"{dist.get_backend()} of torch {torch.__version__}"
            results.put((name, x, (values.median_us, values.p10_us, values.p90_us, values.runs), library))


def collective(name, message, gpus):
    """One execution of a collective. The message is what the collective's larger side holds."""
    part = message[:message.numel() // gpus]
    other = torch.empty_like(message)
    return {
        "all_reduce": lambda: dist.all_reduce(message),
        "all_gather": lambda: dist.all_gather(list(other.chunk(gpus)), part)
        if message.device.type == "cpu" else dist.all_gather_into_tensor(other[:part.numel() * gpus], part),
        "reduce_scatter": lambda: dist.reduce_scatter_tensor(part, message[:part.numel() * gpus]),
        "all_to_all": lambda: dist.all_to_all_single(other, message),
    }[name]


def check(name, index, gpus, device):
    """A sum of ranks is what it has to be, before anything is timed."""
    message = torch.full((4 * gpus,), float(index + 1), device=device)
    dist.all_reduce(message)
    expected = gpus * (gpus + 1) / 2
    if not bool((message == expected).all()):
        raise RuntimeError(f"{name}: the sum over {gpus} ranks is {message[0].item()}, not {expected}")
