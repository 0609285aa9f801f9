import ServingDomain

/// Keys of a law that is written as a section.
extension CaseFields {
    static func law(_ range: NumberRange) -> [CaseField] {
        [CaseField("distribution", .word(LawShape.allCases.map(\.rawValue)), "Its family.")]
            + parameters(range) + [
                CaseField(
                    "components", .components(range), .derived("only mixture"),
                    "Laws of which one is drawn from, each with its `weight`.")
            ]
    }

    /// A law of a mixture, with its share of the draws.
    static func component(_ range: NumberRange) -> [CaseField] {
        let shapes = LawShape.allCases.filter { $0 != .mixture }.map(\.rawValue)
        return [
            CaseField(
                "weight", .number(.positive(to: 1e9)),
                "Its share is the weight over the sum of all weights."),
            CaseField("distribution", .word(shapes), "Its family."),
        ] + parameters(range)
    }

    private static func parameters(_ range: NumberRange) -> [CaseField] {
        [
            CaseField(
                "mean", .number(range), .derived("exponential, geometric and laws with `cv`"),
                "Mean."),
            CaseField(
                "cv", .number(.positive(to: 100)),
                .derived("lognormal, gamma, weibull and negative_binomial"),
                "Standard deviation over the mean."),
            CaseField(
                "low", .number(range), .derived("uniform and pareto"),
                "Lower bound; above 0 for pareto."),
            CaseField("high", .number(range), .derived("uniform and pareto"), "Upper bound."),
            CaseField(
                "tail_index", .number(.from(0.05, to: 100)), .derived("only pareto"),
                "Exponent of the tail: the smaller, the heavier."),
            CaseField("value", .number(range), .derived("only constant"), "The value."),
            CaseField(
                "values", .numbers(range), .derived("empirical and quantiles"),
                "Values of equal probability, or at the probabilities in ascending order."),
            CaseField(
                "probabilities", .numbers(.from(0, to: 1)), .derived("only quantiles"),
                "Probabilities from 0 to 1, ascending: between them values are interpolated."),
        ]
    }
}

/// Families of laws with the keys that each of them takes.
enum LawShape: String, CaseIterable {
    case constant, uniform, exponential, lognormal, gamma, weibull, pareto, geometric
    case negativeBinomial = "negative_binomial"
    case empirical, quantiles, mixture

    var keys: [String] {
        switch self {
        case .constant: ["value"]
        case .uniform: ["low", "high"]
        case .exponential, .geometric: ["mean"]
        case .lognormal, .gamma, .weibull, .negativeBinomial: ["mean", "cv"]
        case .pareto: ["low", "high", "tail_index"]
        case .empirical: ["values"]
        case .quantiles: ["probabilities", "values"]
        case .mixture: ["components"]
        }
    }
}
