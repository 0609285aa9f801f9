import DequeModule
import DiscreteEvents
import Scheduling

/// A round's prefill in a queue.
struct QueuedPrefill: Hashable {
    var session: Int
    var history: Int
    var increment: Int
    /// Time to compute it on the worker that queues it, in nanoseconds.
    var compute: Int64
    /// Time of its KV transfers there and back, in nanoseconds; 0 for local prefill.
    var transfer: Double
    var enqueued: SimulatedTime
    var postponements = 0
}

/// Waiting prefills of one worker, in order of arrival except where reordering moved them.
struct PrefillQueue {
    private var tasks: Deque<QueuedPrefill> = []
    /// Nanoseconds of compute that wait here.
    private(set) var queuedWork: Int64 = 0

    var isEmpty: Bool { tasks.isEmpty }
    var count: Int { tasks.count }

    mutating func append(_ task: QueuedPrefill) {
        tasks.append(task)
        queuedWork += task.compute
    }

    /// Takes the task that runs next.
    ///
    /// - Parameters:
    ///   - now: the present.
    ///   - busyUntil: end of what the worker computes now; in the past where it is free.
    ///   - reordering: Algorithm 2, where the policy has it.
    /// - Returns: the task, or nil where none waits.
    mutating func take(
        at now: SimulatedTime, busyUntil: SimulatedTime, reordering: PrefillReordering?
    ) -> QueuedPrefill? {
        if let reordering, tasks.count > 1 {
            let rest = max(0, busyUntil.nanoseconds - now.nanoseconds)
            reorder(at: now, after: Double(rest), by: reordering)
        }
        guard let task = tasks.popFirst() else { return nil }
        queuedWork -= task.compute
        return task
    }

    /// Takes the tasks that run together in the next step: the next one whatever its length, and
    /// those behind it as long as all their tokens stay within `budget`.
    mutating func takeStep(
        at now: SimulatedTime, budget: Int, reordering: PrefillReordering?
    ) -> [QueuedPrefill] {
        guard let first = take(at: now, busyUntil: now, reordering: reordering) else { return [] }
        var step = [first]
        var tokens = first.increment
        while let next = tasks.first, tokens + next.increment <= budget {
            tokens += next.increment
            queuedWork -= next.compute
            step.append(next)
            tasks.removeFirst()
        }
        return step
    }

    /// Writes the head of the queue back in Algorithm 2's order and counts who was postponed.
    private mutating func reorder(
        at now: SimulatedTime, after rest: Double, by reordering: PrefillReordering
    ) {
        let head = Array(tasks.prefix(reordering.window))
        let order = reordering.order(
            head.map {
                PrefillReordering.Waiting(
                    age: Double(now.nanoseconds - $0.enqueued.nanoseconds),
                    compute: Double($0.compute), transfer: $0.transfer,
                    postponements: $0.postponements)
            }, after: rest)
        for (place, index) in order.enumerated() {
            tasks[place] = head[index]
            if place > index { tasks[place].postponements += 1 }
        }
    }
}
