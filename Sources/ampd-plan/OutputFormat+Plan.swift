import ArgumentParser
import Foundation
import Planning
import Reporting

extension OutputFormat {
    /// A plan in this form.
    func render(_ document: PlanDocument) throws(Failure) -> String {
        switch self {
        case .table: PlanTable(document).text
        case .csv: PlanTable(document).csv
        case .json, .yaml: try render(document.value)
        }
    }

    /// An explanation in this form: sentences for people, one row for each layout as CSV.
    func render(_ document: ExplanationDocument) throws(Failure) -> String {
        switch self {
        case .table: document.text
        case .csv: document.rows.csv
        case .json, .yaml: try render(document.value)
        }
    }

    /// A document in this form; a table has no generic one, so it falls back to YAML.
    func render(_ value: JSONValue) throws(Failure) -> String {
        do {
            return self == .json ? try value.json() : try value.yaml()
        } catch {
            throw Failure(ToolExit.internalFault, "the result cannot be encoded: \(error)")
        }
    }

    /// Rows in this form; JSON and YAML are given by `value`.
    func render(_ table: TextTable, or value: @autoclosure () -> JSONValue) throws(Failure)
        -> String
    {
        switch self {
        case .table: table.text
        case .csv: table.csv
        case .json, .yaml: try render(value())
        }
    }
}
