import ArgumentParser
import Simulation

/// Options for a file that trace viewers open.
struct TraceOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Write the first replication to this file as trace-event JSON, for Perfetto.",
            valueName: "file"), completion: .anyFile)
    var traceOut: String?

    @Option(
        help: ArgumentHelp(
            "Simulated time that goes into the trace, for example 10s:20s. Default: all of it.",
            valueName: "from:to"),
        transform: TraceWindow.parse)
    var traceWindow: TraceWindow?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Follow every n-th session only; workers are always shown whole. Default: 1.",
            valueName: "n"),
        transform: wholeNumber(1...1_000_000_000))
    var traceEvery: Int?

    mutating func validate() throws {
        guard traceOut == nil else { return }
        if traceWindow != nil { throw ValidationError("--trace-window needs --trace-out FILE.") }
        if traceEvery != nil { throw ValidationError("--trace-every needs --trace-out FILE.") }
    }

    /// The file that was asked for, checked before any long work.
    func file() throws(Failure) -> TraceFile? {
        guard let traceOut else { return nil }
        return TraceFile(
            target: try OutputFile(traceOut, option: "--trace-out"), name: traceOut,
            request: TapeRequest(
                window: traceWindow?.nanoseconds ?? 0..<Int64.max, everySession: traceEvery ?? 1))
    }
}

/// A window of simulated time such as `10s:20s`.
struct TraceWindow: SpokenArgument {
    static let expectation =
        "two times with their units (us, ms, s or min), the earlier first, up to 100000s, "
        + "for example 0s:500ms or 10s:20s"

    let nanoseconds: Range<Int64>

    init?(argument: String) {
        let ends = argument.split(separator: ":", omittingEmptySubsequences: false)
            .map { Self.nanoseconds(String($0)) }
        guard ends.count == 2, let from = ends[0], let to = ends[1], from < to else { return nil }
        nanoseconds = from..<to
    }

    /// An instant; unlike a duration it may be zero.
    private static func nanoseconds(_ text: String) -> Int64? {
        if ["0us", "0ms", "0s", "0min"].contains(text) { return 0 }
        return DurationArgument(argument: text).map {
            let (seconds, attoseconds) = $0.duration.components
            return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
        }
    }
}
