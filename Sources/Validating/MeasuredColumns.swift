/// The columns of a header, by the names that each may have.
struct MeasuredColumns {
    /// Columns that a table must have, each under one of these names.
    private static let required = [
        ["id"], ["model_path", "model"], ["system", "gpu"], ["backend", "engine"], ["isl"], ["osl"],
        ["silicon_ttft_ms", "ttft_ms"], ["silicon_tpot_ms", "tpot_ms"],
    ]

    private let places: [String: Int]
    private let width: Int

    init(_ names: [String], line: Int) throws(MeasuredTableError) {
        var places: [String: Int] = [:]
        for (index, name) in names.enumerated() where places.updateValue(index, forKey: name) != nil
        {
            throw .badLine(line, found: "two columns \(name)", expected: "one")
        }
        let required = places["log"] == nil ? Self.required : [["id"]]
        for names in required where !names.contains(where: { places[$0] != nil }) {
            throw .missingColumn(line, names: names)
        }
        self.places = places
        width = names.count
    }

    func record(_ fields: [String], line: Int) throws(MeasuredTableError) -> MeasuredRecord {
        guard fields.count == width else {
            throw .badLine(
                line, found: "\(fields.count) fields", expected: "\(width), as in the header")
        }
        for field in fields {
            guard let odd = field.unicodeScalars.first(where: \.isStray) else { continue }
            throw .badLine(
                line, found: "the control character \(odd.escaped(asASCII: true))", expected: "text"
            )
        }
        var record = MeasuredRecord(line: line, places: places, fields: fields)
        record.id = record.text("id") ?? ""
        guard !record.id.isEmpty else {
            throw .badField(line, column: "id", found: "nothing", expected: "a name")
        }
        return record
    }
}

extension Unicode.Scalar {
    /// Control characters that no text has.
    fileprivate var isStray: Bool {
        properties.generalCategory == .control && !["\t", "\n", "\r"].contains(self)
    }
}
