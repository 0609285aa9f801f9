import Foundation
import Testing

/// One case of another simulator: a trace, costs, and what came out for every request.
struct PeerCase: Sendable, CustomTestStringConvertible {
    /// One run of the peer, as `peer_output.json` has it.
    struct Run: Decodable, Sendable {
        let rate: Double
        let hasOverhead: Bool
        /// By metric and percentile or mean, in milliseconds.
        let latencies: [String: [String: Double]]
        let attainment: [String: Double]
        let lastCompletion: Double

        private enum Key: String, CodingKey {
            case rate = "rate_per_s"
            case hasOverhead = "engine_overhead"
            case attainment
            case lastCompletion = "last_completion_ms"
            case ttft = "ttft_ms"
            case tpot = "tpot_ms"
            case endToEnd = "e2e_ms"
        }

        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: Key.self)
            rate = try values.decode(Double.self, forKey: .rate)
            hasOverhead = try values.decode(Bool.self, forKey: .hasOverhead)
            attainment = try values.decode([String: Double].self, forKey: .attainment)
            lastCompletion = try values.decode(Double.self, forKey: .lastCompletion)
            var latencies: [String: [String: Double]] = [:]
            for key in [Key.ttft, .tpot, .endToEnd] {
                latencies[key.rawValue] = try values.decode([String: Double].self, forKey: key)
            }
            self.latencies = latencies
        }
    }

    let folder: URL
    var testDescription: String { folder.lastPathComponent }

    private static let variable = "CROSSCHECK_DIR"
    /// The folder that the environment names, else the shared one beside the repository.
    static var root: URL {
        ProcessInfo.processInfo.environment[variable].map { URL(filePath: $0) }
            ?? Tool.packageRoot.deletingLastPathComponent()
            .appending(path: "shared/data/crosscheck")
    }

    /// Whether there is a folder, or somebody says that there is.
    static var isExpected: Bool {
        ProcessInfo.processInfo.environment[variable] != nil
            || FileManager.default.fileExists(atPath: root.path)
    }

    /// Every folder with costs and a trace, by name.
    static var all: [Self] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: root.path)) ?? []
        return names.sorted().map { Self(folder: root.appending(path: $0)) }.filter { found in
            ["cost_model.json", "trace.csv"].allSatisfy {
                FileManager.default.fileExists(atPath: found.folder.appending(path: $0).path)
            }
        }
    }

    /// Rates for which the times of every request are there, by file name.
    var measuredRates: [(rate: String, file: URL)] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
                .compactMap { name in
                    let match = name.wholeMatch(of: /per_request_rate(.+)_no_overhead\.csv/)
                    return match.map { (String($0.1), folder.appending(path: name)) }
                }
        }
    }

    var runs: [Run] {
        get throws {
            let data = try Data(contentsOf: folder.appending(path: "peer_output.json"))
            return try JSONDecoder().decode([Run].self, from: data)
        }
    }

    /// The case file that asks our tool the same question.
    func text(rate: String, hasOverhead: Bool) throws -> String {
        let costs = folder.appending(path: "cost_model.json")
        let stated = try String(contentsOf: costs, encoding: .utf8).contains("engine_overhead_ms")
        let overhead = stated ? ", engine_overhead: \(hasOverhead ? "include" : "exclude")" : ""
        return """
            apiVersion: ampd-plan/v1
            kind: Case
            name: \(testDescription)
            cost_model: {file: "\(costs.path)"\(overhead)}
            workload: {trace: "\(folder.appending(path: "trace.csv").path)", rate_per_s: \(rate)}
            slo: {ttft_ms: 500, itl_ms: 30}
            policy: {name: distserve}

            """
    }

    /// Names of the requests in order of arrival, equal arrivals as they are written.
    var requestsInOrder: [String] {
        get throws {
            let rows = try Table(folder.appending(path: "trace.csv"))
            let arrivals = try rows.numbers("arrival_unit_rate_s")
            let order = arrivals.indices.sorted { (arrivals[$0], $0) < (arrivals[$1], $1) }
            let names = try rows.texts("request_id")
            return order.map { names[$0] }
        }
    }
}

/// A CSV file without quotes, by columns.
struct Table {
    struct NoColumn: Error { let name: String }

    private let header: [Substring]
    private let rows: [[Substring]]

    init(_ url: URL) throws { self.init(try String(contentsOf: url, encoding: .utf8)) }

    init(_ text: String) {
        let lines = text.split(whereSeparator: \.isNewline).map {
            $0.split(separator: ",", omittingEmptySubsequences: false)
        }
        header = lines.first ?? []
        rows = Array(lines.dropFirst())
    }

    func texts(_ column: String) throws -> [String] {
        guard let place = header.firstIndex(of: column[...]) else { throw NoColumn(name: column) }
        return rows.map { String($0[place]) }
    }

    func numbers(_ column: String) throws -> [Double] {
        try texts(column).map { Double($0) ?? .nan }
    }
}
