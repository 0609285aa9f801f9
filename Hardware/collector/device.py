"""What is measured on: the device, its software, and the words that go into the file."""

import datetime
import platform
import subprocess

import torch

from arena import Arena
from timing import CPUClock, CUDAClock

# Names that nvidia-smi and PyTorch give, and those of the hardware files.
NAMES = (
    ("H100 80GB HBM3", "h100-sxm"), ("H100 SXM", "h100-sxm"), ("H200", "h200-sxm"), ("H20", "h20-96gb"),
    ("A100-SXM4-80GB", "a100-80gb-sxm"), ("B200", "b200"), ("L40S", "l40s"),
    ("RTX 4090", "rtx-4090"), ("RTX PRO 6000", "rtx-pro-6000"))


def choose(cpu):
    """The device to measure on; raises RuntimeError where there is no GPU."""
    if cpu:
        return torch.device("cpu")
    if not torch.cuda.is_available():
        raise RuntimeError("no GPU that PyTorch can use was found; --cpu-smoke tries the program without one")
    return torch.device("cuda", 0)


def name_of(device):
    """Name of the device as hardware files have it, or a slug of its own name."""
    if device.type == "cpu":
        return "cpu-smoke"
    name = torch.cuda.get_device_name(device)
    for part, known in NAMES:
        if part in name:
            return known
    return "-".join("".join(c if c.isalnum() else " " for c in name.lower()).split())


def clock_of(device):
    return CUDAClock() if device.type == "cuda" else CPUClock()


def arena_of(device):
    if device.type == "cpu":
        return Arena(device, 1 << 26, 0, 1 << 20)
    properties = torch.cuda.get_device_properties(device)
    free, _ = torch.cuda.mem_get_info(device)
    has_fp8 = properties.major * 10 + properties.minor >= 89
    cache = getattr(properties, "L2_cache_size", 50 << 20)
    return Arena(device, int(0.45 * free), int(0.2 * free) if has_fp8 else 0, cache)


def libraries():
    """Versions of what the kernels come from."""
    found = {"torch": torch.__version__, "python": platform.python_version()}
    if torch.version.cuda:
        found["cuda"] = torch.version.cuda
    for name in ("triton", "flash_attn"):
        try:
            found[name] = __import__(name).__version__
        except ImportError:
            pass
    return found


def readings(device):
    """Driver, clocks, power and temperature now, as nvidia-smi tells them; empty without it."""
    if device.type == "cpu":
        return {}
    fields = "driver_version,clocks.sm,clocks.mem,clocks.max.sm,power.draw,power.limit,temperature.gpu"
    command = ["nvidia-smi", "-i", "0", f"--query-gpu={fields}", "--format=csv,noheader"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return {}
    return dict(zip(fields.split(","), (value.strip() for value in answer.split(","))))


def provenance(device):
    """What a reader of the timings has to know about where they come from."""
    found = {
        "gpu": name_of(device), "date": datetime.date.today().isoformat(), "libraries": libraries()}
    if device.type == "cuda":
        properties = torch.cuda.get_device_properties(device)
        found["device"] = properties.name
        found["processors"] = properties.multi_processor_count
        found["memory_bytes"] = properties.total_memory
        found["gpus"] = torch.cuda.device_count()
        found["driver"] = readings(device).get("driver_version", "unknown")
    else:
        found["device"] = platform.processor() or platform.machine()
    return found
