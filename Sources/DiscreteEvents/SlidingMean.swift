import DequeModule

/// The exact mean over the samples of the last `window`, at an instant that may lie in the past.
///
/// A sample emitted at t belongs to the window of every instant in [t, t + window).
public struct SlidingMean: Sendable {
    private struct Batch {
        let time: Int64
        let sum: Int64
        let count: Int
    }

    private let window: Int64
    /// Samples of the window first, then those that are still too young to be seen.
    private var batches: Deque<Batch> = []
    private var seen = 0
    private var sum: Int64 = 0
    private var count = 0

    /// - Parameter window: length in nanoseconds.
    public init(window: Int64) { self.window = window }

    /// Adds `count` samples with this sum in nanoseconds; times must not decrease.
    public mutating func add(at time: SimulatedTime, sum: Int64, count: Int) {
        batches.append(Batch(time: time.nanoseconds, sum: sum, count: count))
    }

    /// The mean at `time`, or nil where the window is empty; times must not decrease.
    public mutating func mean(at time: SimulatedTime) -> Double? {
        while seen < batches.count, batches[seen].time <= time.nanoseconds {
            sum += batches[seen].sum
            count += batches[seen].count
            seen += 1
        }
        while seen > 0, let first = batches.first, first.time <= time.nanoseconds - window {
            sum -= first.sum
            count -= first.count
            seen -= 1
            batches.removeFirst()
        }
        return count > 0 ? Double(sum) / Double(count) : nil
    }
}
