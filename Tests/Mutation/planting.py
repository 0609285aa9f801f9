"""Choosing faults by a seed, planting them into a copy of the package, and building that once."""

import hashlib
import os
import pathlib
import re
import shutil
import subprocess

from faults import candidates
from swift_support import operator_name, support_file

VARIABLE = "AMPD_FAULT"
SUPPORT = "PlantedFaults.swift"
ERROR = re.compile(r"^(/[^:\n]+\.swift):(\d+):\d+: error: (.*)$", re.M)


class Area:
    """Sources of one module whose faults are counted together."""

    def __init__(self, name, module, files, share):
        self.name, self.module, self.files, self.share = name, module, files, share


AREAS = [
    Area("engine", "Simulation", ["*"], 0.6),
    Area("policies", "Scheduling", ["*"], 0.2),
    Area("cost functions", "CostModeling", [
        "PhaseCosts.swift", "WorkerCosts.swift", "TransferCosts.swift", "StepLine.swift",
        "PiecewiseLinear.swift", "OperatorCurve.swift", "CurveFamily.swift"], 0.2),
]


def copy_package(root, scratch):
    """Copies what git knows of, and what is new, but leaves the copy's build folder alone."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"], cwd=root,
        check=True, capture_output=True).stdout.decode().split("\0")
    wanted = {name for name in listed if name and (root / name).is_file()}
    for old in [p for p in scratch.rglob("*.*") if p.is_file() and ".build" not in p.parts
                and p.parent != scratch]:
        if str(old.relative_to(scratch)) not in wanted:
            old.unlink()
    for name in sorted(wanted | {"Package.resolved"}):
        if not (root / name).is_file():
            continue
        target = scratch / name
        target.parent.mkdir(parents=True, exist_ok=True)
        _write(target, (root / name).read_bytes())
        shutil.copymode(root / name, target)


def _write(path, content):
    """Writes the file unless it holds this already, so that only changes are compiled."""
    if not path.exists() or path.read_bytes() != content:
        path.write_bytes(content)


def choose(root, areas, count, seed):
    """Faults of the areas in an order that depends on the seed and their own text alone."""
    chosen = []
    for area in areas:
        folder = root / "Sources" / area.module
        paths = sorted({p for pattern in area.files for p in folder.rglob(pattern)
                        if p.suffix == ".swift" and p.name != SUPPORT})
        found = []
        for path in paths:
            text = path.read_text()
            lines = text.split("\n")
            for fault in candidates(str(path.relative_to(root)), text):
                fault.area = area
                fault.code = lines[fault.line].strip()
                fault.lot = _lot(fault, seed)
                found.append(fault)
        found.sort(key=lambda fault: fault.lot)
        # Some of them will not compile; those that do are cut to their number later.
        chosen.append((area, _apart(found)[:int(count * area.share * 1.4) + 5]))
    return chosen


def _lot(fault, seed):
    name = f"{seed}|{fault.path}|{fault.code}|{fault.span[0]}|{fault.was}|{fault.becomes}"
    return hashlib.sha256(name.encode()).hexdigest()


def _apart(found):
    """At most one fault in a line, so that a line that does not compile has one reason."""
    taken, kept = set(), []
    for fault in found:
        if (fault.path, fault.line) not in taken:
            taken.add((fault.path, fault.line))
            kept.append(fault)
    return kept


class Planting:
    """A copy of the package with faults in it."""

    def __init__(self, root, scratch, chosen, log):
        self.root, self.scratch, self.log = root, scratch, log
        # Faults that did not compile in an earlier run on this copy.
        self.hopeless = scratch / "faults-that-do-not-compile.txt"
        known = set(self.hopeless.read_text().split()) if self.hopeless.exists() else set()
        self.chosen = [(area, [fault for fault in faults if fault.lot not in known])
                       for area, faults in chosen]
        number = 0
        for _, faults in self.chosen:
            for fault in faults:
                number += 1
                fault.number = number

    @property
    def faults(self):
        return [fault for _, faults in self.chosen for fault in faults]

    def write(self):
        for area, faults in self.chosen:
            texts = {}
            for fault in faults:
                texts.setdefault(fault.path, []).append(fault)
            for path in sorted((self.root / "Sources" / area.module).rglob("*.swift")):
                name = str(path.relative_to(self.root))
                _write(self.scratch / name,
                       _planted(path.read_text(), texts.get(name, [])).encode())
            support = self.scratch / "Sources" / area.module / SUPPORT
            _write(support, support_file(
                faults, VARIABLE, area.module == "Simulation").encode())

    def build(self):
        """Builds until everything compiles, and drops the faults that do not."""
        for area, _ in self.chosen:
            self._settle(["--target", area.module])
        self._settle(["--build-tests"])

    def _settle(self, arguments):
        while True:
            self.write()
            command = ["swift", "build", *arguments]
            run = subprocess.run(
                command, cwd=self.scratch, text=True, errors="replace", env=_environment(),
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            if run.returncode == 0:
                return
            dropped = self._drop(run.stdout)
            self.log(f"{' '.join(command)}: {dropped} faults do not compile and are left out")
            if dropped == 0:
                raise SystemExit("The copy does not build:\n" + run.stdout[-4000:])

    def _drop(self, output):
        """Leaves out the faults in the lines that the compiler complains about, or just before."""
        bad = set()
        for path, line, _ in ERROR.findall(output):
            name = os.path.relpath(os.path.realpath(path), os.path.realpath(self.scratch))
            here = [f for f in self.faults if f.path == name]
            exact = [f for f in here if f.line == int(line) - 1]
            near = [f for f in here if abs(f.line - int(line) + 1) <= 8]
            removed = [f for f in here if f.kind == "removed statement"]
            bad.update(exact or near or removed)
        self.chosen = [
            (area, [fault for fault in faults if fault not in bad])
            for area, faults in self.chosen]
        with self.hopeless.open("a") as file:
            file.writelines(fault.lot + "\n" for fault in bad)
        return len(bad)

    def cut(self, count):
        """The faults to run: of each area its share, those first in the lot."""
        return [fault for area, faults in self.chosen
                for fault in faults[:max(1, round(count * area.share))]]


def _environment():
    return {key: value for key, value in os.environ.items() if key != VARIABLE}


def _planted(text, faults):
    lines = text.split("\n")
    for fault in faults:
        start, end = fault.span
        line = lines[fault.line]
        new = (operator_name(fault.number) if fault.declaration
               else fault.replacement.replace("%d", str(fault.number)))
        lines[fault.line] = line[:start] + new + line[end:]
    return "\n".join(lines)


def scratch_folder(name):
    path = pathlib.Path(name).resolve()
    path.mkdir(parents=True, exist_ok=True)
    return path
