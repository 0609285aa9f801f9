"""Writes docs/audit.md: how far the default search is from the best of all layouts.

Usage: generate.py AMPD_PLAN ANSWERS [HOURS]

Goes on with the cases of ANSWERS (JSON lines, made where it is missing) for so many hours, 0 for none, and
writes the page from what is there. The order of the cases is drawn once, so that any number of them is a
sample of all.
"""

import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
GPUS = {
    "llama-3.1-8b": "h100-sxm", "llama-3.1-70b": "h200-sxm", "qwen3-32b": "h20-96gb",
    "mixtral-8x7b": "h100-sxm", "qwen3-30b-a3b": "h100-sxm", "gpt-oss-120b": "h200-sxm",
    "qwen3-8b": "l40s", "qwen3-235b-a22b": "h200-sxm", "minimax-m2.5": "h200-sxm",
    "deepseek-v3": "h200-sxm",
}
LOADS = ["agent", "chat", "dureader", "gaia", "hotpotqa", "rag", "single-shot", "toolbench"]
SIZES = [8, 16, 32, 64]
FACTORS = [0.6, 0.9, 1.1]
SHORT = "planning: {sessions: 150, replications: 2, max_replications: 2, finalists: 2, engine_rules: ignore}"
FULL = "planning: {engine_rules: ignore}"


def cases():
    all_cases = [(m, w, s) for m in GPUS for w in LOADS for s in SIZES]
    random.Random(11).shuffle(all_cases)
    return [case + (FACTORS[place % 3],) for place, case in enumerate(all_cases)]


def plan(program, folder, case, rate, planning, *arguments, limit):
    model, load, size = case
    file = folder / "case.yaml"
    file.write_text(
        f"""apiVersion: ampd-plan/v1
kind: Case
name: audit
model: {model}
cluster: {{gpu: {GPUS[model]}, nodes: {size // 8}, gpus_per_node: 8}}
workload: {{template: {load}, rate_per_s: {rate}}}
slo: {{ttft_ms: 3000, itl_ms: 60}}
{planning}
""")
    done = subprocess.run(
        [program, "plan", str(file), "-o", "json", *arguments], capture_output=True, text=True,
        timeout=limit, env=os.environ | {"AMPD_PLAN_CACHE": "none"})
    return json.loads(done.stdout) if done.stdout else None


def audit(program, folder, case, factor):
    """The highest rate by short runs, then the audit at a part or a multiple of it."""
    found = plan(
        program, folder, case, case[2] / 16, SHORT, "--objective", "max-rate", limit=600)
    if not found or not found["search"]["found"]:
        return {"note": "no rate is met"}
    rate = found["search"]["rate_per_s"] * factor
    answer = plan(program, folder, case, rate, FULL, "--audit", limit=1200)
    if not answer:
        return {"note": "no plan"}
    return {
        "rate": rate, "audit": answer["audit"], "layouts": answer["screen"]["layouts"],
        "attainment": answer["plans"][0]["attainment"]["value"],
    }


def answers(program, path, hours):
    known = {}
    if path.exists():
        for line in path.read_text().splitlines():
            row = json.loads(line)
            known[(row["model"], row["load"], row["gpus"])] = row
    end = time.time() + 3600 * hours
    with tempfile.TemporaryDirectory() as folder, path.open("a") as file:
        for model, load, size, factor in cases():
            if time.time() > end:
                break
            if (model, load, size) in known:
                continue
            row = {"model": model, "load": load, "gpus": size, "factor": factor}
            try:
                row |= audit(program, pathlib.Path(folder), (model, load, size), factor)
            except subprocess.TimeoutExpired:
                row["note"] = "took too long"
            known[(model, load, size)] = row
            file.write(json.dumps(row, sort_keys=True) + "\n")
            file.flush()
    return known


def page(known):
    rows = [known[key] for key in sorted(known)]
    told = [row for row in rows if "audit" in row]
    compared = [row for row in told if row["audit"]["regret"] is not None]
    within = [row for row in compared if row["audit"]["regret"]["value"] <= 0.01]
    lines = [
        "# What the default search misses", "",
        f"Made by `docs/audit/generate.py` from a drawn sample of {len(rows)} of the "
        f"{len(cases())} cases of ten models, eight workloads of the library and 8, 16, 32 and 64 "
        "GPUs. Each case is planned at 0.6, 0.9 or 1.1 times the highest rate at which short runs "
        "meet TTFT 3 s and ITL 60 ms, with `plan --audit`: the layout that the default search takes "
        "against the best of every layout of equal workers that takes all GPUs, as whole clusters over "
        "the same sessions (`planning.engine_rules: ignore`, so that no pair of degrees is left out). "
        "Costs of GPUs without timings are analytic. `coding-agent` is left out, whose sessions of 100,000 "
        "tokens take too long for a sample.", "",
        f"The regret, attainment of the best minus that of the chosen layout, is at most one point "
        f"in {len(within)} of {len(compared)} cases ({100 * len(within) / max(1, len(compared)):.0f} %).",
        "",
        "| model | GPU | GPUs | workload | load | chosen | best | place of the best in the program's order | attainment of the first plan | regret, 95 % |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        head = f"| {row['model']} | {GPUS[row['model']]} | {row['gpus']} | {row['load']} | "
        if "audit" not in row:
            lines.append(head + f"{row['factor']} | {row['note']} | | | | |")
            continue
        found = row["audit"]
        regret = found["regret"]
        shown = (
            f"{regret['value']:.3f} [{regret['low']:.3f}, {regret['high']:.3f}]"
            if regret else "no steady state")
        lines.append(
            head + f"{row['factor']} | {found['chosen']} | {found['best']} | "
            f"{found['milp_rank'] or '-'} | {row['attainment']:.3f} | {shown} |")
    return "\n".join(lines) + "\n"


def main():
    program, path = sys.argv[1], pathlib.Path(sys.argv[2])
    hours = float(sys.argv[3]) if len(sys.argv) > 3 else 0
    (HERE.parent / "audit.md").write_text(page(answers(program, path, hours)))


if __name__ == "__main__":
    main()
