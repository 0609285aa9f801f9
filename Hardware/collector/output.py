"""Words for people, and files that are whole."""

import json
import os
import sys


def say(text):
    print(text, file=sys.stderr, flush=True)


def write_whole(path, text):
    """Writes a file so that it is either the old one or all of the new one."""
    with open(path + ".part", "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(path + ".part", path)


def write_lines(path, entries):
    """Writes JSON lines, whole or not at all."""
    write_whole(path, "".join(json.dumps(entry, separators=(",", ":")) + "\n" for entry in entries))


def figures(records):
    """What rounds took, in a line for people."""
    ttft = sorted(record["ttft_ms"] for record in records)
    itl = sorted(gap for record in records for gap in record["itl_ms"])

    def at(values, share):
        return values[int(share * (len(values) - 1))] if values else float("nan")

    return (
        f"TTFT P50 {at(ttft, 0.5):.1f} ms, P95 {at(ttft, 0.95):.1f} ms; "
        f"ITL P50 {at(itl, 0.5):.2f} ms, P95 {at(itl, 0.95):.2f} ms")


def milli(seconds):
    """Milliseconds to the microsecond, as records have them."""
    return round(seconds * 1e3, 3)
