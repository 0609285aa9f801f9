public import ServingDomain
import Workloads

/// What a benchmark wrote down of one run, or a server of what it served: the requests, how they followed
/// each other, and the means of their latencies.
///
/// Nothing in it says on how many GPUs; the words that a client was told to write down may.
public struct RunLog: Hashable, Sendable {
    /// Who writes such logs.
    public enum Format: String, Hashable, Sendable, CaseIterable {
        /// `vllm bench serve --save-result`, and the `bench_serving` of SGLang.
        case bench = "vLLM bench"
        /// `profile_export_aiperf.json`.
        case aiperf = "AIPerf"
        /// `profile_export.jsonl`.
        case aiperfRecords = "AIPerf records"
        /// Spans of requests with `gen_ai` attributes, as OTLP JSON.
        case spans = "OpenTelemetry"
    }

    /// How requests followed each other.
    public enum Pace: Hashable, Sendable {
        /// So many under way at once, each that ends followed by the next.
        case closed(places: Int)
        /// At a rate with gaps of a coefficient of variation, and at most so many under way.
        case open(Rate, cv: Double, places: Int?)
        /// At the times that the log has.
        case recorded
        /// Not told by the log: a concurrency has to be stated beside it.
        case untold
    }

    public let format: Format
    /// Requests that were answered, in the order in which they were sent.
    public let requests: SessionTable
    public let pace: Pace
    public let measured: MeanLatencies
    /// What the log says in the words of our columns (docs/measured-csv.md), the means of its lengths
    /// and latencies among them.
    public let columns: [String: String]

    /// The load of the run, or that of a closed loop of `places` with the same requests; all at once
    /// where neither is known.
    func workload(places: Int?) -> Workload {
        let sessions = Workload.Sessions.recorded(requests)
        func closed(_ places: Int) -> Workload {
            Workload(
                sessions: sessions, rate: Rate(sessionsPerSecond: .infinity), arrivals: .closed,
                concurrency: places)
        }
        if let places { return closed(places) }
        switch pace {
        case .closed(let places): return closed(places)
        case .open(let rate, let cv, let places):
            return Workload(
                sessions: sessions, rate: rate, arrivals: .gamma(cv: cv), concurrency: places)
        case .recorded:
            // Requests that all came at one instant have no rate; they wait for as many places.
            guard let rate = requests.meanRate else { return closed(max(1, requests.count)) }
            return Workload(sessions: sessions, rate: rate, arrivals: .replay)
        case .untold: return closed(max(1, requests.count))
        }
    }
}

/// Why a log cannot be read, with the place where there is one.
public struct RunLogError: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}

/// One request of a log.
struct LoggedRequest {
    let inputTokens: Int
    let outputTokens: Int
    /// Nanoseconds by the clock of the log; nil where it has none.
    private(set) var start: Int64?
    /// Milliseconds; nil where only the log as a whole has them.
    private(set) var ttft: Double?
    private(set) var tpot: Double?

    /// - Throws: where a number of tokens is none that a request can have.
    init(input: Double, output: Double, place: String) throws(RunLogError) {
        let range = 1.0...100_000_000
        guard range.contains(input), range.contains(output) else {
            throw RunLogError(
                "\(place): found \(input) prompt and \(output) output tokens, expected 1 to "
                    + "100000000 of both.")
        }
        (inputTokens, outputTokens) = (Int(input.rounded()), Int(output.rounded()))
    }

    /// Notes when the request was sent.
    ///
    /// - Throws: where that is before the clock's zero, or more than a century after it.
    mutating func start(atNanoseconds time: Double, place: String) throws(RunLogError) {
        guard (0...4e18).contains(time) else {
            throw RunLogError(
                "\(place): found a start at \(time / 1e9) s, expected 0 to 4000000000.")
        }
        start = Int64(time)
    }

    /// Notes the time to the first token, or that per token after it, in milliseconds.
    ///
    /// - Throws: where one is below 0 or longer than eleven days.
    mutating func answer(
        ttft: Double? = nil, tpot: Double? = nil, place: String
    ) throws(RunLogError) {
        for time in [ttft, tpot].compactMap(\.self) where !(0...1e9).contains(time) {
            throw RunLogError(
                "\(place): found a time of \(time) ms to the first token or per token, expected 0 "
                    + "to 1000000000.")
        }
        self.ttft = ttft ?? self.ttft
        self.tpot = tpot ?? self.tpot
    }
}

extension RunLog {
    /// A log of requests that are known one by one.
    ///
    /// - Parameters:
    ///   - format: who wrote it.
    ///   - requests: those that were answered; nil paces follow their starts.
    ///   - pace: how they followed each other; nil for the times of the log, if it has them.
    ///   - means: those that the log has; nil where they are those of the requests.
    ///   - columns: what else it says.
    /// - Throws: where there are no requests, or no latencies.
    init(
        _ format: Format, requests: [LoggedRequest], pace: Pace?, means: MeanLatencies? = nil,
        columns: [String: String]
    ) throws(RunLogError) {
        guard !requests.isEmpty else {
            throw RunLogError("\(format.rawValue): found no request that was answered.")
        }
        let timed = requests.allSatisfy { $0.start != nil }
        guard let measured = means ?? MeanLatencies(requests) else {
            throw RunLogError("\(format.rawValue): found no times to first token or per token.")
        }
        guard
            [measured.ttft, measured.tpot].allSatisfy({ $0.isFinite && $0 > 0 && $0 < 1e9 })
        else {
            throw RunLogError(
                "\(format.rawValue): found mean times of \(measured.ttft) ms to the first token and "
                    + "\(measured.tpot) ms per token, expected both above 0.")
        }
        self.format = format
        self.pace = pace ?? (timed ? .recorded : .untold)
        self.measured = measured
        self.requests = SessionTable(requests)
        let counts = (
            requests.map(\.inputTokens).meanOfCounts, requests.map(\.outputTokens).meanOfCounts
        )
        self.columns = columns.merging([
            "isl": "\(counts.0)", "osl": "\(counts.1)", "ttft_ms": "\(measured.ttft)",
            "tpot_ms": "\(measured.tpot)",
        ]) { $1 }
    }

    /// Requests under way on average, at least 1: those of a closed loop, or as Little's law has it; nil
    /// where the log does not tell.
    var inFlight: Int? {
        if case .untold = pace { return nil }
        if case .closed(let places) = pace { return places }
        let rate: Rate? = if case .open(let rate, _, _) = pace { rate } else { requests.meanRate }
        guard let rate, rate.sessionsPerSecond.isFinite else { return max(1, requests.count) }
        let outputs = requests.rounds.reduce(0) { $0 + Double($1.outputTokens) }
        let life = measured.ttft + measured.tpot * (outputs / Double(requests.count) - 1)
        return max(1, Int(min(rate.sessionsPerSecond * life / 1e3, 1e6).rounded()))
    }
}

extension MeanLatencies {
    /// Nil where some request lacks its time to first token, or none has more than one token.
    fileprivate init?(_ requests: [LoggedRequest]) {
        let firsts = requests.compactMap(\.ttft)
        let gaps = requests.compactMap(\.tpot)
        guard firsts.count == requests.count, !gaps.isEmpty else { return nil }
        self.init(
            ttft: firsts.reduce(0, +) / Double(firsts.count),
            tpot: gaps.reduce(0, +) / Double(gaps.count))
    }
}

extension SessionTable {
    /// In order of their starts where all have one.
    fileprivate init(_ requests: [LoggedRequest]) {
        self.init()
        let starts = requests.compactMap(\.start)
        let timed = starts.count == requests.count
        let first = starts.min() ?? 0
        let sorted =
            timed ? requests.sorted { ($0.start ?? 0) < ($1.start ?? 0) } : requests
        for request in sorted {
            append(
                arrival: timed ? (request.start ?? 0) - first : 0,
                rounds: [
                    RoundScript(
                        newTokens: request.inputTokens, outputTokens: request.outputTokens,
                        delayAfter: 0)
                ])
        }
    }
}

extension [Int] {
    /// The mean, rounded; at least 1.
    fileprivate var meanOfCounts: Int {
        Swift.max(1, Int((map(Double.init).reduce(0, +) / Double(count)).rounded()))
    }
}
