#!/usr/bin/env python3
"""Plants faults into the simulator and tells how many of them the tests catch.

One build holds all faults; a number in the environment chooses the one that is executed. The
faults are the same for the same sources and the same seed.
"""

import argparse
import collections
import os
import pathlib
import sys
import tempfile

sys.dont_write_bytecode = True

from planting import AREAS, Planting, choose, copy_package, scratch_folder
from running import Tests

GOAL = 0.9


def main():
    options = _options()
    root = pathlib.Path(__file__).resolve().parents[2]
    scratch = scratch_folder(options.scratch)
    areas = [area for area in AREAS if area.name in (options.area or area.name)]
    planting = Planting(root, scratch, choose(root, areas, options.count, options.seed), _log)
    _log(f"{len(planting.faults)} faults from {root} go into {scratch}")
    copy_package(root, scratch)
    planting.build()
    faults = planting.cut(options.count)
    _log(f"{len(faults)} faults will be run, {options.parallel} at a time")
    tests = Tests(scratch, options.parallel, _log)
    tests.check_unharmed()
    outcomes = tests.judge_all(faults)
    text = _report(outcomes, options)
    if options.report:
        pathlib.Path(options.report).write_text(text)
    print(text)
    caught = sum(outcome.is_caught for outcome in outcomes)
    sys.exit(0 if caught >= GOAL * len(outcomes) else 1)


def _options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=240, help="faults to run (default 240)")
    parser.add_argument("--seed", type=int, default=1, help="chooses the faults (default 1)")
    parser.add_argument(
        "--parallel", type=int, default=os.cpu_count() or 1, help="runs at the same time")
    parser.add_argument(
        "--scratch", default=os.path.join(tempfile.gettempdir(), "ampd-plan-faults"),
        help="folder of the copy; its build is used again")
    parser.add_argument(
        "--area", action="append", choices=[area.name for area in AREAS],
        help="plant faults only here; may be repeated")
    parser.add_argument("--report", help="file for the report, as Markdown")
    return parser.parse_args()


def _log(line):
    print(line, file=sys.stderr, flush=True)


def _report(outcomes, options):
    """Two tables: how many were caught, by area and kind, and the survivors."""
    lines = [f"{len(outcomes)} faults, seed {options.seed}", ""]
    lines += _table("area", outcomes, lambda o: o.fault.area.name, [a.name for a in AREAS])
    kinds = sorted({outcome.fault.kind for outcome in outcomes})
    lines += [""] + _table("kind", outcomes, lambda o: o.fault.kind, kinds)
    lines += ["", "| survivor | code | change |", "|---|---|---|"]
    for outcome in outcomes:
        if not outcome.is_caught:
            fault = outcome.fault
            lines.append(
                f"| {pathlib.Path(fault.path).name}:{fault.line + 1} | "
                f"`{_cell(fault.code)}` | {_cell(fault.describe())} |")
    return "\n".join(lines) + "\n"


def _cell(text):
    return text.replace("|", "\\|")


def _table(title, outcomes, key, order):
    rows = [f"| {title} | faults | caught | of these by a trap | by a hang | survived | share |",
            "|---|---|---|---|---|---|---|"]
    groups = collections.defaultdict(list)
    for outcome in outcomes:
        groups[key(outcome)].append(outcome)
        groups["all"].append(outcome)
    for name in [*order, "all"]:
        verdicts = collections.Counter(outcome.verdict for outcome in groups[name])
        count = len(groups[name])
        caught = count - verdicts["survived"]
        rows.append(
            f"| {name} | {count} | {caught} | {verdicts['traps']} | {verdicts['hangs']} | "
            f"{verdicts['survived']} | {100 * caught / max(1, count):.1f} % |")
    return rows


if __name__ == "__main__":
    main()
