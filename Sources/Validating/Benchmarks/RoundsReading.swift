import DiscreteEvents
import Foundation
import Workloads

/// Rounds as `simulate --rounds-out` writes them, one on each line; also those of the collector, which have
/// a line of provenance first and every gap between tokens.
enum RoundsReading {
    /// Nil where the text is no such file; of a file that names tenants the rounds of others than `tenant` are
    /// left out, and rounds without a name are nobody's.
    ///
    /// - Throws: `BenchmarkError` with the line where a time is no number, or a tenant no text.
    static func figures(
        _ text: String, _ file: String, tenant: String? = nil
    ) throws(BenchmarkError) -> BenchmarkFigures? {
        let lines = text.split(whereSeparator: \.isNewline)
        guard lines.prefix(2).contains(where: tellsRounds) else { return nil }
        let isJSON = lines[0].hasPrefix("{")
        let names = isJSON ? [] : CSVFields.split(String(lines[0])) ?? []
        let isNamed = isJSON ? text.contains("\"tenant\"") : names.contains("tenant")
        var sums = RoundSums()
        for (number, line) in lines.enumerated().dropFirst(isJSON ? 0 : 1) {
            let place = "\(file):\(number + 1)"
            let row = isJSON ? try members(line, place) : try cells(line, names, place)
            guard let tenant, isNamed, row.tenant != tenant else {
                sums.add(row.times)
                continue
            }
        }
        var figures = sums.figures
        figures.namesTenants = isNamed
        if isJSON {
            let head = object(lines[0])
            figures.gpu = (head?["provenance"] as? [String: Any])?["gpu"] as? String
            figures.model = head?["model"] as? String
        }
        return figures
    }

    /// Times of a round, and whose it is.
    private struct Row {
        var times: [String: [Double]] = [:]
        /// Empty where nobody is named.
        var tenant = ""
    }

    private static func object(_ line: Substring) -> [String: Any]? {
        try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
    }

    /// Whether a line is the head of a table of rounds, or a round.
    private static func tellsRounds(_ line: Substring) -> Bool {
        let keys = ["round", "ttft_ms"]
        guard line.hasPrefix("{") else {
            let names = CSVFields.split(String(line)) ?? []
            return keys.allSatisfy(names.contains)
        }
        let object = object(line)
        return keys.allSatisfy { object?[$0] != nil }
    }

    private static func cells(
        _ line: Substring, _ names: [String], _ place: String
    ) throws(BenchmarkError) -> Row {
        var row = Row()
        guard let cells = CSVFields.split(String(line)) else {
            throw BenchmarkError(description: "\(place): a quotation mark is not closed.")
        }
        for (name, cell) in zip(names, cells) where !cell.isEmpty {
            if name == "tenant" { row.tenant = cell }
            guard RoundSums.keys.contains(name) else { continue }
            guard let value = Double(cell), value.isFinite else {
                throw BenchmarkError(
                    description: "\(place): \(name) is '\(cell)'; expected a number.")
            }
            row.times[name] = [value]
        }
        return row
    }

    private static func members(
        _ line: Substring, _ place: String
    ) throws(BenchmarkError) -> Row {
        guard let object = object(line) else {
            throw BenchmarkError(description: "\(place): no JSON object.")
        }
        var row = Row()
        for key in RoundSums.keys {
            switch object[key] {
            case let value as Double: row.times[key] = [value]
            case let values as [Double]: row.times[key] = values
            case nil, is NSNull: break
            default: throw BenchmarkError(description: "\(place): \(key) is no number.")
            }
        }
        switch object["tenant"] {
        case let name as String: row.tenant = name
        case nil, is NSNull: break
        default:
            throw BenchmarkError(
                description: "\(place): tenant is no text; expected a name in quotes.")
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
