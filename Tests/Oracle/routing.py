"""Where a released round is prefilled: section "Policies"."""

import deflection
from costs import TICKS_PER_NANOSECOND

ALWAYS_LOCAL = (
    "always_local", "colocated_v0", "colocated_v1", "continuum_code",
    "continuum_v6", "infercept")


def route(cluster, session, now):
    """Whether the round is prefilled where it decodes, and its prefill worker where one is chosen."""
    policy = cluster.scenario.policy
    if policy.name in ALWAYS_LOCAL:
        return True, None
    if policy.name == "always_local_after_first" and session.round > 0:
        return True, None
    if policy.name == "always_remote_legacy":
        return False, None
    seen = cluster.noticeboard.look(now)
    if policy.name == "dynamo_conditional_v0":
        is_remote = (
            session.increment > policy["max_local_prefill_tokens"]
            and len(cluster.shared_queue) < policy["max_prefill_queue"])
        return not is_remote, None
    if policy.name == "distserve":
        return False, fewest_requests(cluster, seen)
    if policy.name == "ppd" and session.round > 0 and policy.table.is_local(cluster, session, seen):
        return True, None
    if policy.name == "dynamo_conditional_v1":
        worker = dynamo_conditional(cluster, session, seen)
        return worker is None, worker
    if policy.name in ("ampd", "ampd_routing"):
        worker = algorithm_1(cluster, session, seen)
        return worker is None, worker
    remote = cheapest(cluster, session, cluster.prefill_workers, seen)
    if policy.name == "kairos":
        host = deflection.route(cluster, session, remote_cost(session, remote, seen), seen)
        if host is not None:
            cluster.move(session, host)
            return True, None
    return False, remote


def algorithm_1(cluster, session, seen):
    """The prefill worker; none for the serving worker."""
    policy, scenario = cluster.scenario.policy, cluster.scenario
    limit = policy["prefill_slack"] * scenario.ttft_target
    with_slack = [
        w for w in cluster.prefill_workers if w.ttft_window.mean_at_most(limit, seen.time)]
    if with_slack:
        return cheapest(cluster, session, with_slack, seen)
    itl_limit = policy["decode_slack"] * scenario.itl_target * TICKS_PER_NANOSECOND
    if session.worker.itl_window.mean_at_most(itl_limit, seen.time):
        return None
    remote = cheapest(cluster, session, cluster.prefill_workers, seen)
    if local_cost(session, seen) <= remote_cost(session, remote, seen):
        return None
    return remote


def fewest_requests(cluster, seen):
    return min(cluster.prefill_workers, key=lambda w: (seen.prefill[w.index].tasks, w.index))


def dynamo_conditional(cluster, session, seen):
    """The prefill worker of version 1; none for the serving worker."""
    policy = cluster.scenario.policy
    worker = cheapest(cluster, session, cluster.prefill_workers, seen)
    is_short = (
        session.increment < policy["local_below_tokens"]
        and session.increment < policy["local_below_share"] * session.prompt)
    is_busy = seen.prefill[worker.index].tokens > policy["prefill_busy_tokens"]
    reasons = [is_short, is_busy, is_short or is_busy]
    counted = session.worker.memory.capacity - seen.serving[session.worker.index].uncounted
    has_room = counted <= policy["decode_busy_share"] * session.worker.memory.capacity
    is_local = reasons[int(policy["conditional_mode"])] and has_room
    return None if is_local else worker


def cheapest(cluster, session, workers, seen):
    return min(workers, key=lambda w: (remote_cost(session, w, seen), w.index))


def local_cost(session, seen):
    """Eq. 1."""
    worker = session.worker
    own = worker.costs.prefill([(session.resident, session.increment)])
    return own + seen.backlog(seen.serving[worker.index])


def remote_cost(session, worker, seen):
    """Eq. 2."""
    own = worker.computation(session) + worker.transfers(session)
    return own + seen.backlog(seen.prefill[worker.index])
