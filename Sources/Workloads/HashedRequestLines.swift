/// The JSONL of the Mooncake traces: requests with the hashes of their prompt blocks.
struct HashedRequestLines {
    private struct Line: Decodable {
        let timestamp: TraceValue?
        let inputLength: TraceValue?
        let outputLength: TraceValue?
        let hashes: [Int]

        enum CodingKeys: String, CodingKey {
            case timestamp
            case inputLength = "input_length"
            case outputLength = "output_length"
            case hashes = "hash_ids"
        }
    }

    private static let expected = """
        one request: {"timestamp": …, "input_length": …, "output_length": …, \
        "hash_ids": [whole numbers]}
        """

    private var requests: [HashedRequest] = []

    mutating func read(_ line: TraceLine) throws(WorkloadError) {
        let request = try JSONLine.decode(Line.self, from: line, expected: Self.expected)
        let fields = TraceFields(line: line.number)
        let input = try fields.tokens("input_length", request.inputLength)
        let blocks = (input + HashedRequest.blockSize - 1) / HashedRequest.blockSize
        guard request.hashes.count == blocks else {
            throw fields.bad(
                "hash_ids", .other("\(request.hashes.count) ids"),
                expected: "\(blocks), one per \(HashedRequest.blockSize) tokens of input_length")
        }
        requests.append(
            HashedRequest(
                line: line.number,
                start: try fields.time(
                    "timestamp", request.timestamp, scale: 1e6, unit: "milliseconds"),
                input: input,
                output: try fields.tokens("output_length", request.outputLength),
                blocks: request.hashes))
    }

    /// The requests in order of start, equal starts in the order of the trace.
    var ordered: [HashedRequest] {
        let order = requests.indices.sorted {
            (requests[$0].start, $0) < (requests[$1].start, $1)
        }
        return order.map { requests[$0] }
    }
}
