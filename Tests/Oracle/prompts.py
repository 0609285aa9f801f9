"""Prompts that a serving worker takes from its queue: section "Serving workers"."""

import deflection
import pins
import reordering


def take_whole(worker, now):
    """Takes the prompts of a step that computes nothing else; true where there are any."""
    for session in worker.host.seen():
        if not finds_seat(worker) or not goes_along(worker, session):
            return bool(worker.chunks)
        begin_prompt(worker, session)
        worker.chunks.append((session, session.increment))
    is_first = True
    while may_take(worker, now, is_first):
        is_first = False
        session = worker.queue[0]
        if not goes_along(worker, session) or not take_first(worker, now):
            break
        if session.to_copy == 0:
            worker.chunks.append((session, session.increment))
    return bool(worker.chunks)


def finds_seat(worker):
    """Whether there is a seat for a prompt; without one it is not memory that a prompt lacks."""
    if worker.seats_for_prompts() <= 0:
        worker.first_local_waits_for_memory = False
    return worker.seats_for_prompts() > 0


def leave(worker):
    """Takes no prompt; without one that could be taken none is short of memory."""
    if not worker.queue:
        worker.first_local_waits_for_memory = False
    finds_seat(worker)


def goes_along(worker, session):
    """Whether the step has room for all tokens of a prompt."""
    taken = sum(tokens for _, tokens in worker.chunks)
    return not worker.chunks or taken + session.increment <= worker.cluster.scenario.token_budget


def take_chunks(worker, now, takes_new):
    """Takes parts of unfinished prompts and, where told so, of new ones, beside the batch."""
    left = worker.cluster.scenario.token_budget - len(worker.batch)
    for session in worker.unfinished:
        left = take_chunk(worker, session, left)
    for session in worker.host.seen() if takes_new else []:
        if left <= 0 or not finds_seat(worker) or chunk_size(worker, session, left) <= 0:
            return
        begin_prompt(worker, session)
        left = take_chunk(worker, session, left)
    is_first = True
    while takes_new and left > 0 and may_take(worker, now, is_first):
        is_first = False
        session = worker.queue[0]
        if chunk_size(worker, session, left) <= 0 or not take_first(worker, now):
            break
        if session.to_copy == 0:
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
    decoding = worker.decode_ticks()
    return deflection.largest(
        most, deflection.longest_step(scenario),
        lambda t: decoding + deflection.added(
            worker.costs, taken + [(session.resident, t)], batch))


def may_take(worker, now, is_first):
    """Whether there are a prompt and a seat for it, and no order stands against it."""
    reorders = worker.cluster.scenario.policy.reorders and is_first
    if not worker.queue:
        worker.first_local_waits_for_memory = False
    if not worker.queue or not finds_seat(worker):
        return False
    if pins.orders_queue(worker.cluster.scenario):
        worker.queue.sort(key=pins.place)
    if not reorders and not worker.sight.sees(worker.queue[0].queued_at):
        return False
    return reorder(worker, now) if reorders else True


def take_first(worker, now):
    """Takes the first round of the queue if blocks for its whole prompt can be had; it is begun
    unless it waits for a copy first."""
    session = worker.queue[0]
    if not worker.memory.let_in(session, session.to_prefill):
        worker.first_local_waits_for_memory = True
        return False
    worker.first_local_waits_for_memory = False
    worker.queue.pop(0)
    if not worker.host.copies(session, now, is_local=True):
        begin_prompt(worker, session)
    return True


def begin_prompt(worker, session):
    worker.host.no_longer_waits(session)
    worker.unfinished.append(session)
    worker.running.append(session)


def reorder(worker, now):
    """Orders the queue; false, and nothing changed, where its new first is not seen or has no
    memory."""
    scenario = worker.cluster.scenario
    tasks = [
        reordering.Task(s, now) for s in worker.queue[: scenario.policy["reorder_window"]]]
    order = reordering.best_order(
        tasks, 0, scenario.ttft_target, scenario.policy["max_postponements"])
    first = tasks[order[0]].session
    if not worker.sight.sees(first.queued_at):
        return False
    if not worker.memory.could_let_in(first, first.to_prefill):
        worker.first_local_waits_for_memory = True
        return False
    reordering.reorder(worker.queue, tasks, order)
    return True
