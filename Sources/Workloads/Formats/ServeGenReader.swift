import ServingDomain

/// Profiles of ServeGen's clients, which hold no requests and no sessions: requests like theirs are drawn.
///
/// For each client there is a CSV of windows with rate and variation, and JSON with the lengths that its
/// requests had.
struct ServeGenReader: TraceLineReader, TraceDocumentReader {
    /// Families that a window's gaps were fitted with; none where the client was idle.
    private static let families: Set<String> = ["Gamma", "Weibull", ""]

    private let purpose: TracePurpose
    private var clients: [Client] = []
    private var file = ""
    /// That whose file is read, once something of it was.
    private var current: Int?

    /// The windows of a client.
    private struct Client {
        let path: String
        let name: String
        var draws = ServeGenDraws()
        var starts: [Double] = []
        var (rates, variations) = (CountedValues(), CountedValues())
        var (rateSum, weighted) = (0.0, 0.0)
        var patterns: [String: Int] = [:]
        /// Tokens of prompts and answers on average over its windows with any; nil without their file.
        var input: Double?
        var output: Double?

        init(path: String, name: String) { (self.path, self.name) = (path, name) }

        /// Seconds of a window; 0 where there is one alone.
        var window: Double {
            let starts = starts.sorted()
            return zip(starts, starts.dropFirst()).map { $1 - $0 }.filter { $0 > 0 }.min() ?? 0
        }
    }

    init(_ purpose: TracePurpose) { self.purpose = purpose }

    /// Whether a line is one of the windows, which have no header.
    static func isWindow(_ fields: [String]) -> Bool {
        fields.count == 6 && fields[..<3].allSatisfy { Double($0) != nil }
            && families.contains(fields[3])
    }

    /// Whether a document is one of lengths: windows by their starts.
    static func holdsLengths(_ root: JSONNode) -> Bool {
        guard let members = root.members, !members.isEmpty else { return false }
        return members.allSatisfy { Double($0.name) != nil && $0.value["input_tokens"] != nil }
    }

    mutating func begin(file name: String) { (file, current) = (name, nil) }

    /// The client whose file is read: `chunk-35` of `chunk-35-trace.csv`, in the folder where both of its
    /// files lie.
    private mutating func client() -> Int {
        if let current { return current }
        let parts = file.split(separator: "/")
        let name = (parts.last ?? "").split(separator: "-").prefix(2).joined(separator: "-")
        let path = (parts.dropLast() + [name[...]]).joined(separator: "/")
        let place = clients.firstIndex { $0.path == path } ?? clients.count
        if place == clients.count { clients.append(Client(path: path, name: name)) }
        current = place
        return place
    }

    mutating func read(_ line: TraceLine) throws(WorkloadError) {
        let fields = CSVFields.split(try line.text()) ?? []
        guard Self.isWindow(fields), let start = Double(fields[0]), let rate = Double(fields[1]),
            let variation = Double(fields[2]), (0...1e9).contains(rate),
            (0...1e9).contains(variation), start.isFinite
        else {
            throw .badLine(
                line: line.number, found: "'\(line.excerpt)'",
                expected: "a window: start, rate, CV, Gamma, Weibull or nothing, shape, scale")
        }
        let place = client()
        clients[place].starts.append(start)
        clients[place].patterns[fields[3], default: 0] += 1
        clients[place].draws.add(
            .init(
                start: start, rate: rate, variation: variation, family: fields[3],
                shape: Double(fields[4]), scale: Double(fields[5])))
        guard rate > 0 else { return }
        clients[place].rates.add(CountedValues.rounded(Int64(rate * 1e9)))
        clients[place].variations.add(CountedValues.rounded(Int64(variation * 1e9)))
        clients[place].rateSum += rate
        clients[place].weighted += rate * variation
    }

    mutating func read(_ document: TraceDocument) throws(WorkloadError) {
        let place = client()
        var means: [[Double]] = [[], []]
        for member in document.root.members ?? [] {
            var lengths: [LengthShares] = []
            for (kind, name) in ["input_tokens", "output_tokens"].enumerated() {
                let shares = try LengthShares(member.value[name], at: "\(member.name).\(name)")
                lengths.append(shares)
                if let mean = shares.mean { means[kind].append(mean) }
            }
            clients[place].draws.add(
                lengths: (lengths[0], lengths[1]), from: Double(member.name) ?? 0)
        }
        let overall = means.map { $0.isEmpty ? nil : $0.reduce(0, +) / Double($0.count) }
        (clients[place].input, clients[place].output) = (overall[0], overall[1])
    }

    mutating func finish() throws(WorkloadError) -> RecordedTrace {
        guard !clients.isEmpty else { throw .empty }
        var recorder = TraceRecorder(purpose)
        recorder.statistics.areEstimates = true
        var notes = [
            """
            The files are profiles of clients, not requests: rates, variations and lengths are known, \
            sessions, rounds and the order of requests are not.
            """
        ]
        let count = drawRequests(into: &recorder)
        recorder.statistics.details = clients.map { client in
            let isAlone = clients.count { $0.name == client.name } == 1
            return TraceDetail(isAlone ? client.name : client.path, .group(Self.details(client)))
        }
        guard let count else {
            notes.append(
                """
                No requests were drawn: files of lengths are missing, windows have no length, or there would \
                be more than \(ServeGenDraws.most).
                """)
            return RecordedTrace(
                sessions: SessionTable(), format: .serveGen, notes: notes,
                statistics: recorder.statistics)
        }
        notes.append(
            """
            \(count) requests were drawn from the profiles, each a session of one round: figures of requests \
            are those of the draw.
            """)
        return try recorder.finish(.serveGen, notes: notes)
    }

    /// Draws the requests of all clients in order of time, and returns how many; nil where there are
    /// none, or too many.
    private func drawRequests(into recorder: inout TraceRecorder) -> Int? {
        let expected = clients.reduce(0) { $0 + $1.draws.expected(window: $1.window) }
        guard expected >= 1, expected <= Double(ServeGenDraws.most) else { return nil }
        var requests: [ServeGenDraws.Request] = []
        for (place, client) in clients.enumerated() where client.draws.hasLengths {
            requests += client.draws.requests(ofClient: place, window: client.window)
        }
        guard !requests.isEmpty else { return nil }
        // Equal times in the order of the clients; the sort of the library is stable.
        requests.sort { $0.start < $1.start }
        for request in requests {
            let session = recorder.open(arrival: request.start)
            recorder.add(
                .init(
                    newTokens: request.input, outputTokens: request.output, start: request.start),
                to: session)
            recorder.close(session)
        }
        return requests.count
    }

    private static func details(_ client: Client) -> [TraceDetail] {
        let window = client.window
        var details = [
            TraceDetail("windows", .count(client.starts.count)),
            TraceDetail("active_windows", .count(client.rates.count)),
            TraceDetail("window_s", .number(window)),
            TraceDetail("requests_est", .number(client.rateSum * window)),
            TraceDetail("rate_per_s", .figures(client.rates, factor: 1e-9)),
            TraceDetail("cv", .figures(client.variations, factor: 1e-9)),
            TraceDetail(
                "patterns",
                .group(
                    client.patterns.sorted { $0.key < $1.key }.map {
                        TraceDetail($0.key, .count($0.value))
                    })),
        ]
        if client.rateSum > 0 {
            details.append(
                TraceDetail("cv_rate_weighted", .number(client.weighted / client.rateSum)))
        }
        for (name, mean) in [("input_tokens", client.input), ("output_tokens", client.output)] {
            if let mean { details.append(TraceDetail("\(name)_mean_of_windows", .number(mean))) }
        }
        return details
    }
}
