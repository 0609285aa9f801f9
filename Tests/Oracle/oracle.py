"""Runs scenarios, one in each line of a file, and prints what each of their rounds experienced."""

import json
import sys

import scenario as scenarios
from cluster import Cluster


def outcome(scenario):
    cluster = Cluster(scenario)
    cluster.run()
    rounds = sorted(cluster.rounds, key=lambda r: (r["session"], r["round"]))
    return {
        "name": scenario.name, "rounds": rounds, "evictions": cluster.evictions,
        "preemptions": cluster.preemptions,
        "refused_sessions": len(cluster.refused),
        "good": good_counts(scenario, rounds)}


def good_counts(scenario, rounds):
    """Rounds that meet both targets, TTFT alone and mean gap alone; sessions that meet all."""
    counts = {"joint": 0, "ttft": 0, "itl": 0, "sessions": 0}
    for each in rounds:
        ttft = each["ttft"] <= scenario.ttft_target
        itl = each["decode_time"] <= scenario.itl_target * max(1, each["output_tokens"] - 1)
        counts["ttft"] += ttft
        counts["itl"] += itl
        counts["joint"] += ttft and itl
    for index in {each["session"] for each in rounds}:
        own = [each for each in rounds if each["session"] == index]
        gaps = sum(each["output_tokens"] - 1 for each in own)
        total = sum(each["decode_time"] for each in own)
        met = all(each["ttft"] <= scenario.ttft_target for each in own)
        counts["sessions"] += met and total <= scenario.itl_target * max(1, gaps)
    return counts


def main(path):
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            print(json.dumps(outcome(scenarios.read(line)), separators=(",", ":")))


if __name__ == "__main__":
    main(sys.argv[1])
