public import ServingDomain

/// Analytic timings of the operators of a model, as if they had been measured.
public struct AnalyticSamples: Sendable {
    public let roofline: Roofline

    public init(roofline: Roofline) { self.roofline = roofline }

    /// Samples of one shape over the range that serving reaches.
    public func samples(of shape: OperatorShape) -> [TimingSample] {
        points(for: shape).map { point in
            TimingSample(
                shape: shape, point: point,
                nanoseconds: max(1, roofline.time(shape, at: point)))
        }
    }

    private func points(for shape: OperatorShape) -> [OperatorPoint] {
        switch shape {
        case .decodeAttention, .decodeScores:
            return Self.powers(upTo: 10).flatMap { batch in
                Self.powers(upTo: 17).map { OperatorPoint(x: batch, y: $0) }
            }
        case .prefillAttention, .prefillScores:
            return Self.steps(upTo: 15).flatMap { increment in
                ([0] + Self.powers(upTo: 17).dropFirst(6)).map {
                    OperatorPoint(x: increment, y: $0)
                }
            }
        case .collective, .pointToPoint:
            return Self.powers(upTo: 31).dropFirst(8).map { OperatorPoint(x: $0) }
        case .host, .mixedDecodeAttention, .unevenDecodeAttention:
            return []
        case .decodeRecurrence:
            return Self.powers(upTo: 12).map { OperatorPoint(x: $0) }
        case .gemm, .experts, .elementwise, .prefillRecurrence:
            return Self.steps(upTo: 16).map { OperatorPoint(x: $0) }
        }
    }

    private static func powers(upTo exponent: Int) -> [Int] { (0...exponent).map { 1 << $0 } }

    /// Powers of two and the values half way between them: a roofline bends inside an octave.
    static func steps(upTo exponent: Int) -> [Int] {
        (0...exponent).flatMap { power in
            power < 2 ? [1 << power] : [1 << power, 3 << (power - 1)]
        }
    }
}
