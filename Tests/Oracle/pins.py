"""Section "Pins" and what Continuum and InferCept make of them: how long which history is pinned."""

import math

from costs import nearest

SECOND = 1_000_000_000
WITHOUT_END = math.inf
CONTINUUM = ("continuum_code", "continuum_v6")


def duration(session, now):
    """Nanoseconds for which the history of a round that ends is pinned; 0 for no pin."""
    policy = session.worker.cluster.scenario.policy
    if policy.name == "infercept":
        return WITHOUT_END
    if policy.name == "continuum_code":
        return fixed(session, policy)
    if policy.name == "continuum_v6":
        return of_most_worth(session, policy)
    return 0


def fixed(session, policy):
    """`continuum_code`: the same for all calls of tools that are short on average."""
    mean = session.worker.experience.mean_duration(session.tool)
    if mean > policy["longest_pinned_call_s"] * SECOND:
        return 0
    return nearest(policy["pin_s"] * SECOND)


def of_most_worth(session, policy):
    """`continuum_v6`: what the chance to be back in time saves, less what the memory costs."""
    known = session.worker.experience
    queueing = known.mean_wait()
    anew = session.worker.costs.prefill([(0, session.kv_tokens)])
    durations = known.trusted_durations(session.tool, policy["enough_calls"])
    if durations is None:
        seconds = float(queueing + anew) / SECOND
        return nearest(math.log(seconds) * SECOND) if seconds > 1 else 0
    benefit = known.eta() * queueing + anew

    def worth(time):
        back = sum(each <= time for each in durations)
        return back * benefit / len(durations) - time

    return max(sorted({0, *durations}), key=worth) if durations else 0


# Queues by session.


def orders_queue(scenario):
    return scenario.policy.name in CONTINUUM + ("infercept",)


def place(session):
    """What a queue is ordered by: least first."""
    policy = session.worker.cluster.scenario.policy.name
    group = 0
    if policy == "continuum_code":
        group = 0 if session.is_pinned else 1
    elif policy == "continuum_v6":
        group = 0 if session.counts_as_preempted else 1 if session.is_pinned else 2
    return group, session.index


def gives_way(worker):
    """The round in service that is preempted where a batch cannot grow."""
    if worker.cluster.scenario.policy.name not in CONTINUUM:
        return worker.running[-1]
    return max(worker.running, key=lambda s: (not s.is_last_round, s.index))


# InferCept.


def judge(worker, now):
    """Moves pinned histories to host memory as far as the last step would have hidden it, those that
    waste most first; gives back what wastes more than to compute it anew would."""
    if worker.cluster.scenario.policy.name != "infercept" or worker.judged == now:
        return
    worker.judged = now
    wastes = [(entry, keeping(entry, now), computing(entry, worker))
              for entry in worker.memory.pinned]
    # Sorting keeps the order of equal ones, in which their rounds have ended.
    left = worker.host.tokens_moved_in(worker.last_step_ticks)
    for entry, kept, computed in sorted(wastes, key=lambda each: -min(each[1:])):
        if left > 0 and worker.host.has_room_beside_histories(entry.blocks):
            part = min(left, entry.tokens - entry.moved)
            left -= part
            entry.moved += part
            if entry.moved == entry.tokens:
                worker.memory.evict(entry)
        elif kept > computed:
            worker.memory.drop(entry)
            worker.cluster.evictions += 1


def keeping(entry, now):
    """Tokens x nanoseconds of memory that a history has taken since its round ended."""
    return (now - entry.since) * entry.tokens


def computing(entry, worker):
    """What computing a history anew wastes: its own memory half the time, and the batch's."""
    tokens = entry.tokens
    room = max(1, worker.cluster.scenario.token_budget - len(worker.batch))
    chunks = -(-tokens // room)
    attended = sum(s.kv_tokens + 1 for s in worker.batch)
    chunk = worker.costs.prefill([(0, -(-tokens // chunks))])
    return worker.costs.prefill([(0, tokens)]) * tokens / 2 + chunks * chunk * attended
