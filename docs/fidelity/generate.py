"""Writes docs/fidelity.md and its plots: what the cost model is worth beside public measurements.

Usage: generate.py AMPD_PLAN DATA

AMPD_PLAN is the program, DATA the folder with silicon/dev.csv, llmservingsim, aiconfigurator and vidur.
The same program and data give the same bytes.
"""

import csv
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
FIRST_TARGETS = {"qwen3-32b", "llama-3.1-70b", "gpt-oss-120b", "minimax-m2.5"}
HOPPER = {"h100_sxm", "h200_sxm"}


class Tool:
    def __init__(self, program, folder):
        self.program = program
        self.folder = folder

    def run(self, *arguments):
        # Stores of whoever runs this would change the figures.
        surroundings = {k: v for k, v in os.environ.items() if k != "AMPD_PLAN_STORE"}
        surroundings |= {"HOME": self.folder, "XDG_DATA_HOME": self.folder}
        done = subprocess.run(
            [self.program, *map(str, arguments)], capture_output=True, text=True, cwd=self.folder,
            env=surroundings, encoding="utf-8")
        if done.returncode != 0:
            sys.exit(f"ampd-plan {' '.join(map(str, arguments))}: {done.stderr}")
        return done.stdout

    def json(self, *arguments):
        return json.loads(self.run(*arguments, "-o", "json"))


def percent(value, digits=1):
    return "-" if value is None else f"{100 * value:.{digits}f} %"


def number(value):
    return "-" if value is None else f"{value:.3f}"


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|---|" + "---:|" * (len(head) - 1)]
    return "\n".join(lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows])


def score(name, s):
    return [
        name.replace("|", " / "), s["predicted"], percent(s["ttft_median_abs_error"]), percent(s["ttft_p90_abs_error"]),
        percent(s["ttft_median_error"]), percent(s["tpot_median_abs_error"]),
        percent(s["tpot_p90_abs_error"]), percent(s["tpot_median_error"]),
        percent(s["both_within_25pct_share"], 0), number(s["spearman_ttft"]),
        number(s["spearman_tpot"])]


SCORES = ["group", "rows", "TTFT median", "P90", "bias", "TPOT median", "P90", "bias", "both < 25 %",
          "Spearman TTFT", "TPOT"]


def scores(document):
    rows = [score(g["group"], g) for g in document["groups"] if g["predicted"]]
    return table(SCORES, rows + [score("all", document["overall"])])


def decisions(documents):
    rows = []
    for name, document in documents:
        o = document["overall"]
        rows.append([
            name, o["layout_decisions"], percent(o["layout_optimal_share"]),
            percent(o["layout_missed_share"]), percent(o["layout_mean_loss"])])
    return table(["constants", "decisions", "optimal", "limit missed", "mean loss"], rows)


def reveals(documents):
    rows = []
    for name, document in documents:
        o = document["overall"]
        rows.append([
            name, o["predicted"], percent(o["ttft_median_abs_error"]),
            percent(o["tpot_median_abs_error"]), percent(o["both_within_25pct_share"], 0),
            percent(o.get("ttft_interval_coverage"), 0), percent(o.get("tpot_interval_coverage"), 0)])
    return table(
        ["rows of the group that are known", "predicted", "TTFT median", "TPOT median", "both < 25 %",
         "TTFT in its interval", "TPOT"], rows)


def select(source, target, keep):
    with open(source, newline="") as file:
        reader = csv.DictReader(file)
        rows = [row for row in reader if keep(row)]
    with open(target, "w", newline="") as file:
        writer = csv.DictWriter(file, reader.fieldnames)
        writer.writeheader()
        writer.writerows(rows)
    return target


def plots(tool, measured, name):
    page = tool.run("validate", "--measured", measured, "--split-by", "group", "-o", "html")
    found = re.findall(r"<svg.*?</svg>\n", page, flags=re.S)
    links = []
    for kind, svg in zip(("ttft", "tpot"), found):
        file = f"{name}-{kind}.svg"
        (HERE / file).write_text(svg, encoding="utf-8")
        links.append(f"![{kind.upper()}, predicted over measured](fidelity/{file})")
    return "\n".join(links)


def requests(tool, data):
    store = "layers.sqlite"
    for profile in sorted((data / "llmservingsim/profiles").iterdir()):
        tool.run("profile", "import", "--store", store, *sorted(profile.glob("tp*/*.csv")))
    parts = []
    for run in sorted((data / "llmservingsim/vllm_runs").iterdir()):
        document = tool.json("validate", "--requests", run, "--store", store)
        rows = {}
        for line in document["statistics"]:
            rows.setdefault(line["figure"], {})[line["statistic"]] = line
        names = ["mean", "median", "p90", "p95", "p99"]
        parts.append(f"{run.name}, {document['requests']} requests; mean absolute error "
                     f"{percent(document['mean_abs_error'])}:\n\n" + table(
                         ["", *names],
                         [[figure.upper() if figure != "latency" else figure]
                          + [f"{rows[figure][n]['predicted_ms']:.0f} / "
                             f"{rows[figure][n]['measured_ms']:.0f} ms "
                             f"({percent(rows[figure][n]['error'])})" for n in names]
                          for figure in ("ttft", "tpot", "latency")]))
    return "\n\n".join(parts)


STORE = "operators.sqlite"


def scaled(tool):
    """Needs the store of `operators`."""
    ways = [("h100-sxm", "h200-sxm"), ("h200-sxm", "h100-sxm")]
    rows = {}
    for source, target in ways:
        compared = tool.json(
            "profile", "scale", "--from", source, "--to", target, "--compare", "--store", STORE)
        for kind in compared["kinds"]:
            cells = rows.setdefault(
                f"{kind['kind']} {kind['format']}".strip(), [kind["points"]])
            cells += [percent(kind["median_abs_error"]), percent(kind["p95_abs_error"]),
                      percent(kind["median_error"])]
    return table(
        ["operator", "points", "H200 from H100: median", "P95", "bias", "H100 from H200: median",
         "P95", "bias"], [[name, *cells] for name, cells in rows.items()])


def operators(tool, data):
    store = STORE
    tables = sorted((data / "aiconfigurator").glob("h*/*/*.csv"))
    tables += [t for t in sorted((data / "vidur").glob("*.csv")) if "cpu" not in t.name]
    tool.run("profile", "import", "--store", store, *tables)
    rows = []
    for gpu in ["a100-80gb-sxm", "a40", "h100-sxm", "h200-sxm"]:
        for kind in tool.json("profile", "fit", "--gpu", gpu, "--store", store)["kinds"]:
            if kind["held_out"]:
                rows.append([
                    f"{gpu} {kind['kind']} {kind['format']}".strip(), kind["shapes"],
                    kind["held_out"], percent(kind["median_error"]), percent(kind["p95_error"])])
    return table(["operator", "shapes", "points held out", "median", "P95"], rows)


def main(program, data):
    data = pathlib.Path(data).resolve()
    measured = data / "silicon/dev.csv"
    with tempfile.TemporaryDirectory() as folder:
        tool = Tool(str(pathlib.Path(program).resolve()), folder)
        def is_first(row):
            return (row["complete"] == "True" and row["backend"] == "vllm" and row["mode"] == "agg"
                    and row["system"] in HOPPER and row["model_family"] in FIRST_TARGETS)
        def is_aggregated(row):
            return row["complete"] == "True" and row["mode"] == "agg" and row["system"] in HOPPER
        def is_split(row):
            return row["complete"] == "True" and row["mode"] == "disagg" and row["system"] in HOPPER
        first = select(measured, f"{folder}/first.csv", is_first)
        hopper = select(measured, f"{folder}/hopper.csv", is_aggregated)
        pools = select(measured, f"{folder}/pools.csv", is_split)
        split = ["--split-by", "group"]
        left_out = tool.json("validate", "--measured", first, *split)
        two = tool.json("validate", "--measured", first, *split, "--reveal", 2)
        eight = tool.json("validate", "--measured", first, *split, "--reveal", 8)
        shipped = tool.json("validate", "--measured", first)
        values = {
            "first": scores(left_out),
            "first_plots": plots(tool, first, "vllm"),
            "hopper": scores(tool.json("validate", "--measured", hopper, *split)),
            "hopper_plots": plots(tool, hopper, "hopper"),
            "pools": scores(tool.json("validate", "--measured", pools)),
            "decisions": decisions(
                [("of the other groups", left_out), ("with two rows of the group", two),
                 ("with eight rows", eight), ("as shipped, fitted to these rows too", shipped)]),
            "reveals": reveals([("none", left_out), ("two", two), ("eight", eight)]),
            "requests": requests(tool, data),
            "operators": operators(tool, data),
            "scaled": scaled(tool),
        }
    text = (HERE / "template.md").read_text(encoding="utf-8")
    for name, value in values.items():
        text = text.replace("{{" + name + "}}", value)
    (HERE.parent / "fidelity.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
