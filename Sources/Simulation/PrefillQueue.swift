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
    mutating func take(
        at now: SimulatedTime, reordering: PrefillReordering?
    ) -> QueuedPrefill? {
        if let reordering, tasks.count > 1 { reorder(at: now, by: reordering) }
        guard let task = tasks.popFirst() else { return nil }
        queuedWork -= task.compute
        return task
    }

    /// Writes the head of the queue back in Algorithm 2's order and counts who was postponed.
    private mutating func reorder(at now: SimulatedTime, by reordering: PrefillReordering) {
        let head = Array(tasks.prefix(reordering.window))
        let order = reordering.order(
            head.map {
                PrefillReordering.Waiting(
                    age: Double(now.nanoseconds - $0.enqueued.nanoseconds),
                    duration: Double($0.compute) + $0.transfer, postponements: $0.postponements)
            })
        for (place, index) in order.enumerated() {
            tasks[place] = head[index]
            if place > index { tasks[place].postponements += 1 }
        }
    }
}
