"""Who decodes in a step of a serving worker, and the blocks for it."""

import pins


def join_and_grow(worker, now):
    """Complete sequences join, and the batch takes the blocks of its next step; returns who gave
    everything up."""
    cap = worker.cluster.scenario.policy.token_cap
    if cap > 0:
        take_turns(worker, cap)
    for session in worker.sight.joining()[:worker.seats()]:
        worker.joining.remove(session)
        worker.batch.append(session)
        worker.running.append(session)
    return grow(worker, now)


def take_turns(worker, cap):
    """Takes the head of the decode queue as far as a token cap goes, at least its first."""
    queue = worker.aside + worker.joining + worker.batch
    worker.batch, worker.joining = [], []
    tokens = 0
    for session in queue:
        tokens += session.kv_tokens + 1
        if worker.seats() <= 0 or worker.batch and tokens > cap:
            break
        worker.batch.append(session)
    worker.aside = queue[len(worker.batch):]
    worker.running = worker.batch + worker.unfinished


def growth(worker):
    blocks = worker.cluster.scenario.blocks
    return sum(max(0, blocks(s.kv_tokens + 1, s.script) - s.used_blocks - s.blocks) for s in worker.batch)


def grow(worker, now):
    """Takes the blocks that the next decode step needs; returns who gave everything up."""
    preempted = []
    while not worker.memory.make_room_for_step(growth(worker), len(worker.running)):
        session = pins.gives_way(worker)
        worker.running.remove(session)
        (worker.batch if session in worker.batch else worker.unfinished).remove(session)
        worker.memory.forget(session)
        worker.cluster.preempted(session, now)
        worker.first_local_waits_for_memory = True
        preempted.append(session)
    blocks = worker.cluster.scenario.blocks
    for session in worker.batch:
        session.blocks = max(session.blocks, blocks(session.kv_tokens + 1, session.script) - session.used_blocks)
    worker.decoding = list(worker.batch)
    return preempted
