internal import ServingDomain

/// Unit of a latency column.
enum LatencyUnit {
    case milliseconds
    case microseconds

    /// Decimal places between the unit and nanoseconds.
    var places: Int { self == .milliseconds ? 6 : 3 }

    var name: String { self == .milliseconds ? "milliseconds" : "microseconds" }
}

/// One row of a table, read by column name.
struct TableRow {
    /// Largest dimension of a shape: products of two and sums of three stay inside 64 bits.
    static let largestDimension = 1 << 30
    /// Largest coordinate on a curve, in tokens or bytes.
    static let largestCount = 1 << 50

    let columns: [String]
    /// Name of the file without folders and extension.
    let fileName: String
    var line: CSVLine

    /// Fails where the line has another number of cells than the header.
    func check() throws(RowFault) {
        if let fault = line.fault { throw fault }
        guard line.cells.count == columns.count else {
            throw RowFault(
                "the row has \(line.cells.count) columns, expected \(columns.count) as in the header"
            )
        }
    }

    func text(_ name: String) throws(RowFault) -> String {
        guard let text = line.text(try cell(name)) else {
            throw RowFault("\(name) is not valid UTF-8")
        }
        return text
    }

    func isBlank(_ name: String) throws(RowFault) -> Bool {
        line.trimmedRange(of: try cell(name)).isEmpty
    }

    /// A dimension of a shape: at least 1.
    func dimension(_ name: String) throws(RowFault) -> Int {
        try integer(name, in: 1...Self.largestDimension)
    }

    /// A coordinate on a curve.
    func count(_ name: String, atLeast least: Int = 1) throws(RowFault) -> Int {
        try integer(name, in: least...Self.largestCount)
    }

    func integer(_ name: String, in bounds: ClosedRange<Int>) throws(RowFault) -> Int {
        guard let value = wholeNumber(try cell(name)), bounds.contains(value) else {
            throw RowFault(
                "\(name) is \(try text(name).quoted), expected a whole number from "
                    + "\(bounds.lowerBound) to \(bounds.upperBound)")
        }
        return value
    }

    /// A latency above zero in nanoseconds.
    func latency(_ name: String, _ unit: LatencyUnit) throws(RowFault) -> Double {
        let value = try number(name, unit)
        guard value > 0, value.isFinite else { throw try latencyFault(name, unit) }
        return value
    }

    /// A latency in nanoseconds; nil for a blank cell and for a time that was rounded to zero.
    func optionalLatency(_ name: String, _ unit: LatencyUnit) throws(RowFault) -> Double? {
        guard try !isBlank(name) else { return nil }
        let value = try number(name, unit)
        guard value >= 0, value.isFinite else { throw try latencyFault(name, unit) }
        return value > 0 ? value : nil
    }

    private func number(_ name: String, _ unit: LatencyUnit) throws(RowFault) -> Double {
        let range = line.trimmedRange(of: try cell(name))
        guard let value = DecimalText.value(of: line.bytes[range], shiftedBy: unit.places) else {
            throw try latencyFault(name, unit)
        }
        return value
    }

    private func latencyFault(_ name: String, _ unit: LatencyUnit) throws(RowFault) -> RowFault {
        RowFault(
            "\(name) is \(try text(name).quoted), expected a number of \(unit.name) above 0")
    }

    private func cell(_ name: String) throws(RowFault) -> CSVLine.Cell {
        guard let index = columns.firstIndex(of: name), index < line.cells.count else {
            throw RowFault("the column \(name) is missing")
        }
        return line.cells[index]
    }

    /// Digits only; nil beyond 18 of them, which no bound here reaches.
    private func wholeNumber(_ cell: CSVLine.Cell) -> Int? {
        let range = line.trimmedRange(of: cell)
        guard (1...18).contains(range.count) else { return nil }
        var value = 0
        for index in range {
            guard let digit = line.bytes[index].digit else { return nil }
            value = value * 10 + Int(digit)
        }
        return value
    }
}

/// What one row yields.
struct RowSamples {
    private(set) var samples: [TimingSample] = []
    /// Cells that hold no time: blank, or rounded to zero.
    private(set) var cellsSkipped = 0

    mutating func removeAll() {
        samples.removeAll(keepingCapacity: true)
        cellsSkipped = 0
    }

    /// Notes a cell whose time is not taken.
    mutating func skip() { cellsSkipped += 1 }

    mutating func add(_ shape: OperatorShape, x: Int, y: Int = 0, nanoseconds: Double?) {
        guard let nanoseconds else {
            cellsSkipped += 1
            return
        }
        samples.append(
            TimingSample(shape: shape, point: OperatorPoint(x: x, y: y), nanoseconds: nanoseconds))
    }
}
