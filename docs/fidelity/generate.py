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
import statistics
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


DRAWS = range(1, 33)


def over(draws, figure, digits=1):
    """The mean of a figure over draws of the known rows, with its range where there are several."""
    found = [document["overall"].get(figure) for document in draws]
    if None in found:
        return "-"
    mean = percent(statistics.mean(found), digits)
    if len(found) == 1:
        return mean
    return f"{mean} ({100 * min(found):.{digits}f} to {100 * max(found):.{digits}f})"


def decisions(documents):
    rows = []
    for name, draws in documents:
        counts = [document["overall"]["layout_decisions"] for document in draws]
        rows.append([
            name, counts[0] if len(set(counts)) == 1 else f"{min(counts)} to {max(counts)}",
            over(draws, "layout_optimal_share"), over(draws, "layout_missed_share"),
            over(draws, "layout_mean_loss")])
    return table(["constants", "decisions", "optimal", "limit missed", "mean loss"], rows)


def paired(measured, document):
    """Measured rows with what is predicted of them, as far as choices between layouts need them."""
    predicted = {row["id"]: row for row in document["rows"] if "predicted_tpot_ms" in row}
    rows = []
    with open(measured, newline="") as file:
        for row in csv.DictReader(file):
            if row["id"] not in predicted:
                continue
            ranks = max(1, int(float(row["attention_dp_size"] or 1)))
            workers = max(1, int(float(row.get("num_workers") or 1)))
            known = predicted[row["id"]]
            rows.append({
                "group": (row["model_family"], row["system"], row["isl"], row["osl"], row["precision"]),
                "build": row["backend_version"],
                "load": float(row["concurrency"] or float(row["batch_size"]) * ranks * workers),
                "layout": int(float(row["tp_size"])) * ranks * workers, "output": float(row["osl"]),
                "measured": (float(row["silicon_ttft_ms"]), float(row["silicon_tpot_ms"])),
                "predicted": (known["predicted_ttft_ms"], known["predicted_tpot_ms"])})
    return rows


def level(rows, key, kind):
    """Median of measured over predicted for each key."""
    ratios = {}
    for row in rows:
        ratios.setdefault(key(row), []).append(row["measured"][kind] / row["predicted"][kind])
    return {name: statistics.median(found) for name, found in ratios.items()}


def with_perfect_levels(rows):
    """Rows where nothing but scatter is left: the median error of every layout of a group at each
    pair of lengths is taken out of its predictions, which no model can know."""
    def key(row):
        return (row["group"], row["build"], row["layout"])
    levels = [level(rows, key, kind) for kind in (0, 1)]
    return [
        {**row, "predicted": tuple(row["predicted"][k] * levels[k][key(row)] for k in (0, 1))}
        for row in rows]


def choices(rows, across_builds=False, ends=False):
    """What `validate` says of choices between layouts; on demand also of those between layouts that
    different builds ran, and at six limits that begin and end with the extremes of a set."""
    sets = {}
    for row in rows:
        key = (row["group"], row["load"], "" if across_builds else row["build"])
        sets.setdefault(key, {}).setdefault(row["layout"], []).append(row)

    def mean(runs, kind):
        ttft, tpot = (statistics.mean(run[kind][k] for run in runs) for k in (0, 1))
        life = ttft + (runs[0]["output"] - 1) * tpot
        return tpot, runs[0]["load"] * runs[0]["output"] / life / runs[0]["layout"]

    asked, optimal, missed, losses = 0, 0, 0, []
    for found in sets.values():
        if len(found) < 2:
            continue
        layouts = [(mean(runs, "measured"), mean(runs, "predicted")) for runs in found.values()]
        low, high = (f(tpot for (tpot, _), _ in layouts) for f in (min, max))
        for step in range(6):
            share = step / 5 if ends else (step + 1) / 7
            limit = high if share == 1 else low * (high / low) ** share
            asked += 1
            best = max(reached for (tpot, reached), _ in layouts if tpot <= limit)
            allowed = [layout for layout in layouts if layout[1][0] <= limit]
            if not allowed:
                continue
            (tpot, reached), _ = max(allowed, key=lambda layout: layout[1][1])
            if tpot > 1.05 * limit:
                missed += 1
                continue
            losses.append(max(0, 1 - reached / best))
            optimal += losses[-1] == 0
    return {"overall": {
        "layout_decisions": asked, "layout_optimal_share": optimal / asked,
        "layout_missed_share": missed / asked, "layout_mean_loss": sum(losses) / len(losses)}}


def reveals(documents):
    rows = []
    for name, draws in documents:
        rows.append([
            name, draws[0]["overall"]["predicted"], over(draws, "ttft_median_abs_error"),
            over(draws, "tpot_median_abs_error"), over(draws, "both_within_25pct_share", 0),
            over(draws, "ttft_interval_coverage", 0), over(draws, "tpot_interval_coverage", 0)])
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
        for engine in compared["comparisons"]:
            for kind in engine["kinds"]:
                cells = rows.setdefault(
                    (f"{kind['kind']} {kind['format']}".strip(), engine["engine"]),
                    [kind["points"]])
                cells += [percent(kind["median_abs_error"]), percent(kind["p95_abs_error"]),
                          percent(kind["median_error"])]
    return table(
        ["operator", "timed with", "points", "H200 from H100: median", "P95", "bias",
         "H100 from H200: median", "P95", "bias"],
        [[*names, *cells] for names, cells in rows.items()])


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
        def is_untimed(row):
            return row["complete"] == "True" and row["mode"] == "agg" and row["system"] not in HOPPER
        def is_split(row):
            return row["complete"] == "True" and row["mode"] == "disagg" and row["system"] in HOPPER
        first = select(measured, f"{folder}/first.csv", is_first)
        hopper = select(measured, f"{folder}/hopper.csv", is_aggregated)
        untimed = select(measured, f"{folder}/untimed.csv", is_untimed)
        pools = select(measured, f"{folder}/pools.csv", is_split)
        split = ["--split-by", "group"]
        left_out = tool.json("validate", "--measured", first, *split)
        two, eight = (
            [tool.json("validate", "--measured", first, *split, "--reveal", known, "--seed", seed)
             for seed in DRAWS] for known in (2, 8))
        shipped = tool.json("validate", "--measured", first)
        values = {
            "first": scores(left_out),
            "first_plots": plots(tool, first, "vllm"),
            "hopper": scores(tool.json("validate", "--measured", hopper, *split)),
            "hopper_plots": plots(tool, hopper, "hopper"),
            "untimed": scores(tool.json("validate", "--measured", untimed)),
            "pools": scores(tool.json("validate", "--measured", pools)),
            "decisions": decisions(
                [("of the other groups", [left_out]),
                 ("with two rows of the group", two), ("with eight rows", eight),
                 ("as shipped, fitted to these rows too", [shipped]),
                 ("the same without the median error of each layout at each pair of lengths",
                  [choices(with_perfect_levels(paired(first, shipped)))])]),
            "wider_decisions": decisions(
                [(f"{name}, {constants}",
                  [choices(paired(first, document), **wider) for document in draws])
                 for name, wider in (
                     ("between builds too", {"across_builds": True}),
                     ("between builds too, and at the ends", {"across_builds": True, "ends": True}))
                 for constants, draws in (
                     ("of the other groups", [left_out]), ("two rows", two), ("eight rows", eight))]),
            "reveals": reveals([("none", [left_out]), ("two", two), ("eight", eight)]),
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
