"""Serves a trace of sessions with a plain decoder and writes TTFT and ITL of every round."""

import time

import torch

import device as devices
import sessions as traces
from decoder import SHAPES, Decoder
from engine import Engine
from output import figures, say, write_lines
from server import Server

SIZES = (1, 2, 4, 8, 12, 16, 20, 24, 28, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256)


def run(options):
    """Serves until the last round has ended; returns the exit code."""
    device = devices.choose(options.cpu_smoke)
    sessions = traces.read(options.trace)
    if options.seconds:
        sessions = [session for session in sessions if session.arrival_s <= options.seconds]
    name = "tiny" if options.cpu_smoke else options.shape
    if name not in SHAPES:
        raise RuntimeError(f"--shape: {name} is unknown; known are {', '.join(SHAPES)}")
    if any(part.history_tokens is not None for session in sessions for part in session.rounds):
        raise traces.TraceError(f"{options.trace}: has history_tokens; a slot keeps all that was said")
    longest = max(session.tokens for session in sessions)
    if longest > options.max_context:
        raise RuntimeError(f"--max-context: a session has {longest} tokens, over {options.max_context}")
    shape = SHAPES[name]
    slots = slots_that_fit(shape, device, options.max_context)
    sizes = [size for size in SIZES if size < options.max_sequences] + [options.max_sequences]
    with torch.inference_mode():
        decoder = Decoder(shape, device, slots, options.max_context)
        say(f"{name}: {slots} slots of {options.max_context} tokens; capturing {len(sizes)} graphs")
        engine = Engine(decoder, sizes)
        say("graphs captured; warming up")
        warm_up(engine, shape, options)
        say("warm; timing the host")
        host = host_times(engine, shape, sizes)
        server = Server(engine, slots, options.token_budget, options.max_sequences, shape.vocabulary)
        say(f"serving {len(sessions)} sessions")
        before = devices.readings(device)
        started = time.monotonic()
        records = server.serve(sessions)
    head = {
        "provenance": devices.provenance(device), "shape": name, "token_budget": options.token_budget,
        "max_sequences": options.max_sequences, "max_context": options.max_context, "slots": slots,
        "slot_waits": server.slot_waits, "graph_sizes": sizes, "before": before,
        "after": devices.readings(device)}
    write_lines(options.output, [head] + records)
    write_lines(options.output + ".steps", [head] + server.steps)
    write_lines(options.output + ".host", [head] + host)
    say(f"{len(records)} rounds of {len(sessions)} sessions in {time.monotonic() - started:.1f} s")
    say(figures(records))
    return 0


def slots_that_fit(shape, device, context):
    """Sessions that can be resident: four fifths of the memory that weights leave, at most 256; one is spare."""
    if device.type == "cpu":
        return 32
    free, _ = torch.cuda.mem_get_info(device)
    weights = 2 * (2 * shape.vocabulary * shape.hidden + shape.layers * (
        shape.qkv_width * shape.hidden + shape.heads * shape.head_dim * shape.hidden
        + 3 * shape.intermediate * shape.hidden))
    return max(2, min(257, int(0.8 * (free - weights) / shape.cache_bytes(1, context))))


def warm_up(engine, shape, options):
    """Every kernel once in every form, so that none is compiled while sessions wait."""
    if not engine.on_gpu:
        return
    for new in (1, 3, 8, 20, 40, 100, 200, 300, 500, 700, 1000, 1500, 2000, 3000, 4000, 6000, 8000):
        if new > options.max_context - 1:
            break
        for cached in (0, 17, 2000):
            if cached + new < options.max_context:
                engine.prefill([([1] * new, cached, 1)])
    engine.prefill([([1] * 5, 0, 1), ([1] * 40, 7, 0)])


def host_times(engine, shape, sizes):
    """Steps by themselves: wall time, device time and batch, for what the host adds to the kernels."""
    found = []
    for kind, counts in (("decode", sizes), ("prefill", (1, 2, 4))):
        for count in counts:
            for repeat in range(15):
                started = time.perf_counter()
                if kind == "decode":
                    engine.decode([(1, 100, 0)] * count)
                else:
                    engine.prefill([([1] * 16, 100, 0)] * count)
                wall = (time.perf_counter() - started) * 1e6
                if repeat >= 5:
                    found.append({
                        "kind": kind, "sequences": count, "wall_us": round(wall, 1),
                        "device_us": round(engine.device_us, 1)})
    return found
