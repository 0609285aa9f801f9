import ServingDomain

/// Reads the step times of a file of explicit costs; milliseconds become nanoseconds.
struct ExplicitCostsReader {
    private let fields: Fields
    private static let nanoseconds = 1e6
    private static let polynomial = [
        "a", "b_per_token", "c_per_token_squared", "constant_extra",
    ]
    private static let line = ["a", "b_per_context_token", "c_per_request", "d_per_spread_token"]
    private static let sets = ["threshold_batch", "small", "large"]

    init(_ fields: Fields) { self.fields = fields }

    func prefill() throws(CatalogError) -> ExplicitCosts.Prefill {
        let section = try fields.requiredSection("prefill")
        try refuseMixture(section, forms: [Self.polynomial, ["table"], ["constant"]])
        if section.value("table") != nil {
            return .table(try CostTableReader(section, x: "new tokens", y: "history").table())
        }
        if section.value("constant") != nil { return .constant(try time(section, "constant")) }
        let extra = try time(section, "constant_extra", default: 0)
        return .polynomial(
            PrefillPolynomial(
                constant: try coefficient(section, "a") + extra,
                perToken: try coefficient(section, "b_per_token"),
                perTokenSquared: try coefficient(section, "c_per_token_squared", default: 0)))
    }

    func decode() throws(CatalogError) -> ExplicitCosts.Decode {
        let section = try fields.requiredSection("decode")
        try refuseMixture(section, forms: [Self.sets, Self.line, ["table"], ["constant"]])
        if section.value("table") != nil {
            return .table(try CostTableReader(section, x: "sequences", y: "context").table())
        }
        if section.value("constant") != nil { return .constant(try time(section, "constant")) }
        if Self.line.contains(where: { section.value($0) != nil }) {
            let line = try line(section)
            return .lines(threshold: 1, small: line, large: line)
        }
        return .lines(
            threshold: try section.integer("threshold_batch", in: 1...1_000_000),
            small: try line(section.requiredSection("small")),
            large: try line(section.requiredSection("large")))
    }

    func overhead() throws(CatalogError) -> StepOverhead {
        guard let section = try fields.section("engine_overhead_ms") else { return .none }
        try section.refuseKeys(except: ["base", "per_context_token"])
        return StepOverhead(
            base: try time(section, "base"),
            perContextToken: try section.number("per_context_token", in: 0...1, default: 0)
                * Self.nanoseconds)
    }

    /// A step must not become shorter while contexts grow; the other terms may be negative.
    private func line(_ section: Fields) throws(CatalogError) -> DecodeLine {
        try section.refuseKeys(except: Self.line)
        return DecodeLine(
            constant: try coefficient(section, "a"),
            perContextToken: try section.number("b_per_context_token", in: 0...1)
                * Self.nanoseconds,
            perSequence: try coefficient(section, "c_per_request"),
            perSpreadToken: try section.number("d_per_spread_token", in: 0...1, default: 0)
                * Self.nanoseconds)
    }

    /// Only the keys of one form, those of the first key that is known.
    private func refuseMixture(_ section: Fields, forms: [[String]]) throws(CatalogError) {
        try section.refuseKeys(except: forms.flatMap { $0 })
        let given = section.keys.filter { section.value($0) != nil }
        guard let form = forms.first(where: { $0.contains(given.first ?? "") }) else {
            throw section.missing(
                forms[0][0],
                "the keys of one form: "
                    + forms.map { $0.joined(separator: ", ") }.joined(separator: "; or "))
        }
        for key in given where !form.contains(key) {
            throw section.invalid(key, expected: "absent beside \(form.joined(separator: ", "))")
        }
    }

    /// Nanoseconds of a time that cannot be negative.
    private func time(
        _ section: Fields, _ key: String, default fallback: Double? = nil
    ) throws(CatalogError) -> Double {
        try section.number(key, in: 0...1e6, default: fallback) * Self.nanoseconds
    }

    private func coefficient(
        _ section: Fields, _ key: String, default fallback: Double? = nil
    ) throws(CatalogError) -> Double {
        try section.number(key, in: -1e6...1e6, default: fallback) * Self.nanoseconds
    }
}

/// Reads a table of rows `[x, y, milliseconds]` in any order.
struct CostTableReader {
    private let section: Fields
    private let x: String
    private let y: String

    /// - Parameters:
    ///   - section: what holds the table.
    ///   - x: what the first number of a row counts, for messages.
    ///   - y: what the second counts.
    init(_ section: Fields, x: String, y: String) {
        (self.section, self.x, self.y) = (section, x, y)
    }

    func table() throws(CatalogError) -> CostTable {
        var points: [(x: Int, y: Int, time: Double)] = []
        for row in section.value("table")?.elements ?? [] { points.append(try point(row)) }
        guard !points.isEmpty else {
            throw section.invalid("table", expected: "a list of [\(x), \(y), milliseconds]")
        }
        points.sort { ($0.x, $0.y) < ($1.x, $1.y) }
        for (one, next) in zip(points, points.dropFirst()) where (one.x, one.y) == (next.x, next.y)
        {
            throw section.invalid("table", expected: "each point once; \(one.x), \(one.y) is twice")
        }
        let xs = points.map(\.x)
        let rows = xs.indices.filter { $0 == 0 || xs[$0] != xs[$0 - 1] }.map { start in
            CostTable.Row(
                x: xs[start],
                points: points[start...].prefix { $0.x == xs[start] }
                    .map { CostTable.Point(y: $0.y, nanoseconds: $0.time) })
        }
        try refuseFalling(rows)
        return CostTable(rows: rows)
    }

    private func point(_ row: SourceValue) throws(CatalogError) -> (x: Int, y: Int, time: Double) {
        guard let cells = row.elements, cells.count == 3,
            let x = cells[0].integer, (1...1_000_000_000).contains(x),
            let y = cells[1].integer, (0...1_000_000_000).contains(y),
            let time = cells[2].number, (0...1e6).contains(time)
        else {
            throw .invalid(
                at: row.place, field: section.prefix + "table", found: row.shown,
                expected: "[\(self.x) from 1, \(self.y) from 0, milliseconds from 0 to 1e6]")
        }
        return (x, y, time * 1e6)
    }

    /// Times that fall along a row would go below zero beyond its end.
    private func refuseFalling(_ rows: [CostTable.Row]) throws(CatalogError) {
        for row in rows {
            for (one, next) in zip(row.points, row.points.dropFirst())
            where next.nanoseconds < one.nanoseconds {
                throw section.invalid(
                    "table",
                    expected: "times that do not fall as \(y) grows; at \(x) \(row.x) they do from "
                        + "\(one.y) to \(next.y)")
            }
        }
    }
}
