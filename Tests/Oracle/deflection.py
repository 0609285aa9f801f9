"""`kairos`: prefills that move to serving workers in chunks that keep their steps short."""

from fractions import Fraction

from costs import TICKS_PER_NANOSECOND, nearest


def route(cluster, session, remote_cost, seen):
    """The serving worker that is soon enough; none for the prefill worker of least cost."""
    policy = cluster.scenario.policy
    home = seen.serving[session.worker.index]
    limit = remote_cost
    if cluster.scenario.first_token_site == "decode":
        costs, context = session.worker.costs, home.context(seen) + session.prompt
        limit += in_nanoseconds(costs.decode_ticks(home.sequences + 1, context))
    limit *= policy["deflection_factor"]
    best = None
    for worker in hosts(session):
        time = first_token(cluster.scenario, session, worker, seen)
        if time is not None and time < limit:
            best, limit = worker, time
    return best


def hosts(session):
    """The session's own worker first; others where nothing binds it yet."""
    if session.round > 0:
        return [session.worker]
    return [session.worker] + [w for w in session.able if w is not session.worker]


def first_token(scenario, session, worker, seen):
    """Nanoseconds until the round's first token on a worker; none where no schedule is safe."""
    face = seen.serving[worker.index]
    if face.seats >= scenario.max_sequences:
        return None
    resident = session.resident_on(worker)
    total = face.prompt_tokens + session.to_prefill - resident
    done, step, elapsed = 0, 0, 0
    n, costs = face.sequences, worker.costs
    while done < total:
        decoding = costs.decode_ticks(n, face.context(seen) + n * step) if n > 0 else 0
        history = resident + max(0, done - face.prompt_tokens)
        most = min(total - done, scenario.token_budget - n)
        bound = longest_step(scenario) if n > 0 else None
        tokens = largest(most, bound, lambda t: decoding + added(costs, [(history, t)], n))
        if tokens <= 0:
            return None
        elapsed += decoding + added(costs, [(history, tokens)], n)
        done += tokens
        step += 1
    return face.wait(seen) + in_nanoseconds(elapsed)


def longest_step(scenario):
    """Ticks of B."""
    share = Fraction(scenario.policy["deflected_step_share"])
    return nearest(share * scenario.itl_target * TICKS_PER_NANOSECOND)


def added(costs, chunks, batch):
    """Ticks that chunks of (history, tokens) add to a step of decoding sequences."""
    time = costs.added_to_decode(chunks, batch) if batch > 0 else costs.prefill(chunks)
    return nearest(time * TICKS_PER_NANOSECOND)


def largest(most, bound, ticks):
    """The most tokens with which a step stays within a bound, by bisection."""
    if most <= 0 or bound is None or ticks(most) <= bound:
        return most
    low, high = 0, most
    while high - low > 1:
        middle = (low + high) // 2
        if ticks(middle) <= bound:
            low = middle
        else:
            high = middle
    return low


def in_nanoseconds(ticks):
    return Fraction(ticks, TICKS_PER_NANOSECOND)
