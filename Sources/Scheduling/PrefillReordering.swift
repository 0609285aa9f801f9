/// Prefill reordering: Algorithm 2 of §4.2.
///
/// Before a worker takes its next task, the first `window` tasks of its queue are put into the
/// order under which most of them meet the TTFT target (Eq. 3 and 4).
public struct PrefillReordering: Hashable, Sendable {
    /// One waiting task.
    public struct Waiting: Hashable, Sendable {
        /// Nanoseconds since it entered the queue.
        public let age: Double
        /// Estimated nanoseconds from its start to its first token, KV transfers included.
        public let duration: Double
        /// Times that it has been postponed.
        public let postponements: Int

        public init(age: Double, duration: Double, postponements: Int) {
            self.age = age
            self.duration = duration
            self.postponements = postponements
        }
    }

    /// Tasks that are looked at, 1 to 5.
    public let window: Int
    /// Times that one task may be postponed.
    public let maxPostponements: Int
    /// TTFT target in nanoseconds.
    public let target: Double
    private let permutations: [[[Int]]]

    public init(window: Int, maxPostponements: Int, target: Double) {
        self.window = min(max(window, 1), 5)
        self.maxPostponements = maxPostponements
        self.target = target
        permutations = (0...self.window).map { allPermutations(of: $0) }
    }

    /// The order in which the first tasks of a queue should run, as indices into `queue`.
    ///
    /// At most `window` tasks are ordered. Equal counts keep the order of arrival; a task that has
    /// been postponed `maxPostponements` times may not run later than its place.
    public func order(_ queue: [Waiting]) -> [Int] {
        let head = queue.prefix(window)
        var best = Array(head.indices)
        var bestCount = onTime(head, best)
        for candidate in permutations[head.count].dropFirst() {
            guard isAllowed(head, candidate) else { continue }
            let count = onTime(head, candidate)
            if count > bestCount { (best, bestCount) = (candidate, count) }
        }
        return best
    }

    /// Counts (Eq 4) the tasks of the window that meet the target if run in this order.
    private func onTime(_ head: ArraySlice<Waiting>, _ order: [Int]) -> Int {
        var (finish, count) = (0.0, 0)
        for index in order {
            finish += head[index].duration
            if head[index].age + finish <= target { count += 1 }
        }
        return count
    }

    private func isAllowed(_ head: ArraySlice<Waiting>, _ order: [Int]) -> Bool {
        order.enumerated().allSatisfy { place, index in
            place <= index || head[index].postponements < maxPostponements
        }
    }
}

/// All orders of 0 ..< count, the identity first.
private func allPermutations(of count: Int) -> [[Int]] {
    guard count > 0 else { return [[]] }
    return (0..<count).flatMap { first in
        allPermutations(of: count - 1).map { rest in
            [first] + rest.map { $0 < first ? $0 : $0 + 1 }
        }
    }
}
