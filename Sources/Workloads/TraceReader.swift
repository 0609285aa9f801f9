public import ServingDomain

/// The sessions of a trace, with what the reader had to assume.
public struct RecordedTrace: Sendable {
    /// In order of arrival; the earliest is at 0.
    public let sessions: SessionTable
    /// What was read; never `auto`.
    public let format: TraceFormat
    /// One sentence per assumption, correction or omission.
    public let notes: [String]
    /// What the calls are like, as they are written down.
    public let statistics: TraceStatistics
}

/// Reads a trace in chunks of any size.
///
/// Only the sessions stay in memory; of a Mooncake trace all requests do, to rebuild sessions from.
/// After an error a reader is of no further use.
public struct TraceReader {
    private let format: TraceFormat
    private var assembler = LineAssembler()
    private var lines: (any TraceLineReader)?

    public init(format: TraceFormat = .auto) { self.format = format }

    /// Takes the next bytes of the file.
    ///
    /// - Throws: `WorkloadError` with the line at which the trace is wrong.
    public mutating func read(_ chunk: [UInt8]) throws(WorkloadError) {
        for line in try assembler.lines(completedBy: chunk) { try read(line) }
    }

    /// The sessions, once every byte has been read.
    ///
    /// - Throws: `WorkloadError` where the trace is empty or its end is wrong.
    public mutating func finish() throws(WorkloadError) -> RecordedTrace {
        if let line = try assembler.finish() { try read(line) }
        guard let lines else { throw .empty }
        return try lines.finish()
    }

    /// Reads a whole trace from memory.
    public static func read(
        _ text: String, format: TraceFormat = .auto
    ) throws(WorkloadError) -> RecordedTrace {
        var reader = Self(format: format)
        try reader.read(Array(text.utf8))
        return try reader.finish()
    }

    private mutating func read(_ line: TraceLine) throws(WorkloadError) {
        if lines == nil { lines = try Self.reader(of: format, for: line) }
        try lines?.read(line)
    }

    private static func reader(
        of format: TraceFormat, for line: TraceLine
    ) throws(WorkloadError) -> any TraceLineReader {
        switch format {
        case .auto: try reader(of: TraceFormat.detect(line), for: line)
        case .csv: RoundCSVReader()
        case .jsonl: SessionJSONLReader()
        case .mooncake: MooncakeReader()
        case .mooncakeBlocks: MooncakeBlockReader()
        case .requests: RequestCSVReader()
        case .azure: AzureReader()
        }
    }
}

/// One format: lines in, sessions out.
protocol TraceLineReader {
    mutating func read(_ line: TraceLine) throws(WorkloadError)
    func finish() throws(WorkloadError) -> RecordedTrace
}
