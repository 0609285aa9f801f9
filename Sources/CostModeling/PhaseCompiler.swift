import ServingDomain

/// Adds the curves of a step's operators up into one `PhaseCosts`.
struct PhaseCompiler {
    let roofline: Roofline
    let overhead: EngineOverhead
    let layers: Int

    private var beyond: BeyondFit { BeyondFit(roofline: roofline) }

    func compile(_ parts: [CostModel.Component], _ phase: Phase) -> PhaseCosts {
        var linear = hostTime(phase)
        var attention: [PhaseCosts.AttentionTerm] = []
        var fittedTokens = Double.infinity
        for part in parts {
            let (curve, count) = (part.resolved.curve, Double(part.use.count))
            guard case .line(let line) = curve.form else {
                attention.append(term(curve, part.use.count, phase))
                continue
            }
            let floored = beyond.extended(line, of: curve.shape)
            switch part.use.extent {
            case .sampled where phase == .prefill:
                linear = linear + .constant(floored(1) * count)
            case .message(let bytes):
                let perToken = PiecewiseLinear(
                    xs: floored.xs.map { $0 / Double(bytes) }, ys: floored.ys)
                linear = linear + perToken.scaled(by: count)
                fittedTokens = min(fittedTokens, line.lastKnot / Double(bytes))
            default:
                linear = linear + floored.scaled(by: count)
                fittedTokens = min(fittedTokens, line.lastKnot)
            }
        }
        return PhaseCosts(linear: linear, attention: attention, fittedTokens: fittedTokens)
    }

    /// Host time of a step: per step and layer, and per sequence (one in a prefill step).
    private func hostTime(_ phase: Phase) -> PiecewiseLinear {
        let fixed = (overhead.perStep + overhead.perLayer * layers).inSeconds * 1e9
        let perSequence = overhead.perSequence.inSeconds * 1e9
        return phase == .prefill
            ? .constant(fixed + perSequence) : .line(intercept: fixed, slope: perSequence)
    }

    private func term(
        _ curve: OperatorCurve, _ count: Int, _ phase: Phase
    ) -> PhaseCosts.AttentionTerm {
        PhaseCosts.AttentionTerm(
            curve: beyond.extended(curve), fitted: curve, layers: count,
            readFloor: phase == .prefill ? readFloor(curve.shape) : 0)
    }

    /// Nanoseconds per cached token to read a full-attention KV cache once at full bandwidth.
    private func readFloor(_ shape: OperatorShape) -> Double {
        guard case .prefillAttention(let attention, _) = shape, attention.window == 0 else {
            return 0
        }
        let bytes =
            2 * Double(attention.kvHeads * attention.headDimension)
            * attention.kvFormat.bytesPerValue
        return bytes / roofline.hardware.memoryBandwidth.bytesPerSecond * 1e9
    }
}
