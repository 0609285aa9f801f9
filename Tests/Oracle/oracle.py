"""Runs scenarios, one in each line of a file, and prints what each of their rounds experienced."""

import json
import sys

import scenario as scenarios
from cluster import Cluster
from verdicts import good_counts, job_counts


def outcome(scenario):
    cluster = Cluster(scenario)
    cluster.run()
    rounds = sorted(cluster.rounds, key=lambda r: (r["session"], r["round"]))
    has_jobs = scenario.job_target is not None or any(s.started_by for s in scenario.sessions)
    jobs = job_counts(scenario, cluster.jobs.sessions, rounds, cluster.gaps)
    return {
        "name": scenario.name, "rounds": rounds, "evictions": cluster.evictions,
        "preemptions": cluster.preemptions, "loaded_tokens": cluster.loaded_tokens,
        "refused_sessions": len(cluster.refused),
        "good": good_counts(scenario, rounds, cluster.gaps),
        "jobs": jobs if has_jobs else None}


def main(path):
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            print(json.dumps(outcome(scenarios.read(line)), separators=(",", ":")))


if __name__ == "__main__":
    main(sys.argv[1])
