import DequeModule
import DiscreteEvents
import Scheduling

/// A round's prefill in a queue, with what was expected of it when it entered.
struct QueuedPrefill {
    var slot: Int32
    var postponements: Int32 = 0
    /// Prompt tokens to compute.
    var tokens: Int
    /// Time to compute it alone on the worker that queues it, in nanoseconds.
    var compute: Int64
    /// Time of its KV transfers there and back, in nanoseconds; 0 for local prefill.
    var transfer: Double
    var enqueued: SimulatedTime
    /// Lower ones come first in queues that are ordered by sessions.
    var rank = 0
}

/// Waiting prefills, in order of arrival except where reordering moved them.
struct PrefillQueue: ~Copyable {
    private var tasks: Deque<QueuedPrefill> = []
    /// Nanoseconds of compute that wait here.
    private(set) var queuedWork: Int64 = 0
    /// Prompt tokens that wait here.
    private(set) var queuedTokens = 0

    var isEmpty: Bool { tasks.isEmpty }
    var count: Int { tasks.count }
    var first: QueuedPrefill? { tasks.first }

    func contains(where matches: (QueuedPrefill) -> Bool) -> Bool { tasks.contains(where: matches) }

    mutating func append(_ task: QueuedPrefill) {
        tasks.append(task)
        queuedWork += task.compute
        queuedTokens += task.tokens
    }

    /// Puts a task behind all whose rank is not higher.
    mutating func insert(_ task: QueuedPrefill) {
        var place = tasks.count
        while place > 0, task.rank < tasks[place - 1].rank { place -= 1 }
        tasks.insert(task, at: place)
        queuedWork += task.compute
        queuedTokens += task.tokens
    }

    /// Moves the task of a round to where a new rank puts it.
    mutating func rerank(_ slot: Int, _ rank: Int) {
        guard let place = tasks.firstIndex(where: { $0.slot == Int32(slot) }) else { return }
        var task = tasks.remove(at: place)
        queuedWork -= task.compute
        queuedTokens -= task.tokens
        task.rank = rank
        insert(task)
    }

    /// Puts a preempted round before everything else.
    mutating func prepend(_ task: QueuedPrefill) {
        tasks.prepend(task)
        queuedWork += task.compute
        queuedTokens += task.tokens
    }

    mutating func removeFirst() -> QueuedPrefill {
        let task = tasks.removeFirst()
        queuedWork -= task.compute
        queuedTokens -= task.tokens
        return task
    }

    /// Places of the first tasks in the order in which Algorithm 2 would run them; nil where
    /// arrival order stays.
    ///
    /// What the worker computes until `busyUntil` has to end first.
    func order(
        at now: SimulatedTime, busyUntil: SimulatedTime, by reordering: PrefillReordering
    ) -> [Int]? {
        guard tasks.count > 1 else { return nil }
        let rest = Double(max(0, busyUntil - now))
        let order = reordering.order(
            tasks.prefix(reordering.window).map {
                PrefillReordering.Waiting(
                    age: Double(now - $0.enqueued), compute: Double($0.compute),
                    transfer: $0.transfer, postponements: Int($0.postponements))
            }, after: rest)
        return order == Array(order.indices) ? nil : order
    }

    /// The task that an order would run first.
    func head(of order: [Int]?) -> QueuedPrefill? { order.map { tasks[$0[0]] } ?? tasks.first }

    /// Writes the head of the queue back in the given order and counts who was postponed.
    mutating func apply(_ order: [Int]) {
        let head = Array(tasks.prefix(order.count))
        for (place, index) in order.enumerated() {
            tasks[place] = head[index]
            if place > index { tasks[place].postponements += 1 }
        }
    }
}
