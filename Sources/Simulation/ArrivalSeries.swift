/// TTFT by order of arrival: sums over groups of consecutive sessions, of bounded number.
///
/// The sessions that only fill the cluster are in it, those that keep it busy after the measured
/// ones are not.
struct ArrivalSeries: Sendable {
    /// Most groups of one run.
    static let most = 400

    /// Sessions in each group, at least 5.
    let groupSize: Int
    /// Sessions before the measured ones.
    let filling: Int
    private(set) var sums: [Double]
    private(set) var counts: [Int]

    /// A series of known figures.
    init(groupSize: Int, filling: Int, sums: [Double], counts: [Int]) {
        (self.groupSize, self.filling) = (groupSize, filling)
        (self.sums, self.counts) = (sums, counts)
    }

    /// A series of the sessions up to the last measured one.
    init(_ measured: Range<Int> = 0..<0) {
        groupSize = max(5, (measured.upperBound + Self.most - 1) / Self.most)
        filling = measured.lowerBound
        sums = Array(repeating: 0, count: measured.upperBound / groupSize)
        counts = Array(repeating: 0, count: sums.count)
    }

    /// Adds the TTFT of one round of a session, in nanoseconds.
    mutating func record(session: Int, ttft: Int64) {
        let group = session / groupSize
        guard group < counts.count else { return }
        sums[group] += Double(ttft)
        counts[group] += 1
    }

    /// Mean over groups; nil where nothing was recorded in them.
    func mean(_ groups: Range<Int>) -> Double? {
        let range = groups.clamped(to: counts.indices)
        let count = range.reduce(0) { $0 + counts[$1] }
        return count > 0 ? range.reduce(0) { $0 + sums[$1] } / Double(count) : nil
    }
}
