import ArgumentParser
import Foundation
import Reporting

extension OutputFormat {
    /// An answer in this form, as standard output can show it.
    func render(_ answer: some Answer) throws(Failure) -> String {
        do {
            return switch self {
            case .table: answer.text(Console.style())
            case .wide: answer.text(Console.style(isWide: true))
            case .md: answer.table.markdown
            case .csv: answer.rows.csv
            case .json: try answer.value.json()
            case .jsonl: try answer.lines.map { try $0.jsonLine() }.joined()
            case .yaml: try answer.value.yaml()
            }
        } catch {
            throw Failure(ToolExit.internalFault, "the result cannot be encoded: \(error)")
        }
    }
}

extension OutputFile {
    /// Writes a document as JSON.
    func write(_ value: JSONValue) throws(Failure) {
        do {
            try write(Data(value.json().utf8))
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure(ToolExit.internalFault, "the result cannot be encoded: \(error)")
        }
    }
}
