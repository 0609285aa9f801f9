"""Section "Metrics", attainment: how many rounds and sessions met their targets."""

from costs import TICKS_PER_NANOSECOND

STATISTICS = ["mean", "p95", "p99", "max"]


def good_counts(scenario, rounds, gaps):
    """Rounds that meet both targets, TTFT alone and ITL alone; sessions that meet all.

    What depends on gaps is a list, one count for each statistic of them."""
    counts = {"ttft": 0, "joint": [0] * 4, "itl": [0] * 4, "sessions": [0] * 4}
    for each in rounds:
        ttft = each["ttft"] <= scenario.ttft_target
        counts["ttft"] += ttft
        own = gaps[each["session"], each["round"]]
        for place, itl in enumerate(meets(scenario, own, each["decode_time"])):
            counts["itl"][place] += itl
            counts["joint"][place] += ttft and itl
    for index in {each["session"] for each in rounds}:
        own = [each for each in rounds if each["session"] == index]
        met = all(each["ttft"] <= scenario.ttft_target for each in own)
        together = [gap for each in own for gap in gaps[index, each["round"]]]
        total = sum(each["decode_time"] for each in own)
        for place, itl in enumerate(meets(scenario, together, total)):
            counts["sessions"][place] += met and itl
    return counts


def job_counts(scenario, sessions, rounds, gaps):
    """Jobs of which a session was refused, and those that met their targets."""
    counts = {"refused": 0, "good": 0}
    for root in sessions:
        if root.script.started_by is None:
            members = [s.index for s in sessions if root_of(s, sessions) is root]
            own = [each for each in rounds if each["session"] in members]
            if any(sessions[index].stage in ("coming", "refused") for index in members):
                counts["refused"] += 1
            else:
                counts["good"] += is_good(scenario, own, gaps)
    return counts


def root_of(session, sessions):
    while session.script.started_by is not None:
        session = sessions[session.script.started_by[0]]
    return session


def is_good(scenario, rounds, gaps):
    """Whether a job whose rounds these are met its targets."""
    arrival = min(each["released"] for each in rounds)
    last_rounds = {each["session"]: each for each in rounds}.values()
    end = max(each["released"] + each["ttft"] + each["decode_time"] for each in last_rounds)
    together = [gap for each in rounds for gap in gaps[each["session"], each["round"]]]
    total = sum(each["decode_time"] for each in rounds)
    itl = meets(scenario, together, total)[STATISTICS.index(scenario.itl_stat)]
    ttft = all(each["ttft"] <= scenario.ttft_target for each in rounds)
    in_time = scenario.job_target is None or end - arrival <= scenario.job_target
    return ttft and itl and in_time


def meets(scenario, gaps, time):
    """Whether gaps, which last so long together, meet ITL under each statistic."""
    if not gaps:
        return [True] * 4
    return [time <= scenario.itl_target * len(gaps)] + [
        within(scenario, gaps, percent) for percent in (95, 99, 100)]


def within(scenario, gaps, percent):
    """Whether the smallest gap that so many percent do not exceed is within the target."""
    place = -(-percent * len(gaps) // 100)
    return sorted(gaps)[place - 1] <= scenario.itl_target * TICKS_PER_NANOSECOND
