"""Running the tests against one fault after another."""

import concurrent.futures
import os
import pathlib
import re
import signal
import subprocess
import time

from planting import VARIABLE

# Stages in order of their cost: a fault that one of them catches needs no other, and a stage leaves
# out what those before it have run. The third compares with the second implementation, on a part of
# the scenarios on which the fourth does.
QUICK = "SchedulingTests|CostModelingTests|TimelineTests|KVMemoryTests|StepLineTests|RelationTests"
SCENARIOS = ",".join(str(seed) for seed in range(300))
STAGES = [
    (QUICK, None, {}),
    ("RandomScenarioTests|JobScenarioTests", None, {}),
    ("OracleTests", None, {"AMPD_ORACLE": SCENARIOS}),
    ("SimulationTests", QUICK + "|RandomScenarioTests|JobScenarioTests", {}),
]
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
FAILED = re.compile(r"Test (\"?[^\n]*?) (?:recorded an issue|with \d+ test cases failed|failed after)")


class Outcome:
    """What the tests said to one fault."""

    def __init__(self, fault, verdict, by, seconds):
        self.fault, self.verdict, self.by, self.seconds = fault, verdict, by, seconds

    @property
    def is_caught(self):
        return self.verdict != "survived"


class Tests:
    """The built tests of a planted copy."""

    def __init__(self, scratch, parallel, log):
        self.scratch, self.parallel, self.log = scratch, parallel, log
        self.limit = {}
        found = sorted(pathlib.Path(scratch, ".build", "debug").glob("*PackageTests.xctest"))
        if not found:
            raise SystemExit("There is no test program in the copy; it was not built.")
        self.program = str(found[0])

    def check_unharmed(self):
        """Every stage has to pass without a fault, and tells how long a run may take."""
        for stage in STAGES:
            begun = time.monotonic()
            verdict, by = self._run(stage, 0, 1800)
            taken = time.monotonic() - begun
            if verdict != "survived":
                raise SystemExit(f"{stage[0]}: the tests fail without any fault ({verdict}: {by})")
            self.limit[stage[0]] = 3 * taken * self.parallel + 20
            self.log(f"{stage[0]}: passes in {taken:.1f} s without a fault")

    def judge(self, fault):
        begun = time.monotonic()
        verdict, by = "survived", ""
        for stage in STAGES:
            verdict, by = self._run(stage, fault.number, self.limit[stage[0]])
            if verdict != "survived":
                break
        return Outcome(fault, verdict, by, time.monotonic() - begun)

    def judge_all(self, faults):
        """Outcomes in the order of the faults; each is told as soon as it is known."""
        outcomes = {}
        with concurrent.futures.ThreadPoolExecutor(self.parallel) as pool:
            runs = [pool.submit(self.judge, fault) for fault in faults]
            for run in concurrent.futures.as_completed(runs):
                outcome = run.result()
                fault = outcome.fault
                outcomes[fault.number] = outcome
                self.log(
                    f"{len(outcomes)}/{len(faults)} {outcome.verdict:9} {outcome.seconds:5.1f} s  "
                    f"{fault.path}:{fault.line + 1} {fault.describe()}  [{outcome.by}]")
        return [outcomes[fault.number] for fault in faults]

    def _run(self, stage, number, limit):
        wanted, done, settings = stage
        command = [self.program, "--testing-library", "swift-testing", "--filter", wanted]
        command += ["--skip", done] if done else []
        settings = dict(settings, AMPD_ORACLE_SMALLEST="off")
        environment = dict(os.environ, **settings, **{VARIABLE: str(number)})
        process = subprocess.Popen(
            command, cwd=self.scratch, env=environment, text=True, errors="replace",
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            start_new_session=True)
        try:
            output, _ = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return "hangs", f"after {limit:.0f} s"
        if process.returncode == 0:
            return "survived", ""
        failed = FAILED.search(COLOUR.sub("", output))
        if process.returncode < 0:
            return "traps", failed.group(1) if failed else ""
        return "fails", failed.group(1) if failed else output.strip()[-80:]
