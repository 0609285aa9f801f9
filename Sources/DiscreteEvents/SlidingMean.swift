/// Mean of the samples emitted in the last `window` nanoseconds, now or some time ago.
///
/// A window that ends at t holds the samples emitted in (t − window, t]. Sums are whole numbers
/// (nanoseconds, say), so that the mean does not drift however long a run is. A ring buffer holds
/// running totals; memory settles at the most samples ever inside window and horizon.
public struct SlidingMean: ~Copyable {
    struct Entry {
        var time = SimulatedTime.zero
        /// Of every sample up to and including this one.
        var total = Total()
    }

    struct Total {
        var sum: Int64 = 0
        var count: Int64 = 0
    }

    private let window: Int64
    private let horizon: Int64
    /// Entries by index modulo the capacity, which is a power of two.
    private var ring: Slab<Entry>
    private var first = 0
    private var end = 0
    /// First entry inside the window of the latest `mean(at:)`.
    private var windowStart = 0
    /// Of the samples that are no longer kept.
    private var forgotten = Total()
    /// What `mean(at:)` said last.
    private var latest = Latest()

    /// A mean that stays the same until a sample comes or its oldest one leaves the window.
    private struct Latest {
        var since = SimulatedTime.never
        var oldest = SimulatedTime.zero
        var mean: Double?

        func holds(at now: SimulatedTime, opening: SimulatedTime) -> Bool {
            now >= since && opening < oldest
        }
    }

    /// Creates an empty window.
    ///
    /// - Parameters:
    ///   - window: length in nanoseconds.
    ///   - horizon: how long before the latest sample `mean(asOf:)` may look, in nanoseconds.
    public init(window: Int64, horizon: Int64 = 0) {
        self.window = window
        self.horizon = horizon
        ring = Slab(repeating: Entry(), count: 16)
    }

    /// Adds `count` samples with the given sum, all emitted at `time`.
    ///
    /// - Precondition: `time` is not before that of an earlier sample.
    public mutating func add(_ time: SimulatedTime, sum: Int64, count: Int = 1) {
        latest.since = .never
        var total = through(end)
        total.sum &+= sum
        total.count &+= Int64(count)
        if end > first, self[end - 1].time >= time {
            precondition(self[end - 1].time == time, "samples must come in order of time")
            ring[(end - 1) & (ring.count - 1)].total = total
            return
        }
        forget(upTo: time - window - horizon)
        if end - first == ring.count { grow() }
        ring[end & (ring.count - 1)] = Entry(time: time, total: total)
        end += 1
    }

    /// Mean of the window that ends now; `nil` where it holds no sample.
    ///
    /// Amortised constant time while `now` does not go back.
    public mutating func mean(at now: SimulatedTime) -> Double? {
        let opening = now - window
        if latest.holds(at: now, opening: opening) { return latest.mean }
        guard end > first, self[end - 1].time <= now else { return mean(asOf: now) }
        if windowStart > first, self[windowStart - 1].time > opening { windowStart = first }
        while windowStart < end, self[windowStart].time <= opening { windowStart += 1 }
        latest = Latest(
            since: now, oldest: windowStart < end ? self[windowStart].time : .never,
            mean: mean(windowStart, end))
        return latest.mean
    }

    /// Mean of the window that ended at `time`, at most `horizon` before the latest sample.
    ///
    /// Two binary searches. Samples beyond the horizon are forgotten, and a window that reaches
    /// back to them holds only what is left.
    public func mean(asOf time: SimulatedTime) -> Double? {
        mean(index(after: time - window), index(after: time))
    }

    /// Samples in the window that ended at `time`; see `mean(asOf:)`.
    public func count(asOf time: SimulatedTime) -> Int {
        Int(through(index(after: time)).count &- through(index(after: time - window)).count)
    }

    private func mean(_ start: Int, _ stop: Int) -> Double? {
        let (before, upTo) = (through(start), through(stop))
        let count = upTo.count &- before.count
        return count > 0 ? Double(upTo.sum &- before.sum) / Double(count) : nil
    }

    private subscript(_ index: Int) -> Entry { ring[index & (ring.count - 1)] }

    /// Total of every sample before the entry at `index`.
    private func through(_ index: Int) -> Total {
        index > first ? self[index - 1].total : forgotten
    }

    /// First entry that is later than `time`.
    private func index(after time: SimulatedTime) -> Int {
        var (low, high) = (first, end)
        while low < high {
            let middle = (low + high) / 2
            if self[middle].time <= time { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private mutating func forget(upTo time: SimulatedTime) {
        while first < end, self[first].time <= time {
            forgotten = self[first].total
            first += 1
        }
        windowStart = max(windowStart, first)
    }

    private mutating func grow() {
        var larger = Slab(repeating: Entry(), count: ring.count * 2)
        for index in first..<end { larger[index & (larger.count - 1)] = self[index] }
        ring = larger
    }
}
