"""Prompts that a serving worker takes from its queue: section "Serving workers"."""

import deflection
import pins
import reordering


def take_whole(worker, now):
    """Takes the prompts of a step that computes nothing else; true where there are any."""
    budget = worker.cluster.scenario.token_budget
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
        left = take_chunk(worker, session, left)
    begun = len(worker.unfinished)
    while takes_new and left > 0:
        if not may_take(worker, now, len(worker.unfinished) == begun):
            break
        session = worker.queue[0]
        if chunk_size(worker, session, left) <= 0 or not take_first(worker):
            break
        left = take_chunk(worker, session, left)


def take_chunk(worker, session, left):
    """Takes tokens of a prompt; returns how many the step has left for others."""
    tokens = chunk_size(worker, session, left)
    if tokens > 0:
        worker.chunks.append((session, tokens))
    return left - tokens if tokens == session.increment else 0


def chunk_size(worker, session, left):
    """Tokens of a prompt that the step has room for, within the policy's bound."""
    most = max(0, min(session.increment, left))
    scenario, batch = worker.cluster.scenario, len(worker.batch)
    if scenario.policy.name != "kairos" or batch == 0:
        return most
    taken = [(s.kv_tokens, tokens) for s, tokens in worker.chunks]
    context = sum(s.kv_tokens + 1 for s in worker.batch)
    decoding = worker.costs.decode_ticks(batch, context)
    return deflection.largest(
        most, deflection.longest_step(scenario),
        lambda t: decoding + deflection.added(
            worker.costs, taken + [(session.resident, t)], batch))


def may_take(worker, now, is_first=None):
    """Whether there are a prompt and a seat for it, and no order stands against it."""
    if not worker.queue or worker.seats_for_prompts() <= 0:
        worker.first_local_waits_for_memory = False
        return False
    if pins.orders_queue(worker.cluster.scenario):
        worker.queue.sort(key=pins.place)
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
    worker.first_local_waits_for_memory = False
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
