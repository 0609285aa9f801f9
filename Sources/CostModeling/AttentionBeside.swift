import ServingDomain

/// What decode attention takes longer in a step with prompts, or where the contexts of a batch differ.
///
/// Only of tables that time it; without one decode attention takes as long in every step, and depends
/// on the mean context alone.
struct AttentionBeside: Hashable, Sendable {
    /// Layers of one kind, timed beside prompts and alone.
    private struct Mixed: Hashable, Sendable {
        var layers: Double
        let mixed: OperatorCurve
        let alone: OperatorCurve
    }

    private var kinds: [Mixed] = []
    /// Nanoseconds per token of the standard deviation of the contexts, by sequences; nil for none.
    private(set) var perDeviation: PiecewiseLinear?

    /// Mean contexts at which differences are looked at, in tokens: those of ordinary chats, where
    /// attention takes as long as its tokens say.
    private static let contexts = [512, 1024, 2048, 4096]
    /// - Parameters:
    ///   - parts: the operators of a decode step.
    ///   - resolver: knows the timings.
    ///   - overhead: of the engine.
    init(_ parts: [StepComponent], _ resolver: CurveResolver, _ overhead: EngineOverhead) {
        let factors = EngineFactors(overhead: overhead, roofline: resolver.roofline)
        let beyond = BeyondFit(roofline: resolver.roofline)
        for part in parts {
            guard case .decodeAttention(let shape) = part.use.shape else { continue }
            let layers = Double(part.use.count)
            if let mixed = resolver.fit.entries[.mixedDecodeAttention(shape)]?.curve {
                kinds.append(
                    Mixed(
                        layers: layers,
                        mixed: factors.inside(beyond.extended(mixed), .decode).compiled(),
                        alone: part.curve.compiled()))
            }
            if let line = Self.perDeviation(shape, resolver.fit) {
                let scaled = line.scaled(by: layers * overhead.decodeFactor)
                perDeviation = perDeviation.map { $0 + scaled } ?? scaled
            }
        }
    }

    private init() {}

    /// The same where everything takes so many times as long.
    func scaled(by factor: Double) -> Self {
        var copy = self
        for kind in kinds.indices { copy.kinds[kind].layers *= factor }
        copy.perDeviation = perDeviation?.scaled(by: factor)
        return copy
    }

    static let none = Self()

    /// Whether attention beside prompts was timed.
    var isTimed: Bool { !kinds.isEmpty }

    /// Nanoseconds that the attention of a batch takes longer in a step with part of a prompt; negative
    /// where it hides behind the prompt's.
    func added(batch: Int, context: Int) -> Double {
        guard batch > 0 else { return 0 }
        let point = OperatorPoint(x: batch, y: context / batch)
        return kinds.reduce(0) { $0 + $1.layers * ($1.mixed(point) - $1.alone(point)) }
    }

    /// The ratio of sums over all variations and contexts that were timed, for each batch.
    private static func perDeviation(
        _ shape: AttentionShape, _ fit: ProfileFit
    ) -> PiecewiseLinear? {
        let families = fit.shapes.compactMap { timed -> (variation: Int, times: CurveFamily)? in
            guard case .unevenDecodeAttention(shape, let variation) = timed,
                case .family(let times)? = fit.entries[timed]?.curve.form
            else { return nil }
            return (variation, times)
        }
        guard let even = families.first(where: { $0.variation == 0 })?.times,
            families.count > 1
        else { return nil }
        let slopes = even.xs.map { batch in
            var (longer, deviations) = (0.0, 0.0)
            for (variation, uneven) in families where variation > 0 {
                for context in contexts.map(Double.init)
                where uneven.covers(batch, context) && even.covers(batch, context) {
                    longer += uneven(batch, context) - even(batch, context)
                    deviations += Double(variation) / 100 * context
                }
            }
            return deviations > 0 ? max(0, longer / deviations) : 0
        }
        // Held beyond the last batch that was timed.
        guard let (last, slope) = zip(even.xs, slopes).suffix(1).first else { return nil }
        return PiecewiseLinear(xs: even.xs + [last + 1], ys: slopes + [slope])
    }
}
