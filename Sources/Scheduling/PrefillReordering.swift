/// Prefill reordering: Algorithm 2 of §4.2.
///
/// Before a worker takes its next task, the first `window` tasks of its queue are put into the
/// order under which most of them meet the TTFT target (Eq. 3 and 4).
public struct PrefillReordering: Hashable, Sendable {
    /// One waiting task.
    public struct Waiting: Hashable, Sendable {
        /// Nanoseconds since it entered the queue.
        public let age: Double
        /// Estimated nanoseconds of its computation, which those behind it wait for.
        public let compute: Double
        /// Nanoseconds of its own KV transfers, which overlap the computations of others.
        public let transfer: Double
        /// Times that it has been postponed.
        public let postponements: Int

        public init(age: Double, compute: Double, transfer: Double, postponements: Int) {
            self.age = age
            self.compute = compute
            self.transfer = transfer
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
    ///
    /// - Parameters:
    ///   - queue: waiting tasks in their present order.
    ///   - start: nanoseconds until the first of them can start: what runs now has to end first.
    /// - Returns: the chosen order, the identity where nothing is gained.
    public func order(_ queue: [Waiting], after start: Double = 0) -> [Int] {
        let head = queue.prefix(window)
        var best = Array(head.indices)
        var bestCount = onTime(head, best, start)
        for candidate in permutations[head.count].dropFirst() {
            guard isAllowed(head, candidate) else { continue }
            let count = onTime(head, candidate, start)
            if count > bestCount { (best, bestCount) = (candidate, count) }
        }
        return best
    }

    /// Counts (Eq 4) the tasks of the window that meet the target if run in this order.
    ///
    /// Computations follow each other (Eq 3); a task's own transfers come on top of its own finish.
    private func onTime(_ head: ArraySlice<Waiting>, _ order: [Int], _ start: Double) -> Int {
        var (finish, count) = (start, 0)
        for index in order {
            finish += head[index].compute
            if head[index].age + finish + head[index].transfer <= target { count += 1 }
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
