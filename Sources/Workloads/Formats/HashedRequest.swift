/// A request that is known by the hashes of its prompt blocks.
///
/// Equal hashes mean equal prompts up to and including that block; the last may be partial.
struct HashedRequest {
    /// Tokens in one block of Mooncake's traces.
    static let blockSize = 512

    let line: Int
    /// Nanoseconds.
    let start: Int64
    let input: Int
    let output: Int
    let blocks: [Int]

    /// Blocks that are full.
    var fullBlocks: Int { min(input / Self.blockSize, blocks.count) }
}

extension HashedRequest {
    private static let expected = """
        one request: {"timestamp": …, "input_length": …, "output_length": …, \
        "hash_ids": [whole numbers]}
        """

    /// Reads a line of Mooncake's JSONL, with `base` added to its hashes.
    init(_ line: TraceLine, hashesFrom base: Int = 0) throws(WorkloadError) {
        let raw: Raw
        do {
            raw = try Raw(line)
        } catch {
            throw .badLine(
                line: line.number, found: "'\(line.excerpt)'", expected: Self.expected)
        }
        let fields = TraceFields(line: line.number)
        if let misfit = raw.misfit {
            throw fields.bad(
                "hash_ids[\(misfit.index)]", misfit.value, expected: "a whole number")
        }
        let input = try fields.tokens("input_length", raw.input)
        let blocks = (input + Self.blockSize - 1) / Self.blockSize
        guard let hashes = raw.hashes, hashes.count == blocks else {
            throw fields.bad(
                "hash_ids", .other(raw.hashes.map { "\($0.count) ids" } ?? "nothing"),
                expected: "\(blocks), one per \(Self.blockSize) tokens of input_length")
        }
        self.init(
            line: line.number,
            start: try fields.time("timestamp", raw.timestamp, scale: 1e6, unit: "milliseconds"),
            input: input, output: try fields.tokens("output_length", raw.output),
            blocks: base == 0 ? hashes : hashes.map { $0 &+ base })
    }

    /// The members of a line, before anything is known about their ranges.
    private struct Raw {
        var (timestamp, input, output): (TraceValue?, TraceValue?, TraceValue?)
        var hashes: [Int]?
        var misfit: JSONScanner.Misfit?

        init(_ line: TraceLine) throws(JSONFault) {
            var scanner = JSONScanner(line.bytes, line.range)
            var raw = (
                timestamp: TraceValue?.none, input: TraceValue?.none, output: TraceValue?.none
            )
            var list: (numbers: [Int], other: JSONScanner.Misfit?)?
            try scanner.members { (scanner, key) throws(JSONFault) in
                if key.matches("hash_ids") {
                    list = try scanner.wholeNumbers()
                } else if key.matches("timestamp") {
                    raw.timestamp = try scanner.scalar()
                } else if key.matches("input_length") {
                    raw.input = try scanner.scalar()
                } else if key.matches("output_length") {
                    raw.output = try scanner.scalar()
                } else {
                    try scanner.skipValue()
                }
            }
            try scanner.finish()
            (timestamp, input, output) = (raw.timestamp, raw.input, raw.output)
            (hashes, misfit) = (list?.numbers, list?.other)
        }
    }
}
