/// Requests in order of start, equal starts in the order of the trace.
///
/// Where figures alone are wanted they come as soon as `window` later ones are there; where sessions
/// are, all at the end.
struct OrderedRequests {
    static let window = 4096

    private let isStream: Bool
    private var waiting: [HashedRequest] = []
    private var isSorted = true
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
        if request.start < waiting.last?.start ?? .min { isSorted = false }
        waiting.append(request)
        guard isStream, waiting.count == 2 * Self.window else { return }
        sort()
        for request in waiting.prefix(Self.window) {
            last = request.start
            try take(request)
        }
        waiting.removeFirst(Self.window)
    }

    /// Those that were not handed over yet.
    mutating func rest() -> [HashedRequest] {
        sort()
        defer { waiting = [] }
        return waiting
    }

    private mutating func sort() {
        guard !isSorted else { return }
        waiting = waiting.indices.sorted { (waiting[$0].start, $0) < (waiting[$1].start, $1) }
            .map { waiting[$0] }
        isSorted = true
    }
}
