internal import ServingDomain

/// Writes samples in the tool's own CSV format.
struct TimingsText {
    private(set) var csv: String
    /// The cells of the current curve, up to the comma before x.
    private var prefix = ""

    init(context: ProfileContext, trust: Trust, notes: [String]) {
        let comments =
            [
                "gpu: \(context.gpu)", "engine: \(context.engine)",
                "engine_version: \(context.version)", "trust: \(trust.rawValue)",
            ] + notes
        csv = comments.map { "# \($0)\n" }.joined()
        csv += TableLayout.own.columns.joined(separator: ",") + "\n"
    }

    mutating func begin(_ record: OperatorRecord) {
        let sizes = record.dimensions.map(String.init)
        let blanks = Array(
            repeating: "", count: max(0, TableLayout.ownDimensions.count - sizes.count))
        let cells = [record.kind, record.format, Self.cell(record.variant)] + sizes + blanks
        prefix = cells.joined(separator: ",") + ","
    }

    mutating func add(_ point: OperatorPoint, _ nanoseconds: Double) {
        csv += prefix
        csv += "\(point.x),\(point.y),"
        csv += DecimalText.text(of: nanoseconds, shiftedBy: LatencyUnit.microseconds.places)
        csv += "\n"
    }

    private static func cell(_ text: String) -> String {
        guard text.contains(where: { $0 == "," || $0 == "\"" }) else { return text }
        return "\""
            + text.split(separator: "\"", omittingEmptySubsequences: false)
            .joined(separator: "\"\"") + "\""
    }
}
