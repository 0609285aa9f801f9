/// What one serving worker has seen of tool calls and of the rounds that came back from them.
///
/// Times are seconds. Memory is bounded: of the durations only the latest are kept.
public struct ToolExperience: Sendable {
    /// Durations that are kept of each tool, and of all tools together.
    public static let memory = 1024

    private var pooled = LatestDurations(memory: memory)
    /// By label; rounds without one share the first place.
    private var byTool: [LatestDurations] = []
    private var waits = (sum: 0.0, count: 0)
    /// Sums over the calls of ended sessions: calls, rounds done, squares, and products of rounds
    /// done and rounds left.
    private var rounds = (count: 0.0, sum: 0.0, squares: 0.0, products: 0.0)

    public init() {}

    // MARK: What happens

    /// A tool call has ended.
    public mutating func note(duration: Double, tool: Int16) {
        let place = Self.place(of: tool)
        while byTool.count <= place { byTool.append(LatestDurations(memory: Self.memory)) }
        byTool[place].add(duration)
        pooled.add(duration)
    }

    /// A round whose history had been evicted begins its prefill so long after its release.
    public mutating func note(wait: Double) {
        waits.sum += wait
        waits.count += 1
    }

    /// A session of so many rounds has ended.
    ///
    /// After its r-th round r were done and `count` - r were left, for r = 1 ..< `count`.
    public mutating func note(rounds count: Int) {
        let n = Double(count)
        let (sum, squares) = (n * (n - 1) / 2, (n - 1) * n * (2 * n - 1) / 6)
        rounds.count += n - 1
        rounds.sum += sum
        rounds.squares += squares
        rounds.products += n * sum - squares
    }

    // MARK: What is known

    /// Durations of a tool, or of all tools for `nil`.
    public func durations(of tool: Int16?) -> LatestDurations {
        guard let tool else { return pooled }
        let place = Self.place(of: tool)
        return place < byTool.count ? byTool[place] : LatestDurations(memory: Self.memory)
    }

    /// Mean wait of rounds whose history had been evicted; 0 before the first.
    public var meanWait: Double { waits.count > 0 ? waits.sum / Double(waits.count) : 0 }

    /// Correlation between rounds done and rounds left; `nil` where they have not varied.
    ///
    /// Both have the same sum and the same squares, since every call of r rounds done and s left
    /// has a counterpart of s done and r left in its session.
    public var correlationOfRoundsLeft: Double? {
        let spread = rounds.count * rounds.squares - rounds.sum * rounds.sum
        guard spread > 0 else { return nil }
        return (rounds.count * rounds.products - rounds.sum * rounds.sum) / spread
    }

    private static func place(of tool: Int16) -> Int { Int(tool) + 1 }
}

/// The latest of a series of durations, in the order in which they came and in order of size.
public struct LatestDurations: Sendable {
    /// Durations ever added.
    public private(set) var count = 0
    private var sum = 0.0
    private var latest: [Double] = []
    /// Those that are kept, in order of size.
    public private(set) var sorted: [Double] = []
    private let memory: Int

    init(memory: Int) { self.memory = memory }

    mutating func add(_ duration: Double) {
        if latest.count < memory {
            latest.append(duration)
        } else {
            sorted.remove(at: place(of: latest[count % memory]))
            latest[count % memory] = duration
        }
        sorted.insert(duration, at: place(of: duration))
        count += 1
        sum += duration
    }

    /// Mean of all durations ever added; 0 before the first.
    public var mean: Double { count > 0 ? sum / Double(count) : 0 }

    /// The first place whose duration is not smaller.
    private func place(of duration: Double) -> Int {
        var (low, high) = (0, sorted.count)
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle] < duration { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
