"""What has been measured so far, line by line, and the timing CSV that comes of it.

The journal is JSON lines: first the provenance, then one line per timing, refusal or reading. A run that
is started again with the same journal goes on behind it.
"""

import json
import os

from operators import Operator

HEADER = "kind,format,variant,d1,d2,d3,d4,d5,d6,x,y,latency_us"


class JournalError(Exception):
    """The journal cannot be gone on with."""


class Journal:
    """Appends to a file of JSON lines; every line is on disk when `write` returns."""

    def __init__(self, path, provenance):
        self.path = path
        self.lines = self._lines(path)
        if not self.lines:
            self._file = open(path, "w", encoding="utf-8")
            self.write({"provenance": provenance})
            return
        found = self.lines[0].get("provenance")
        same = ("gpu", "device", "driver", "libraries")
        if not found or any(found.get(key) != provenance.get(key) for key in same):
            raise JournalError(
                f"{path} was begun on another device or with other versions: it has "
                f"{json.dumps(found)}, here is {json.dumps(provenance)}; give another --output, or "
                "delete the file")
        self._file = open(path, "a", encoding="utf-8")

    @staticmethod
    def _lines(path):
        if not os.path.exists(path):
            return []
        with open(path, encoding="utf-8") as file:
            text = file.read()
        whole, _, rest = text.rpartition("\n")
        if rest:
            # A run that was killed leaves half a line: it is measured again.
            with open(path, "w", encoding="utf-8") as file:
                file.write(whole + "\n" if whole else "")
        try:
            return [json.loads(line) for line in whole.splitlines() if line]
        except json.JSONDecodeError as error:
            raise JournalError(f"{path} is no journal: {error}") from error

    def write(self, entry):
        self.lines.append(entry)
        self._file.write(json.dumps(entry) + "\n")
        self._file.flush()

    def close(self):
        self._file.close()

    def done(self):
        """(operator, x, y) of every point that needs no second try."""
        return {
            (operator_of(line), line["x"], line["y"])
            for line in self.lines if "us" in line or "refused" in line}

    def choices(self):
        """Names of the kernels for each class of operators, the fastest first, as `choice` lines tell it."""
        return {line["choice"]: line["kernels"] for line in self.lines if "choice" in line}

    def harmful(self, key):
        """Names of the kernels that have cost the device for a class."""
        return {line["harmful"] for line in self.lines if "harmful" in line and line["class"] == key}


def operator_of(line):
    return Operator(line["kind"], line["format"], line["variant"], tuple(line["dimensions"]))


def entry(operator, x, y, **rest):
    return {
        "kind": operator.kind, "format": operator.format, "variant": operator.variant,
        "dimensions": list(operator.dimensions), "x": x, "y": y, **rest}


def timing_csv(lines):
    """The timing CSV of a journal's lines: comments with the provenance, then a row per timing."""
    provenance = lines[0]["provenance"]
    timings = [line for line in lines if "us" in line]
    rows = [f"# {text}" for text in comments(provenance, lines, timings)] + [HEADER]
    for line in sorted(timings, key=order):
        cells = [str(value) for value in line["dimensions"]]
        cells += [""] * (6 - len(cells))
        rows.append(",".join([
            line["kind"], line["format"], line["variant"], *cells, str(line["x"]), str(line["y"]),
            f"{line['us']:.4g}" if line["us"] < 1000 else f"{line['us']:.1f}"]))
    return "\n".join(rows) + "\n"


def order(line):
    return (line["kind"], line["format"], line["variant"], line["dimensions"], line["x"], line["y"])


def comments(provenance, lines, timings):
    """`gpu`, `engine`, `engine_version` and `trust` for the importer, then words for a reader."""
    libraries = provenance["libraries"]
    yield f"gpu: {provenance['gpu']}"
    yield "engine: torch"
    yield f"engine_version: {libraries['torch']}"
    yield "trust: measured"
    yield f"measured: {provenance['date']} on {provenance['device']}"
    if "driver" in provenance:
        yield f"driver: {provenance['driver']}"
    yield "libraries: " + ", ".join(f"{name} {version}" for name, version in sorted(libraries.items()))
    for clocks in clock_ranges(lines):
        yield clocks
    kernels = {}
    for line in timings:
        kernels.setdefault((line["kind"], line["kernel"]), []).append(spread(line))
    for (kind, kernel), spreads in sorted(kernels.items()):
        spreads.sort()
        yield (
            f"{kind} by {kernel}: {len(spreads)} timings, P90 - P10 of the runs over their median: "
            f"median {100 * spreads[len(spreads) // 2]:.1f} %, "
            f"P90 {100 * spreads[int(0.9 * (len(spreads) - 1))]:.1f} %")


def spread(line):
    return (line["p90_us"] - line["p10_us"]) / line["us"]


def clock_ranges(lines):
    """Range of every reading of clocks, power and temperature over the run."""
    seen = {}
    for line in lines:
        for name, text in line.get("reading", {}).items():
            number = text.split()[0] if text else ""
            if name != "driver_version" and number.replace(".", "", 1).isdigit():
                seen.setdefault(name, []).append((float(number), text))
    for name, values in sorted(seen.items()):
        low, high = min(values)[1], max(values)[1]
        yield f"{name}: {low}" if low == high else f"{name}: {low} to {high}"
