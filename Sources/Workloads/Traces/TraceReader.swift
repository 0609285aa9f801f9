public import ServingDomain

/// Reads a trace in chunks of any size, out of one file or several of the same format.
///
/// In memory are the sessions, where they are asked for; else what is still open, distinct blocks and
/// distinct values. After an error a reader is of no further use, but for a file of unknown format.
public struct TraceReader {
    /// What has come of the file that is being read.
    private enum File {
        /// Not yet enough to tell the format.
        case undecided([UInt8])
        case lines(LineAssembler)
        case document([UInt8])
    }

    private let asked: TraceFormat
    private let purpose: TracePurpose
    private let counter: TokenCounter
    private var format: TraceFormat?
    private var reader = FormatReader.nothing
    private var file = File.undecided([])
    private var name = ""
    /// Whether the file that is read, or was last, is of a format that is known.
    public private(set) var knowsFormat = false

    /// - Parameters:
    ///   - format: `auto` tells it by the content of the first file.
    ///   - purpose: what is wanted.
    ///   - counter: counts the tokens of formats that have texts alone.
    public init(
        format: TraceFormat = .auto, for purpose: TracePurpose = .sessions,
        counting counter: TokenCounter = TokenCounter()
    ) {
        asked = format
        self.purpose = purpose
        self.counter = counter
    }

    /// Takes the next bytes of the file.
    ///
    /// - Throws: `WorkloadError` with the line at which the trace is wrong.
    public mutating func read(_ chunk: [UInt8]) throws(WorkloadError) {
        switch file {
        case .undecided(var bytes):
            file = .undecided([])
            bytes.append(contentsOf: chunk)
            try decide(bytes, isWhole: false)
        case .lines(var lines):
            file = .undecided([])
            try lines.read(chunk) { (line) throws(WorkloadError) in try reader.read(line) }
            file = .lines(lines)
        case .document(var bytes):
            file = .undecided([])
            bytes.append(contentsOf: chunk)
            guard bytes.count <= Self.longestDocument else {
                throw .badValue(
                    path: "The file", found: "more than \(Self.longestDocument) bytes of JSON",
                    expected: "several files, or one record on every line")
            }
            file = .document(bytes)
        }
    }

    /// Bytes of the longest document that is read; it is in memory as a whole.
    private static let longestDocument = 256 << 20

    /// Begins a file, or another one.
    ///
    /// - Parameter name: of the file, for what is said of it.
    /// - Throws: `WorkloadError` where the end of the file before is wrong.
    public mutating func begin(file name: String) throws(WorkloadError) {
        try endFile()
        self.name = name
        knowsFormat = false
        reader.begin(file: name)
    }

    /// The sessions, once every byte has been read.
    ///
    /// - Throws: `WorkloadError` where the trace is empty or its end is wrong.
    public mutating func finish() throws(WorkloadError) -> RecordedTrace {
        try endFile()
        return try reader.finish()
    }

    /// Reads a whole trace from memory.
    public static func read(
        _ text: String, format: TraceFormat = .auto, for purpose: TracePurpose = .sessions
    ) throws(WorkloadError) -> RecordedTrace {
        var reader = Self(format: format, for: purpose)
        try reader.read(Array(text.utf8))
        return try reader.finish()
    }

    /// Takes what is left of the file, so that all of it was read.
    ///
    /// - Throws: `WorkloadError` where its end is wrong.
    public mutating func endFile() throws(WorkloadError) {
        if case .undecided(let bytes) = file, !bytes.isEmpty {
            file = .undecided([])
            try decide(bytes, isWhole: true)
        }
        defer { file = .undecided([]) }
        switch file {
        case .undecided: break
        case .lines(var lines): if let line = try lines.finish() { try reader.read(line) }
        case .document(let bytes): try readDocuments(bytes)
        }
    }

    /// Tells the format by the first line with data, if that is there already.
    private mutating func decide(_ bytes: [UInt8], isWhole: Bool) throws(WorkloadError) {
        try Encoding.check(bytes)
        if asked != .auto {
            return try start(asked, with: bytes)
        }
        guard let line = try Self.firstLine(bytes, isWhole: isWhole) else {
            let lineStart = bytes.lastIndex(of: UInt8(ascii: "\n")) ?? 0
            guard bytes.count - lineStart > LineAssembler.longest else {
                return file = .undecided(bytes)
            }
            guard let first = bytes.first(where: { !" \t\r\n".utf8.contains($0) }),
                "{[".utf8.contains(first)
            else {
                throw .badLine(
                    line: 1, found: "a line of more than \(LineAssembler.longest) bytes",
                    expected: "the header of a CSV, or JSON")
            }
            return file = .document(bytes)
        }
        if let found = try FormatDetection.format(line) {
            try start(found, with: bytes)
        } else {
            file = .document(bytes)
        }
    }

    private static func firstLine(
        _ bytes: [UInt8], isWhole: Bool
    ) throws(WorkloadError) -> TraceLine? {
        var (lines, first, start) = (LineAssembler(), TraceLine?.none, 0)
        while first == nil, let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
            try lines.read(Array(bytes[start...end])) { first = $0 }
            start = end + 1
        }
        guard first == nil, isWhole else { return first }
        try lines.read(Array(bytes[start...])) { first = $0 }
        return try lines.finish()
    }

    private mutating func start(
        _ found: TraceFormat, with bytes: [UInt8]
    ) throws(WorkloadError) {
        knowsFormat = true
        guard format ?? found == found else {
            throw .otherFormat(found: found, expected: format ?? found)
        }
        use(found)
        let first = bytes.first { !" \t\r\n".utf8.contains($0) }
        if reader.takesDocuments(beginningWith: first) {
            file = .document(bytes)
        } else {
            file = .lines(LineAssembler())
            try read(bytes)
        }
    }

    private mutating func use(_ found: TraceFormat) {
        guard case .nothing = reader else { return }
        reader = FormatReader(found, purpose, counter)
        format = found
        reader.begin(file: name)
    }

    /// One document, or several one behind the other or in a list.
    private mutating func readDocuments(_ bytes: [UInt8]) throws(WorkloadError) {
        let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        var scanner = JSONScanner(bytes, start..<bytes.count)
        var roots: [JSONNode] = []
        do {
            repeat {
                let root = try JSONNode(&scanner)
                roots += root.list ?? [root]
            } while scanner.peek() != nil
        } catch {
            throw .badJSON(at: error, in: bytes)
        }
        // All of a file, or nothing.
        if asked == .auto {
            for root in roots { try check(root) }
        }
        for root in roots { try read(root, bytes.count) }
    }

    private mutating func check(_ root: JSONNode) throws(WorkloadError) {
        guard let found = FormatDetection.format(root) else {
            throw .unknownFormat(line: 1, found: "a JSON document")
        }
        knowsFormat = true
        guard format ?? found == found else {
            throw .otherFormat(found: found, expected: format ?? found)
        }
    }

    private mutating func read(_ root: JSONNode, _ bytes: Int) throws(WorkloadError) {
        use(FormatDetection.format(root) ?? asked)
        try reader.read(
            TraceDocument(
                root: root, file: name.split(separator: "/").last.map(String.init) ?? "",
                path: name, bytes: bytes))
    }
}

/// Encodings of text that are told by their first bytes.
private enum Encoding {
    static func check(_ bytes: [UInt8]) throws(WorkloadError) {
        if bytes.starts(with: [0xFF, 0xFE, 0, 0]) || bytes.starts(with: [0, 0, 0xFE, 0xFF]) {
            throw .badEncoding(found: "UTF-32")
        }
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            throw .badEncoding(found: "UTF-16")
        }
        if bytes.starts(with: [0x1F, 0x8B]) { throw .badEncoding(found: "gzip inside of gzip") }
    }
}

extension WorkloadError {
    /// Line and column of a fault.
    static func badJSON(at fault: JSONFault, in bytes: [UInt8]) -> Self {
        let before = bytes[..<min(fault.place, bytes.count)]
        let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        return .badJSON(
            line: 1 + before.count { $0 == UInt8(ascii: "\n") },
            column: 1 + fault.place - lineStart, expected: fault.expected)
    }
}
