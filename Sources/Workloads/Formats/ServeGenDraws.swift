import DiscreteEvents

/// How often lengths occur, as ServeGen writes it: `{103: 0.25, 105: 0.75}` in a text.
struct LengthShares {
    private let lengths: [Double]
    /// Shares up to each length, the last one being all of them.
    private let sums: [Double]
    let mean: Double?

    init(_ node: JSONNode?, at path: String) throws(WorkloadError) {
        let bad = TraceFields(path: "").bad(
            path, node?.value, expected: "a text of lengths with their shares")
        guard let text = node?.text, text.hasPrefix("{"), text.hasSuffix("}") else { throw bad }
        var (lengths, sums, sum) = ([Double](), [Double](), 0.0)
        for pair in text.dropFirst().dropLast().split(separator: ",") {
            let parts = pair.split(separator: ":").map(\.trimmed)
            guard parts.count == 2, let length = Double(parts[0]), let share = Double(parts[1]),
                (0...1e9).contains(length), (0...1e9).contains(share)
            else { throw bad }
            guard share > 0 else { continue }
            lengths.append(length)
            sums.append((sums.last ?? 0) + share)
            sum += length * share
        }
        (self.lengths, self.sums) = (lengths, sums)
        mean = sums.last.map { sum / $0 }
    }

    /// The length at a uniform number; nil where there are none.
    func length(at unit: Double) -> Int? {
        guard let all = sums.last else { return nil }
        var (low, high) = (0, sums.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if sums[middle] <= unit * all { low = middle + 1 } else { high = middle }
        }
        return Int(lengths[low].rounded())
    }
}

/// Requests like those of one of ServeGen's clients: gaps of the law of their window, lengths as often
/// as in theirs.
struct ServeGenDraws {
    /// Most requests that are drawn of a trace.
    static let most = 5_000_000
    private static let seed: UInt64 = 1

    struct Request {
        /// Nanoseconds.
        let start: Int64
        let input: Int
        let output: Int
    }

    /// A stretch of time with its rate, and the law of its gaps.
    struct Window {
        let start: Double
        let rate: Double
        let variation: Double
        let family: String
        let shape: Double?
        let scale: Double?

        /// A gap in seconds at a uniform number: of the law that is told, else of gamma's.
        func gap(at unit: Double) -> Double {
            guard let shape, let scale, (0.01...1e5).contains(shape), scale > 0 else {
                let cv = variation > 0.01 ? min(100, variation) : 1
                return GammaLaw(coefficientOfVariation: cv, mean: 1 / rate).quantile(unit)
            }
            return family == "Weibull"
                ? WeibullLaw(shape: shape, scale: scale).quantile(unit)
                : GammaLaw(shape: shape, mean: shape * scale).quantile(unit)
        }
    }

    private var windows: [Window] = []
    private var lengths: [(start: Double, input: LengthShares, output: LengthShares)] = []

    mutating func add(_ window: Window) { windows.append(window) }

    mutating func add(
        lengths shares: (input: LengthShares, output: LengthShares), from start: Double
    ) {
        lengths.append((start, shares.input, shares.output))
    }

    /// Whether there is a window whose lengths are known.
    var hasLengths: Bool { lengths.contains { $0.input.mean != nil && $0.output.mean != nil } }

    /// Requests in windows of that many seconds.
    func expected(window: Double) -> Double {
        hasLengths ? windows.reduce(0) { $0 + $1.rate } * window : 0
    }

    /// Requests in order of time.
    func requests(ofClient client: Int, window length: Double) -> [Request] {
        let known = lengths.filter { $0.input.mean != nil && $0.output.mean != nil }
            .sorted { $0.start < $1.start }
        let stream = RandomStream(seed: Self.seed, named: "ServeGen \(client)")
        var requests: [Request] = []
        var draw = 0
        for window in windows.sorted(by: { $0.start < $1.start }) where window.rate > 0 {
            // Those of the latest lengths that began before.
            let shares = known.last { $0.start <= window.start } ?? known[0]
            var time = 0.0
            let most = 4 * Int(window.rate * length) + 100
            for _ in 0..<most {
                time += window.gap(at: stream.unit(draw, 0))
                guard time < length else { break }
                requests.append(
                    Request(
                        start: Nanoseconds.rounding((window.start + time) * 1e9),
                        input: shares.input.length(at: stream.unit(draw, 1)) ?? 1,
                        output: shares.output.length(at: stream.unit(draw, 2)) ?? 1))
                draw += 1
            }
            draw += 1
        }
        return requests
    }
}
