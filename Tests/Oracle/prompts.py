"""Prompts that a serving worker takes from its queue: section "Serving workers"."""

import reordering


def take_whole(worker, now):
    """Takes the prompts of a step that computes nothing else; true where there are any."""
    budget = worker.cluster.scenario.token_budget
    worker.first_local_waits_for_memory = False
    while may_take(worker, now):
        session = worker.queue[0]
        tokens = session.increment + sum(tokens for _, tokens in worker.chunks)
        if worker.chunks and tokens > budget:
            break
        if not take_first(worker):
            break
        worker.chunks.append((session, session.increment))
    return bool(worker.chunks)


def take_chunks(worker, now, takes_new):
    """Takes parts of unfinished prompts and, where told so, of new ones, beside the batch."""
    left = worker.cluster.scenario.token_budget - len(worker.batch)
    for session in worker.unfinished:
        left -= take_chunk(worker, session, left)
    if takes_new and left > 0:
        worker.first_local_waits_for_memory = False
    begun = len(worker.unfinished)
    while takes_new and left > 0 and may_take(worker, now, len(worker.unfinished) == begun):
        session = worker.queue[0]
        if not take_first(worker):
            break
        left -= take_chunk(worker, session, left)


def take_chunk(worker, session, left):
    """Tokens of a prompt that the step computes."""
    tokens = min(session.increment, left)
    if tokens > 0:
        worker.chunks.append((session, tokens))
    return max(0, tokens)


def may_take(worker, now, is_first=None):
    """Whether there are a prompt and a seat for it, and no order stands against it."""
    if not worker.queue or worker.seats_for_prompts() <= 0:
        return False
    if not worker.cluster.scenario.policy.reorders:
        return True
    if not (is_first if is_first is not None else not worker.chunks):
        return True
    return reorder(worker, now)


def take_first(worker):
    """Takes the first round of the queue if blocks for its whole prompt can be had."""
    session = worker.queue[0]
    if not worker.memory.let_in(session, session.to_prefill):
        worker.first_local_waits_for_memory = True
        return False
    worker.queue.pop(0)
    worker.unfinished.append(session)
    worker.running.append(session)
    return True


def reorder(worker, now):
    """Orders the queue; false, and nothing changed, where its new first has no memory."""
    scenario = worker.cluster.scenario
    tasks = [
        reordering.Task(s, now) for s in worker.queue[: scenario.policy["reorder_window"]]]
    order = reordering.best_order(
        tasks, 0, scenario.ttft_target, scenario.policy["max_postponements"])
    first = tasks[order[0]].session
    if not worker.memory.could_let_in(first, first.to_prefill):
        worker.first_local_waits_for_memory = True
        return False
    reordering.reorder(worker.queue, tasks, order)
    return True
