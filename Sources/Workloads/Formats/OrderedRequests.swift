/// Requests in order of start, equal starts in the order of the trace.
///
/// Where figures alone are wanted they come as soon as `window` later ones are there; where sessions
/// are, all at the end.
struct OrderedRequests {
    static let window = 4096

    private let isStream: Bool
    private var waiting: [HashedRequest] = []
    private var last = Int64.min

    init(_ purpose: TracePurpose) { isStream = purpose == .figures }

    /// Takes the next line, and hands over requests that no later line can stand before.
    mutating func add(
        _ request: HashedRequest, _ take: (HashedRequest) throws(WorkloadError) -> Void
    ) throws(WorkloadError) {
        guard request.start >= last else {
            throw TraceFields(line: request.line).bad(
                "timestamp", .number(Double(request.start) / 1e6),
                expected:
                    "no time more than \(Self.window) lines behind a later one; sort the trace")
        }
        waiting.append(request)
        guard isStream, waiting.count >= 2 * Self.window else { return }
        let sorted = waiting.sorted(by: Self.precedes)
        for request in sorted.prefix(Self.window) {
            last = request.start
            try take(request)
        }
        waiting = Array(sorted.dropFirst(Self.window))
    }

    /// Those that were not handed over yet.
    mutating func rest() -> [HashedRequest] {
        defer { waiting = [] }
        return waiting.sorted(by: Self.precedes)
    }

    private static func precedes(_ lhs: HashedRequest, _ rhs: HashedRequest) -> Bool {
        (lhs.start, lhs.line) < (rhs.start, rhs.line)
    }
}
