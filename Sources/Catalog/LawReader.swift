import ServingDomain

/// Reads a law: a bare number is a constant, a section names its distribution.
struct LawReader {
    let path: String
    let range: NumberRange

    func law(_ value: SourceValue) throws(CatalogError) -> Law {
        guard value.entries != nil else {
            let field = CaseField(path, .law(range), "")
            try field.check(value, as: path)
            return .constant(value.number ?? 0)
        }
        let section = try Fields(value, named: path)
        let fields = CaseFields.law(range)
        try section.refuseKeys(except: fields.map(\.key))
        for field in fields {
            guard let given = section.value(field.key) else { continue }
            try field.check(given, as: path + "." + field.key)
        }
        guard let shape = LawShape(rawValue: try section.text("distribution")) else {
            throw section.invalid("distribution", expected: "a known distribution")
        }
        try checkKeys(of: shape, section)
        return try law(shape, section)
    }

    private func checkKeys(of shape: LawShape, _ section: Fields) throws(CatalogError) {
        for key in shape.keys where section.value(key) == nil {
            throw section.missing(key, "it for the \(shape.rawValue) distribution")
        }
        for key in section.keys where key != "distribution" && !shape.keys.contains(key) {
            throw section.invalid(
                key,
                expected: "only \(shape.keys.joined(separator: " and ")) with"
                    + " the \(shape.rawValue) distribution")
        }
    }

    private func law(_ shape: LawShape, _ section: Fields) throws(CatalogError) -> Law {
        func number(_ key: String) -> Double { section.value(key)?.number ?? 0 }
        switch shape {
        case .constant: return .constant(number("value"))
        case .exponential: return .exponential(mean: try positiveMean(section))
        case .lognormal: return .lognormal(mean: try positiveMean(section), cv: number("cv"))
        case .empirical:
            return .empirical(section.value("values")?.elements?.compactMap(\.number) ?? [])
        case .geometric:
            guard number("mean") >= 1 else {
                throw section.invalid("mean", expected: "at least 1 for a geometric law")
            }
            return .geometric(mean: number("mean"))
        case .uniform:
            guard number("low") <= number("high") else {
                throw section.invalid("high", expected: "a number not below low")
            }
            return .uniform(low: number("low"), high: number("high"))
        }
    }

    private func positiveMean(_ section: Fields) throws(CatalogError) -> Double {
        guard let mean = section.value("mean")?.number, mean > 0 else {
            throw section.invalid("mean", expected: "a number above 0")
        }
        return mean
    }
}
