public import Foundation
public import ServingDomain
import Workloads

/// Every request of a run of a real engine, with the instants that the engine noted.
///
/// A folder holds `requests.csv` and `meta.json`, as the runs of LLMServingSim 2 have them.
public struct RequestLog: Hashable, Sendable {
    /// What one request asked for and when it got it, in seconds.
    public struct Request: Hashable, Sendable {
        public let inputTokens: Int
        public let outputTokens: Int
        /// By the client's clock.
        public let arrival: Double
        public let latencies: RequestLatencies
    }

    /// How the engine was started.
    public struct Engine: Hashable, Sendable {
        public let model: String
        /// Nil where the log does not say.
        public let version: String?
        public let shards: MeasuredRow.Shards
        /// Nil leaves it to the engine, as for the other two.
        public let maxSequences: Int?
        public let tokenBudget: Int?
        public let kvFormat: String?
        /// Format of the weights where it is not that of the checkpoint.
        public let quantization: String?
        /// Share of GPU memory that the engine may fill.
        public let memoryShare: Double?
        /// Of one rank.
        public let kvCapacity: Tokens?
        /// Nil where the log does not name it.
        public let gpu: String?
    }

    /// In order of arrival.
    public let requests: [Request]
    public let engine: Engine

    /// Reads the two files of a folder.
    ///
    /// - Parameters:
    ///   - requests: bytes of `requests.csv`.
    ///   - meta: bytes of `meta.json`.
    /// - Throws: where one of them cannot be understood, with the place.
    public init(requests: Data, meta: Data) throws(RequestLogError) {
        engine = try RequestLogMeta.engine(meta)
        self.requests = try RequestLogTable.requests(requests).sorted { $0.arrival < $1.arrival }
    }
}

/// What one request experienced, in milliseconds.
public struct RequestLatencies: Hashable, Sendable {
    /// From the engine's first sight of it to its first token.
    public let ttft: Double
    /// Mean gap between its tokens; nil where it has only one.
    public let tpot: Double?
    /// From the engine's first sight of it to its last token.
    public let latency: Double
}

/// Why a log of requests cannot be read.
public enum RequestLogError: Error, Hashable, Sendable {
    case requests(String)
    case meta(String)
}

extension RequestLogError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .requests(let text): "requests.csv: \(text)"
        case .meta(let text): "meta.json: \(text)"
        }
    }
}

/// The table of a log.
private enum RequestLogTable {
    private static let names = [
        "input_tokens", "output_tokens", "arrival_s", "queued_s", "first_token_s", "last_token_s",
    ]

    private static let mostTokens = 100_000_000

    static func requests(_ bytes: Data) throws(RequestLogError) -> [RequestLog.Request] {
        guard let text = String(data: bytes, encoding: .utf8) else {
            throw .requests("found bytes that are not UTF-8; save the table as UTF-8 text.")
        }
        var places: [Int]?
        var found: [RequestLog.Request] = []
        for (index, line) in text.split(
            omittingEmptySubsequences: false, whereSeparator: \.isNewline
        ).enumerated() where line.contains(where: { !$0.isWhitespace }) {
            guard let fields = CSVFields.split(String(line)) else {
                throw .requests("line \(index + 1): found an open quote; close it on its line.")
            }
            guard let known = places else {
                places = try header(fields)
                continue
            }
            found.append(try request(fields, known, line: index + 1))
        }
        guard !found.isEmpty else {
            throw .requests("it holds no requests; expected a header and a line for each of them.")
        }
        return found
    }

    private static func header(_ fields: [String]) throws(RequestLogError) -> [Int] {
        var places: [Int] = []
        for name in names {
            guard let place = fields.firstIndex(of: name) else {
                throw .requests("line 1: found no column \(name); add it to the header.")
            }
            places.append(place)
        }
        return places
    }

    private static func request(
        _ fields: [String], _ places: [Int], line: Int
    ) throws(RequestLogError) -> RequestLog.Request {
        var values: [Double] = []
        for (name, place) in zip(names, places) {
            // Engines may count from 1970.
            let most = name == "arrival_s" ? 1e9 : 1e12
            guard place < fields.count, let value = Double(fields[place]), abs(value) <= most else {
                let text = place < fields.count ? fields[place] : "nothing"
                throw .requests(
                    "line \(line), \(name): found \(text), expected a number up to \(most); correct "
                        + "the line.")
            }
            values.append(value)
        }
        guard let input = Int(exactly: values[0]), let output = Int(exactly: values[1]),
            (1...Self.mostTokens).contains(input), (1...Self.mostTokens).contains(output),
            values[2] >= 0
        else {
            throw .requests(
                "line \(line): found \(fields[places[0]]) and \(fields[places[1]]) tokens at "
                    + "\(values[2]) s, expected whole numbers from 1 to \(Self.mostTokens) and no time "
                    + "before 0; correct the line.")
        }
        let (queued, first, last) = (values[3], values[4], values[5])
        guard queued <= first, first <= last else {
            throw .requests(
                "line \(line): found queued_s \(queued), first_token_s \(first) and last_token_s "
                    + "\(last), expected them in this order; correct the line.")
        }
        return RequestLog.Request(
            inputTokens: input, outputTokens: output, arrival: values[2],
            latencies: RequestLatencies(
                ttft: (first - queued) * 1e3,
                tpot: output > 1 ? (last - first) / Double(output - 1) * 1e3 : nil,
                latency: (last - queued) * 1e3))
    }
}
