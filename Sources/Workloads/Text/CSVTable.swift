/// A CSV file with a header, of which some columns are read.
struct CSVTable {
    private let required: [String]
    private let optional: [String]
    /// Places of the required columns.
    private var places: [Int]?
    /// Of the optional ones, nil where there is none.
    private var others: [Int?] = []
    private var width = 0
    /// Columns of the header that are not read.
    private(set) var ignored: [String] = []

    /// - Parameters:
    ///   - required: the columns to be read, in the order in which rows have them.
    ///   - optional: columns to be read where they are there.
    init(required: [String], optional: [String] = []) {
        self.required = required
        self.optional = optional
    }

    /// A line below the header.
    struct Row {
        let fields: TraceFields
        fileprivate let required: [String]
        fileprivate let values: [String]
        fileprivate let others: [String?]

        /// Of a column, by its place among those that are required.
        func text(_ column: Int) -> String { values[column] }

        func tokens(_ column: Int) throws(WorkloadError) -> Int {
            try fields.tokens(required[column], TraceValue(text: values[column]))
        }

        /// Of an optional column, by its place among those; nil where it is missing or empty.
        func optionalText(_ column: Int) -> String? {
            others[column].flatMap { $0.isEmpty ? nil : $0 }
        }

        func optional(_ column: Int) -> TraceValue? {
            optionalText(column).map(TraceValue.init(text:))
        }

        func time(_ column: Int) throws(WorkloadError) -> Int64 {
            try fields.time(required[column], TraceValue(text: values[column]))
        }
    }

    mutating func beginFile() { places = nil }

    /// The row of a line; nil for the header.
    mutating func row(_ line: TraceLine) throws(WorkloadError) -> Row? {
        guard let fields = CSVFields.split(try line.text()) else {
            throw .badLine(
                line: line.number, found: "an open quote", expected: "quotes closed on their line")
        }
        guard let places else {
            try readHeader(fields, line: line.number)
            return nil
        }
        guard fields.count == width else {
            throw .badLine(
                line: line.number, found: "\(fields.count) fields",
                expected: "\(width), as in the header")
        }
        return Row(
            fields: TraceFields(line: line.number), required: required,
            values: places.map { fields[$0] }, others: others.map { $0.map { fields[$0] } })
    }

    private mutating func readHeader(_ names: [String], line: Int) throws(WorkloadError) {
        var places: [Int] = []
        for column in required {
            let found = names.indices.filter { names[$0] == column }
            guard let place = found.first else {
                throw .missingColumn(line: line, column: column, found: names)
            }
            guard found.count == 1 else {
                throw .badLine(line: line, found: "two columns \(column)", expected: "one")
            }
            places.append(place)
        }
        others = optional.map { names.firstIndex(of: $0) }
        ignored = names.filter { !required.contains($0) && !optional.contains($0) }
        self.places = places
        width = names.count
    }
}
