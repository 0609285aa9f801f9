import Foundation
import Reporting
import ServingDomain

/// A table that a policy decides by, as `policy-table` writes it.
struct PolicyTableFile {
    let table: PolicyTable

    init(path: String) throws(Failure) {
        let data = try Console.read(path)
        guard let document = try? JSONDecoder().decode(JSONValue.self, from: data) else {
            throw Self.fault(path, "not JSON; expected a table written by policy-table")
        }
        for (key, expected) in [
            ("kind", PolicyTableDocument.kind), ("apiVersion", PlanDocument.apiVersion),
        ] where document[key] != .string(expected) {
            throw Self.fault(path, "\(key) is \(document[key].shown); expected \(expected)")
        }
        guard case .array(let entries)? = document["entries"] else {
            throw Self.fault(path, "entries is \(document["entries"].shown); expected an array")
        }
        var found: [PolicyTable.Entry] = []
        for (index, entry) in entries.enumerated() {
            found.append(try Reader(path: path, index: index, entry: entry).read())
        }
        table = PolicyTable(
            layout: document["layout"]?.plainText ?? "",
            source: document["source"]?.plainText ?? "",
            entries: found)
    }

    private static func fault(_ path: String, _ text: String) -> Failure {
        Failure(ToolExit.badData, "\(path): \(text).")
    }

    /// Reads one entry.
    private struct Reader {
        let path: String
        let index: Int
        let entry: JSONValue

        func read() throws(Failure) -> PolicyTable.Entry {
            PolicyTable.Entry(
                context: try word("context"), shape: try word("shape"),
                rate: try number(entry["rate_per_s"], "rate_per_s"),
                remote: try latencies("remote"), local: try latencies("local"))
        }

        private func word<Word: RawRepresentable<String> & CaseIterable>(
            _ key: String
        ) throws(Failure) -> Word {
            if case .string(let text)? = entry[key], let word = Word(rawValue: text) { return word }
            throw fault(
                key, entry[key], "one of " + Word.allCases.map(\.rawValue).joined(separator: ", "))
        }

        /// Whole nanoseconds, so that a table reads back as it was.
        private func latencies(_ key: String) throws(Failure) -> PolicyTable.Latencies {
            let (ttft, tpot) = (entry[key]?["ttft_ms"], entry[key]?["tpot_ms"])
            return PolicyTable.Latencies(
                ttft: (try number(ttft, "\(key).ttft_ms") * 1e6).rounded(),
                tpot: (try number(tpot, "\(key).tpot_ms") * 1e6).rounded())
        }

        private func number(_ value: JSONValue?, _ key: String) throws(Failure) -> Double {
            let number: Double? =
                switch value {
                case .integer(let number)?: Double(number)
                case .number(let number)?: number
                default: nil
                }
            guard let number, (0...1e12).contains(number) else {
                throw fault(key, value, "a number from 0 to 1e12")
            }
            return number
        }

        private func fault(_ key: String, _ found: JSONValue?, _ expected: String) -> Failure {
            PolicyTableFile.fault(
                path, "entries[\(index)].\(key) is \(found.shown); expected \(expected)")
        }
    }
}
