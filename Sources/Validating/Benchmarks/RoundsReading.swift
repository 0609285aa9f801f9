import DiscreteEvents
import Foundation

/// Rounds as `simulate --rounds-out` writes them, one on each line; also those of the collector, which have
/// a line of provenance first and every gap between tokens.
enum RoundsReading {
    /// Nil where the text is no such file; rounds that are said to be those of others than `tenant` are left out.
    ///
    /// - Throws: `BenchmarkError` with the line where a time is no number.
    static func figures(
        _ text: String, _ file: String, tenant: String? = nil
    ) throws(BenchmarkError) -> BenchmarkFigures? {
        let lines = text.split(whereSeparator: \.isNewline)
        guard lines.prefix(2).contains(where: tellsRounds) else { return nil }
        let isJSON = lines[0].hasPrefix("{")
        let names = lines[0].split(separator: ",", omittingEmptySubsequences: false)
        var sums = RoundSums()
        for (number, line) in lines.enumerated().dropFirst(isJSON ? 0 : 1) {
            let place = "\(file):\(number + 1)"
            let owner = tenant.flatMap { _ in
                isJSON ? self.tenant(ofMember: line) : self.tenant(ofCell: line, names)
            }
            if let owner, owner != tenant { continue }
            sums.add(isJSON ? try members(line, place) : try cells(line, names, place))
        }
        var figures = sums.figures
        if isJSON { figures.gpu = gpu(lines[0]) }
        return figures
    }

    /// What the collector says of where it ran.
    private static func gpu(_ line: Substring) -> String? {
        let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        return (object?["provenance"] as? [String: Any])?["gpu"] as? String
    }

    private static func tenant(ofMember line: Substring) -> String? {
        let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        return object?["tenant"] as? String
    }

    /// The last cell, in which names with commas stand in quotes.
    private static func tenant(ofCell line: Substring, _ names: [Substring]) -> String? {
        guard names.last == "tenant" else { return nil }
        let cells = line.split(separator: ",", omittingEmptySubsequences: false)
        let name = cells.dropFirst(names.count - 1).joined(separator: ",")
        guard name.count > 1, name.hasPrefix("\""), name.hasSuffix("\"") else { return name }
        return String(name.dropFirst().dropLast()).replacing("\"\"", with: "\"")
    }

    /// Whether a line is the head of a table of rounds, or a round.
    private static func tellsRounds(_ line: Substring) -> Bool {
        let keys = ["round", "ttft_ms"]
        guard line.hasPrefix("{") else {
            let names = line.split(separator: ",").map { String($0) }
            return keys.allSatisfy(names.contains)
        }
        let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        return keys.allSatisfy { object?[$0] != nil }
    }

    private static func cells(
        _ line: Substring, _ names: [Substring], _ place: String
    ) throws(BenchmarkError) -> [String: [Double]] {
        var row: [String: [Double]] = [:]
        let cells = line.split(separator: ",", omittingEmptySubsequences: false)
        for (name, cell) in zip(names, cells)
        where RoundSums.keys.contains(String(name)) && !cell.isEmpty {
            guard let value = Double(cell), value.isFinite else {
                throw BenchmarkError(
                    description: "\(place): \(name) is '\(cell)'; expected a number.")
            }
            row[String(name)] = [value]
        }
        return row
    }

    private static func members(
        _ line: Substring, _ place: String
    ) throws(BenchmarkError) -> [String: [Double]] {
        guard
            let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        else { throw BenchmarkError(description: "\(place): no JSON object.") }
        var row: [String: [Double]] = [:]
        for key in RoundSums.keys {
            switch object[key] {
            case let value as Double: row[key] = [value]
            case let values as [Double]: row[key] = values
            case nil, is NSNull: break
            default: throw BenchmarkError(description: "\(place): \(key) is no number.")
            }
        }
        return row
    }
}

/// Times of rounds, gathered.
private struct RoundSums {
    static let keys: Set<String> = [
        "ttft_ms", "tpot_ms", "itl_ms", "release_ms", "first_token_ms", "finish_ms",
        "output_tokens", "session", "replication",
    ]

    /// From the first release of a session to its last token.
    private struct Life {
        var start: Double
        var end: Double
    }

    private var times: [ServingFigure.Metric: [Double]] = [:]
    private var lives: [[Double?]: Life] = [:]
    private var first = Double.infinity
    private var last = 0.0
    private var tokens = 0.0

    mutating func add(_ row: [String: [Double]]) {
        guard let ttft = row["ttft_ms"]?.first else { return }
        times[.ttft, default: []].append(ttft)
        times[.itl, default: []] += row["itl_ms"] ?? []
        let count = row["output_tokens"]?.first ?? 0
        tokens += count
        guard let release = row["release_ms"]?.first, let finish = row["finish_ms"]?.first else {
            return
        }
        if let session = row["session"]?.first {
            let key = [row["replication"]?.first, session]
            let known = lives[key] ?? Life(start: release, end: finish)
            lives[key] = Life(start: min(known.start, release), end: max(known.end, finish))
        }
        (first, last) = (min(first, release), max(last, finish))
        if let own = row["tpot_ms"]?.first {
            times[.tpot, default: []].append(own)
        } else if let shown = row["first_token_ms"]?.first, count > 1 {
            times[.tpot, default: []].append((finish - shown) / (count - 1))
        }
    }

    var figures: BenchmarkFigures {
        var found = BenchmarkFigures(format: .rounds)
        found.requests = times[.ttft]?.count
        for (metric, values) in times { found.add(metric, values) }
        found.add(.session, lives.values.map { $0.end - $0.start })
        let seconds = (last - first) / 1e3
        if let rounds = times[.ttft]?.count, seconds > 0, seconds.isFinite {
            found.values[ServingFigure(.requestRate)] = Double(rounds) / seconds
            found.values[ServingFigure(.outputRate)] = tokens / seconds
        }
        return found
    }
}

extension BenchmarkFigures {
    /// Mean and percentiles by linear interpolation.
    fileprivate mutating func add(_ metric: ServingFigure.Metric, _ values: [Double]) {
        guard !values.isEmpty else { return }
        let sorted = values.sorted()
        self.values[ServingFigure(metric, .mean)] = sorted.reduce(0, +) / Double(sorted.count)
        for (statistic, percent) in [(ServingFigure.Statistic.p50, 50.0), (.p95, 95), (.p99, 99)] {
            self.values[ServingFigure(metric, statistic)] = Percentile.value(
                percent, ofSorted: sorted)
        }
    }
}
