"""Measures the operators of a list on the GPU at hand and writes a timing CSV."""

import os
import sys
import time

import torch

import attention
import collectives
import copies
import device as devices
import elementwise
import experts
import gemm
import operators as lists
import uneven
from arena import TooLarge
from journal import Journal, entry, timing_csv
from output import say, write_whole
from points import points_of, schedule

FAMILIES = {
    "gemm": gemm, "prefill_attention": attention, "decode_attention": attention,
    "uneven_decode_attention": uneven, "experts": experts,
    "norm": elementwise, "rope": elementwise, "activation": elementwise, "residual": elementwise,
    "embedding": elementwise, "point_to_point": copies}
# A kernel whose result is further than this from the float64 reference is not used. bf16 results of
# bf16 operands are within 0.005; fp8 experts quantise their rows, which costs up to 0.04.
WORST_ERROR = {"experts fp8_block": 0.06}
USUAL_ERROR = 0.02
# Up to so many tokens or sequences other kernels may be the fastest than above.
FEW = 128
# Seconds between two looks at clocks and power.
READING_S = 15


def run(options):
    """Collects until all points are measured or the time is over; returns the exit code."""
    started = time.monotonic()
    device = devices.choose(options.cpu_smoke)
    operators = wanted(options, device)
    journal = Journal(options.output + ".journal", devices.provenance(device))
    collector = Collector(device, journal, started + 60 * options.minutes)
    try:
        # Collectives first: they need the memory that the arena takes afterwards.
        collector.collectives(options.gpus, options.cpu_smoke)
        collector.points(schedule(operators, options.cpu_smoke))
    except KeyboardInterrupt:
        say("interrupted; what was measured is kept, the same command goes on")
    except DeviceLost as loss:
        journal.close()
        return again(options, collector.deadline - time.monotonic(), loss)
    finally:
        write_whole(options.output, timing_csv(journal.lines))
        journal.close()
    say(collector.summary(options.output))
    return 0


class DeviceLost(Exception):
    """A kernel has left the device unusable for this process."""


def check_device(device, kernel, error):
    """Raises DeviceLost where the device answers no more."""
    if device.type == "cuda":
        try:
            torch.cuda.synchronize()
        except Exception as answer:
            raise DeviceLost(f"{kernel.name}: {first_line(error)}") from answer


def again(options, seconds, loss):
    """Goes on in a new process with the time that is left."""
    say(f"the device was lost ({loss}); starting again behind that point")
    if seconds < 1:
        return 0
    words = [sys.executable, os.path.dirname(os.path.abspath(__file__)), "collect",
             "--output", options.output, "--minutes", str(seconds / 60), "--operators", options.operators]
    words += ["--kinds", options.kinds] if options.kinds else []
    words += ["--gpus", str(options.gpus)] if options.gpus else []
    os.execv(sys.executable, words)


def wanted(options, device):
    """Operators of the list in all formats that are measured, without those of other lists."""
    if options.cpu_smoke:
        found = lists.read(os.path.join(os.path.dirname(__file__), "smoke.csv"))
    else:
        found = lists.read(options.operators)
        found = lists.with_formats(found, ["bf16", "fp8", "fp8_block"])
        found = lists.with_distributions(found, ["balanced", "power_law_1.2", "power_law_1.01"])
    found = lists.with_variations(found, [0, 50, 100])
    kinds = options.kinds.split(",") if options.kinds else list(FAMILIES)
    unknown = [kind for kind in kinds if kind not in FAMILIES]
    if unknown:
        raise lists.ListError(
            f"--kinds: unknown kind {unknown[0]}; known are {', '.join(FAMILIES)}")
    return [
        operator for operator in found + copies.operators() if operator.kind in kinds]


class Collector:
    """Measures points into a journal until a deadline."""

    def __init__(self, device, journal, deadline):
        self.device, self.journal, self.deadline = device, journal, deadline
        self.clock = devices.clock_of(device)
        self.arena = None
        self.kernels = {}
        self.last_reading = float("-inf")
        self.measured = self.refused = self.left = 0

    def collectives(self, most, smoke):
        available = torch.cuda.device_count() if self.device.type == "cuda" else 2 if smoke else 1
        available = min(available, most) if most else available
        done = {operator.dimensions for operator, _, _ in self.journal.done() if operator.kind == "all_reduce"}
        for gpus in (2, 4, 8):
            if gpus <= available and (gpus,) not in done and time.monotonic() < self.deadline:
                try:
                    collectives.measure(gpus, self.device.type, smoke, self.record)
                except Exception as error:  # The other operators do not depend on them.
                    self.journal.write({
                        "unavailable": "collectives", "class": f"{gpus} GPUs",
                        "reason": first_line(error)})
                    say(f"collectives over {gpus} GPUs are left out: {first_line(error)}")

    def points(self, planned):
        self.arena = devices.arena_of(self.device)
        done = self.journal.done()
        todo = [point for point in planned if point not in done]
        say(f"{len(planned)} points, {len(planned) - len(todo)} of them measured before")
        for index, (operator, x, y) in enumerate(todo):
            if time.monotonic() > self.deadline:
                self.left = len(todo) - index
                return
            self.look(index, len(todo), operator)
            self.point(operator, x, y)
        self.look(len(todo), len(todo), None)

    def point(self, operator, x, y):
        reason = "no kernel for this format and shape here"
        for kernel in self.kernels_of(operator, x):
            try:
                timing = self.clock.time(kernel.calls(operator, x, y, self.arena))
            except (TooLarge, torch.cuda.OutOfMemoryError) as error:
                torch.cuda.empty_cache()
                reason = f"does not fit: {error}"
            except Exception as error:  # A kernel that refuses one shape must not end the run.
                reason = f"{kernel.name} failed: {first_line(error)}"
                self.harmless(kernel, error, lambda: self.refuse(operator, x, y, reason))
            else:
                return self.record(operator, x, y, timing, kernel.name)
        self.refuse(operator, x, y, reason)

    def harmless(self, kernel, error, note):
        """Returns if the device still works after an error; else notes what must not be tried again."""
        try:
            check_device(self.device, kernel, error)
        except DeviceLost:
            note()
            raise

    def record(self, operator, x, y, timing, kernel):
        self.measured += 1
        self.journal.write(entry(
            operator, x, y, us=timing.median_us, p10_us=timing.p10_us, p90_us=timing.p90_us,
            runs=timing.runs, kernel=kernel))

    def ban(self, key, kernel):
        self.journal.write({"harmful": kernel.name, "class": key})

    def refuse(self, operator, x, y, reason):
        self.refused += 1
        self.journal.write(entry(operator, x, y, refused=reason))

    def kernels_of(self, operator, x):
        """The correct implementations for an operator, the fastest first, tried once for a class.

        A class shares kind, format, few or many tokens, and what of the shape decides which code runs. Its
        first operator is the one that is tried, at three points.
        """
        key = class_of(operator, x)
        if key not in self.kernels:
            harmful = self.journal.harmful(key)
            candidates = [
                kernel for kernel in FAMILIES[operator.kind].kernels(operator, self.device)
                if kernel.name not in harmful]
            order = self.journal.choices().get(key)
            if order is None:
                self.kernels[key] = self.choose(key, operator, x, candidates)
            else:
                known = {kernel.name: kernel for kernel in candidates}
                self.kernels[key] = [known[name] for name in order if name in known]
        return self.kernels[key]

    def choose(self, key, operator, x, candidates):
        correct = [kernel for kernel in candidates if self.is_correct(key, kernel, operator)]
        times = {}
        if len(correct) > 1:
            times = {kernel.name: self.probe(key, kernel, operator, x) for kernel in correct}
            correct.sort(key=lambda kernel: times[kernel.name] or float("inf"))
        names = [kernel.name for kernel in correct]
        self.journal.write({"choice": key, "kernels": names, "geometric_mean_us": times})
        return correct

    def is_correct(self, key, kernel, operator):
        limit = WORST_ERROR.get(f"{operator.kind} {operator.format}", USUAL_ERROR)
        try:
            error = kernel.error(operator, self.arena)
        except Exception as problem:
            self.journal.write({"unavailable": kernel.name, "class": key, "reason": first_line(problem)})
            say(f"{kernel.name} is left out for {operator}: {first_line(problem)}")
            self.harmless(kernel, problem, lambda: self.ban(key, kernel))
            return False
        self.journal.write({"checked": kernel.name, "class": key, "error": error, "limit": limit})
        if error > limit:
            say(f"{kernel.name} is left out for {operator}: it is {error:.2g} from the reference, over {limit}")
        return error <= limit

    def probe(self, key, kernel, operator, x):
        """Geometric mean of the times at three points of the class; None where one of them fails."""
        grid = sorted({
            (i, j) for _, i, j in points_of(operator) if (i > FEW) == (x > FEW)})
        product, chosen = 1.0, (grid[0], grid[len(grid) // 2], grid[(9 * len(grid)) // 10])
        for i, j in chosen:
            try:
                product *= self.clock.time(kernel.calls(operator, i, j, self.arena)).median_us
            except Exception as error:
                self.journal.write({
                    "unavailable": kernel.name, "class": f"{operator} x={i} y={j}",
                    "reason": first_line(error)})
                self.harmless(kernel, error, lambda: self.ban(key, kernel))
                return None
        return product ** (1 / 3)

    def look(self, index, count, operator):
        now = time.monotonic()
        if now - self.last_reading > READING_S or operator is None:
            self.last_reading = now
            self.journal.write({"reading": devices.readings(self.device)})
            say(f"{index} of {count} points; next: {operator or 'nothing'}")

    def summary(self, path):
        text = f"{self.measured} timings in {path}"
        if self.refused:
            text += f"; {self.refused} points could not be measured, {path}.journal says why"
        if self.left:
            text += f"; the time ended with {self.left} points left, the same command goes on"
        return text


def class_of(operator, x):
    """What decides which code runs: kind, format, few or many tokens, and a part of the shape."""
    words = [operator.kind, operator.format, "few" if x <= FEW else "many"]
    if operator.kind.endswith("attention"):
        if operator.kind.startswith("uneven"):
            words.append("uneven" if operator.variation_percent else "even")
        grouped = "grouped" if operator.heads > operator.kv_heads else "single"
        words += [str(operator.head_dim), str(operator.window), grouped]
    elif operator.kind == "experts":
        words.append("even" if operator.intermediate // operator.tp % 128 == 0 else "odd")
    elif operator.format == "fp8_block":
        words.append("even" if operator.n % 128 == 0 and operator.k % 128 == 0 else "odd")
    return " ".join(word for word in words if word)


def first_line(error):
    text = str(error).strip().splitlines()
    return f"{type(error).__name__}: {text[0] if text else ''}"
