"""Algorithm 2: the order in which most of the first tasks meet the TTFT target."""

from itertools import permutations


class Task:
    """What Algorithm 2 looks at: age in the queue, expected computation and transfers."""

    def __init__(self, session, now):
        self.session = session
        self.age = now - session.queued_at
        self.computation = session.expected
        self.transfers = session.expected_transfers


def best_order(tasks, rest, target, max_postponements):
    """Positions of the tasks in the order that the worker takes them."""
    best, best_count = None, -1
    for order in permutations(range(len(tasks))):
        if any(
            tasks[task].session.postponements >= max_postponements and place > task
            for place, task in enumerate(order)
        ):
            continue
        count = in_time([tasks[task] for task in order], rest, target)
        if count > best_count:
            best, best_count = order, count
    return best


def in_time(tasks, rest, target):
    count, clock = 0, rest
    for task in tasks:
        clock += task.computation
        if task.age + clock + task.transfers <= target:
            count += 1
    return count


def reorder(queue, tasks, order):
    """Puts the head of a queue in order; tasks that moved back were postponed once more."""
    for place, task in enumerate(order):
        if place > task:
            tasks[task].session.postponements += 1
    queue[: len(order)] = [tasks[task].session for task in order]
