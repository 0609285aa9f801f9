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
        return try law(value, named: path, CaseFields.law(range), besides: ["distribution"])
    }

    /// A law of a section whose keys are `fields`, of which `others` belong to no single family.
    private func law(
        _ value: SourceValue, named path: String, _ fields: [CaseField], besides others: [String]
    ) throws(CatalogError) -> Law {
        let section = try Fields(value, named: path)
        try section.refuseKeys(except: fields.map(\.key))
        for field in fields {
            guard let given = section.value(field.key) else { continue }
            try field.check(given, as: path + "." + field.key)
        }
        guard let shape = LawShape(rawValue: try section.text("distribution")) else {
            throw section.invalid("distribution", expected: "a known distribution")
        }
        for key in shape.keys where section.value(key) == nil {
            throw section.missing(key, "it for the \(shape.rawValue) distribution")
        }
        for key in section.keys where !(others + shape.keys).contains(key) {
            throw section.invalid(
                key,
                expected: "only \(shape.keys.joined(separator: " and ")) with"
                    + " the \(shape.rawValue) distribution")
        }
        return try law(shape, LawSection(section))
    }

    private func law(_ shape: LawShape, _ section: LawSection) throws(CatalogError) -> Law {
        switch shape {
        case .constant: .constant(section.number("value"))
        case .exponential: .exponential(mean: try section.positiveMean())
        case .lognormal: .lognormal(mean: try section.positiveMean(), cv: section.number("cv"))
        case .gamma: .gamma(mean: try section.positiveMean(), cv: section.number("cv"))
        case .weibull: try section.weibull()
        case .negativeBinomial: try section.negativeBinomial()
        case .pareto: try section.pareto()
        case .empirical: .empirical(section.numbers("values"))
        case .quantiles: try section.quantiles()
        case .geometric: .geometric(mean: try section.mean(atLeast: 1))
        case .uniform: try section.uniform()
        case .mixture: .mixture(try components(section.fields))
        }
    }

    private func components(_ section: Fields) throws(CatalogError) -> [Law.Component] {
        var components: [Law.Component] = []
        for (index, element) in (section.value("components")?.elements ?? []).enumerated() {
            let name = "\(path).components[\(index)]"
            let weight = try Fields(element, named: name)
            guard let number = weight.value("weight")?.number else {
                throw weight.invalid("weight", expected: "a number above 0")
            }
            let law = try law(
                element, named: name, CaseFields.component(range),
                besides: ["weight", "distribution"])
            components.append(Law.Component(weight: number, law: law))
        }
        return components
    }
}

/// The section of a law, whose values have their types.
private struct LawSection {
    let fields: Fields

    init(_ fields: Fields) { self.fields = fields }

    func number(_ key: String) -> Double { fields.value(key)?.number ?? 0 }

    func numbers(_ key: String) -> [Double] {
        fields.value(key)?.elements?.compactMap(\.number) ?? []
    }

    func positiveMean() throws(CatalogError) -> Double {
        guard number("mean") > 0 else {
            throw fields.invalid("mean", expected: "a number above 0")
        }
        return number("mean")
    }

    func mean(atLeast least: Double) throws(CatalogError) -> Double {
        guard number("mean") >= least else {
            throw fields.invalid("mean", expected: "at least 1, for numbers from 1 upwards")
        }
        return number("mean")
    }

    func uniform() throws(CatalogError) -> Law {
        guard number("low") <= number("high") else {
            throw fields.invalid("high", expected: "a number not below low")
        }
        return .uniform(low: number("low"), high: number("high"))
    }

    func pareto() throws(CatalogError) -> Law {
        guard number("low") > 0 else {
            throw fields.invalid("low", expected: "a number above 0 for the pareto distribution")
        }
        guard number("low") < number("high") else {
            throw fields.invalid("high", expected: "a number above low")
        }
        return .pareto(low: number("low"), high: number("high"), index: number("tail_index"))
    }

    func weibull() throws(CatalogError) -> Law {
        guard number("cv") >= 0.01 else {
            throw fields.invalid("cv", expected: "at least 0.01 for the weibull distribution")
        }
        return .weibull(mean: try positiveMean(), cv: number("cv"))
    }

    func negativeBinomial() throws(CatalogError) -> Law {
        let (mean, cv) = (try mean(atLeast: 1), number("cv"))
        guard mean > 1 else {
            throw fields.invalid("mean", expected: "above 1, or the constant 1")
        }
        guard cv * cv * mean * mean > mean - 1 else {
            let least = (mean - 1).squareRoot() / mean
            throw fields.invalid(
                "cv",
                expected: "more than √(mean − 1) / mean = \(least), that of a Poisson number and 1")
        }
        return .negativeBinomial(mean: mean, cv: cv)
    }

    func quantiles() throws(CatalogError) -> Law {
        let (probabilities, values) = (numbers("probabilities"), numbers("values"))
        guard probabilities.count >= 2, probabilities.first == 0, probabilities.last == 1,
            probabilities == probabilities.sorted()
        else {
            throw fields.invalid(
                "probabilities", expected: "numbers in ascending order from 0 to 1")
        }
        guard values.count == probabilities.count, values == values.sorted() else {
            throw fields.invalid(
                "values",
                expected: "\(probabilities.count) numbers in ascending order, one per probability")
        }
        return .quantiles(probabilities: probabilities, values: values)
    }
}
