import Simulation

/// Threads for the transfers of each worker, so that those under way at once stand apart.
///
/// A transfer takes the first lane that is free when it is asked for.
struct TransferLanes {
    /// Lane of each transfer at the worker that it goes to, by its place on the tape.
    private(set) var into: [Int]
    /// Lane at the worker that it leaves.
    private(set) var out: [Int]
    private(set) var intoCount: [Int32: Int]
    private(set) var outCount: [Int32: Int]

    init(_ transfers: [Tape.Transfer]) {
        (into, intoCount) = Self.lanes(transfers, at: \.target)
        (out, outCount) = Self.lanes(transfers, at: \.source)
    }

    private static func lanes(
        _ transfers: [Tape.Transfer], at end: (Tape.Transfer) -> Int32
    ) -> (lanes: [Int], counts: [Int32: Int]) {
        var lanes = [Int](repeating: 0, count: transfers.count)
        /// When the last transfer of each lane ended, by worker.
        var ends: [Int32: [Int64]] = [:]
        for place in transfers.indices.sorted(by: { transfers[$0].number < transfers[$1].number }) {
            let (span, worker) = (transfers[place].span, end(transfers[place]))
            var taken = ends[worker] ?? []
            let lane = taken.firstIndex { $0 <= span.start } ?? taken.count
            if lane == taken.count { taken.append(span.end) } else { taken[lane] = span.end }
            lanes[place] = lane
            ends[worker] = taken
        }
        return (lanes, ends.mapValues(\.count))
    }
}
