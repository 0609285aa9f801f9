internal import ServingDomain

extension TableLayout {
    static let ownDimensions = ["d1", "d2", "d3", "d4", "d5", "d6"]

    /// The format that this tool writes, one row per sample (docs/timings-csv.md).
    static let own = TableLayout(
        "timings", .own,
        columns: ["kind", "format", "variant"] + ownDimensions + ["x", "y", "latency_us"]
    ) { row, samples throws(RowFault) in
        let y = try row.isBlank("y") ? 0 : row.count("y", atLeast: 0)
        samples.add(
            try row.ownShape(), x: try row.count("x"), y: y,
            nanoseconds: try row.latency("latency_us", .microseconds))
    }
}

extension TableRow {
    fileprivate func ownShape() throws(RowFault) -> OperatorShape {
        let kind = try text("kind")
        guard let names = OperatorRecord.dimensionNames(of: kind) else {
            throw RowFault(
                "kind is \(kind.quoted), expected one of "
                    + OperatorRecord.kinds.joined(separator: ", "))
        }
        let record = OperatorRecord(
            kind: kind, format: try text("format"), variant: try text("variant"),
            dimensions: try ownDimensions(names, of: kind))
        guard let shape = OperatorShape(record), shape.record == record else {
            throw RowFault(
                "format is \(record.format.quoted) and variant is \(record.variant.quoted), "
                    + "which \(kind) does not know; formats are "
                    + NumberFormat.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return shape
    }

    private func ownDimensions(_ names: [String], of kind: String) throws(RowFault) -> [Int] {
        var sizes: [Int] = []
        for (column, name) in zip(TableLayout.ownDimensions, names) {
            let least = OperatorRecord.least(ofDimension: name)
            sizes.append(try integer(column, in: least...Self.largestDimension))
        }
        for column in TableLayout.ownDimensions.dropFirst(names.count) {
            guard try isBlank(column) else {
                throw RowFault(
                    "\(column) is \(try text(column).quoted), expected nothing: \(kind) has "
                        + "\(names.count) dimensions")
            }
        }
        return sizes
    }
}
