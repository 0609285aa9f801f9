import ServingDomain

/// Profiles of ServeGen's clients, which hold no requests and no sessions.
///
/// For each client there is a CSV of windows with rate and variation, and JSON with the lengths that its
/// requests had.
struct ServeGenReader: TraceLineReader, TraceDocumentReader {
    /// Families that a window's gaps were fitted with; none where the client was idle.
    private static let families: Set<String> = ["Gamma", "Weibull", ""]

    private var clients: [Client] = []
    private var file = ""
    /// That whose file is read, once something of it was.
    private var current: Int?

    /// The windows of a client.
    private struct Client {
        let path: String
        let name: String
        var starts: [Double] = []
        var (rates, variations) = (CountedValues(), CountedValues())
        var (rateSum, weighted) = (0.0, 0.0)
        var patterns: [String: Int] = [:]
        /// Tokens of prompts and answers on average over its windows with any; nil without their file.
        var input: Double?
        var output: Double?

        init(path: String, name: String) { (self.path, self.name) = (path, name) }
    }

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
        guard rate > 0 else { return }
        clients[place].rates.add(CountedValues.rounded(Int64(rate * 1e9)))
        clients[place].variations.add(CountedValues.rounded(Int64(variation * 1e9)))
        clients[place].rateSum += rate
        clients[place].weighted += rate * variation
    }

    mutating func read(_ document: TraceDocument) throws(WorkloadError) {
        let place = client()
        for (name, key) in [("input_tokens", \Client.input), ("output_tokens", \Client.output)] {
            var (sum, windows) = (0.0, 0.0)
            for member in document.root.members ?? [] {
                let (window, lengths) = (member.name, member.value)
                guard let mean = try Self.mean(lengths[name], at: "\(window).\(name)") else {
                    continue
                }
                sum += mean
                windows += 1
            }
            clients[place][keyPath: key] = windows > 0 ? sum / windows : nil
        }
    }

    /// Of a text such as `{103: 0.25, 105: 0.75}`; nil where it is empty.
    private static func mean(_ node: JSONNode?, at path: String) throws(WorkloadError) -> Double? {
        let bad = TraceFields(path: "").bad(
            path, node?.value, expected: "a text of lengths with their shares")
        guard let text = node?.text, text.hasPrefix("{"), text.hasSuffix("}") else { throw bad }
        var (sum, shares) = (0.0, 0.0)
        for pair in text.dropFirst().dropLast().split(separator: ",") {
            let parts = pair.split(separator: ":").map(\.trimmed)
            guard parts.count == 2, let length = Double(parts[0]), let share = Double(parts[1]),
                (0...1e9).contains(length), (0...1e9).contains(share)
            else { throw bad }
            sum += length * share
            shares += share
        }
        return shares > 0 ? sum / shares : nil
    }

    mutating func finish() throws(WorkloadError) -> RecordedTrace {
        guard !clients.isEmpty else { throw .empty }
        var statistics = TraceStatistics(gapMeaning: .delay)
        statistics.details = clients.map { client in
            let isAlone = clients.count { $0.name == client.name } == 1
            return TraceDetail(isAlone ? client.name : client.path, .group(Self.details(client)))
        }
        return RecordedTrace(
            sessions: SessionTable(), format: .serveGen,
            notes: [
                """
                The files are profiles of clients, not requests: rates, variations and lengths are known, \
                sessions, rounds and the order of requests are not.
                """
            ], statistics: statistics)
    }

    private static func details(_ client: Client) -> [TraceDetail] {
        let starts = client.starts.sorted()
        let steps = zip(starts, starts.dropFirst()).map { $1 - $0 }.filter { $0 > 0 }
        let window = steps.min() ?? 0
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
