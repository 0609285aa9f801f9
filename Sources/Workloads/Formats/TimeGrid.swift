/// Start times on a coarse clock, spread evenly inside the slots of that clock.
struct TimeGrid {
    /// Length of a slot in nanoseconds; `nil` where the clock is fine enough.
    let slot: Int64?
    /// One time for each that was given, in ascending order.
    let spread: [Int64]

    /// Looks at times in ascending order.
    ///
    /// A clock counts as coarse where each instant is shared by two or more requests on average.
    /// The slot is the median step between instants.
    init(_ times: [Int64]) {
        let starts = times.indices.filter { $0 == 0 || times[$0] != times[$0 - 1] }
        guard starts.count >= 2, times.count >= 2 * starts.count else {
            (slot, spread) = (nil, times)
            return
        }
        let steps = zip(starts, starts.dropFirst()).map { times[$1] - times[$0] }
        let slot = steps.sorted()[steps.count / 2]
        let widths = steps.map { min($0, slot) } + [slot]
        let ends = starts.dropFirst() + [times.count]
        self.slot = slot
        spread = zip(zip(starts, ends), widths).flatMap { group, width in
            Self.even(times[group.0], width, group.1 - group.0)
        }
    }

    /// Says so where times were spread.
    var notes: [String] {
        guard let slot else { return [] }
        return [
            """
            Many requests share a timestamp: they were spread evenly inside their slot of \
            \(Double(slot) / 1e9) s.
            """
        ]
    }

    private static func even(_ start: Int64, _ width: Int64, _ count: Int) -> [Int64] {
        (0..<count).map {
            Nanoseconds.sum(start, Int64(Double(width) * Double($0) / Double(count)))
        }
    }
}
