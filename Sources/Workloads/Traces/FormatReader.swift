import ServingDomain

/// One format of traces: its text in, sessions out.
protocol TraceFormatReader {
    /// Prepares for another file.
    ///
    /// - Parameter name: of the file within the folder that was named; empty where there is none.
    mutating func begin(file name: String)
    /// What was read of all files.
    mutating func finish() throws(WorkloadError) -> RecordedTrace
}

extension TraceFormatReader {
    mutating func begin(file name: String) {}
}

/// A format with a record on every line.
protocol TraceLineReader: TraceFormatReader {
    mutating func read(_ line: TraceLine) throws(WorkloadError)
}

/// A format whose files are JSON documents.
protocol TraceDocumentReader: TraceFormatReader {
    mutating func read(_ document: TraceDocument) throws(WorkloadError)
}

/// A JSON value that is a whole file, or one of several in it.
struct TraceDocument {
    let root: JSONNode
    /// Name of the file, without its folder; empty where there is none.
    let file: String
    /// The same within the folder that was named.
    let path: String
    /// Of the file.
    let bytes: Int
}

/// The reader of a trace, once its format is known.
enum FormatReader {
    case nothing
    case lines(any TraceLineReader)
    case documents(any TraceDocumentReader)
    case both(any TraceLineReader & TraceDocumentReader)

    init(_ format: TraceFormat, _ purpose: TracePurpose, _ counter: TokenCounter) {
        self =
            switch format {
            case .auto: .nothing
            case .sessionsCSV: .lines(RoundCSVReader(purpose))
            case .sessionsJSONL: .lines(SessionJSONLReader(purpose))
            case .mooncakeJSONL: .lines(MooncakeReader(purpose))
            case .mooncakeBlocks: .lines(MooncakeBlockReader(purpose))
            case .mooncakeSessions: .lines(MooncakeSessionReader(purpose, counter))
            case .vllmMultiTurn: .documents(MultiTurnReader(purpose, counter))
            case .requestsCSV: .lines(RequestCSVReader(purpose))
            case .azureCSV: .lines(AzureReader(purpose))
            case .kvCacheTester: .documents(KVCacheTesterReader(purpose))
            case .traceLab: .lines(TraceLabReader(purpose))
            case .burstGPT: .lines(BurstGPTReader(purpose))
            case .bailian: .lines(BailianReader(purpose))
            case .llmServingSim: .lines(LLMServingSimReader(purpose))
            case .sweAgent: .documents(SWEAgentReader(purpose, counter))
            case .toolBench: .documents(ToolBenchReader(purpose, counter))
            case .openTelemetry: .documents(OpenTelemetryReader(purpose, counter))
            case .serveGen: .both(ServeGenReader(purpose))
            case .prometheus: .lines(PrometheusReader(purpose))
            }
    }

    /// Whether a file that begins with this character is read as a document.
    func takesDocuments(beginningWith first: UInt8?) -> Bool {
        switch self {
        case .documents: true
        case .both: first == UInt8(ascii: "{")
        case .lines, .nothing: false
        }
    }

    mutating func begin(file name: String) {
        switch self {
        case .lines(var reader):
            reader.begin(file: name)
            self = .lines(reader)
        case .documents(var reader):
            reader.begin(file: name)
            self = .documents(reader)
        case .both(var reader):
            reader.begin(file: name)
            self = .both(reader)
        case .nothing: break
        }
    }

    mutating func read(_ line: TraceLine) throws(WorkloadError) {
        // Nobody else holds the reader while it reads, so that it is changed in its place.
        switch self {
        case .lines(var reader):
            self = .nothing
            defer { self = .lines(reader) }
            try reader.read(line)
        case .both(var reader):
            self = .nothing
            defer { self = .both(reader) }
            try reader.read(line)
        case .documents, .nothing: break
        }
    }

    mutating func read(_ document: TraceDocument) throws(WorkloadError) {
        switch self {
        case .documents(var reader):
            self = .nothing
            defer { self = .documents(reader) }
            try reader.read(document)
        case .both(var reader):
            self = .nothing
            defer { self = .both(reader) }
            try reader.read(document)
        case .lines, .nothing:
            throw .badValue(
                path: "The file", found: "JSON over several lines",
                expected: "one record on every line")
        }
    }

    /// - Throws: `empty` where nothing was read.
    mutating func finish() throws(WorkloadError) -> RecordedTrace {
        switch self {
        case .lines(var reader): return try reader.finish()
        case .documents(var reader): return try reader.finish()
        case .both(var reader): return try reader.finish()
        case .nothing: throw .empty
        }
    }
}
