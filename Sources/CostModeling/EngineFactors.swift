import ServingDomain

/// What the kernels of a step take longer inside an engine than by themselves.
struct EngineFactors {
    let overhead: EngineOverhead
    let roofline: Roofline
    /// Up to so many tokens experts take what tables say, and from so many on the whole factor more.
    ///
    /// A study of public rows of gpt-oss and MiniMax-M2.5 found decode steps right and prompts too short.
    private static let growth = 128.0...1024.0
    /// Between the two the product of two lines is cut into so many pieces.
    private static let pieces = 8

    /// A curve of a step of `phase` as it is inside the engine; attention to prompts stays as it is.
    ///
    /// What engines do around experts, which `expertFactor` stands for, is in timings of whole blocks. Collectives wait for
    /// links, which do not slow down with the GPU's clock as products of long prompts do; a decode step has its factor
    /// as a whole.
    ///
    /// - Parameters:
    ///   - curve: of a kernel by itself.
    ///   - phase: of the step.
    ///   - found: where the curve comes from; nil of one that was timed itself.
    /// - Returns: the curve with the factors of the engine.
    func inside(
        _ curve: OperatorCurve, _ phase: Phase, from found: ResolvedCurve? = nil
    ) -> OperatorCurve {
        guard case .line(let line) = curve.form else {
            return phase == .decode && overhead.decodeFactor != 1
                ? curve.scaled(by: overhead.decodeFactor) : curve
        }
        let rows = PiecewiseLinear.line(intercept: 0, slope: absentRows(curve.shape, found))
        var inner = line + rows
        if case .experts(let experts) = found?.neighbour ?? curve.shape,
            experts.distribution != ExpertShape.insideEngine
        {
            if overhead.expertFactor != 1 { inner = grown(inner) }
        }
        if phase == .decode {
            let longer = slower(curve.shape, found?.kernels)
            inner = inner.scaled(by: longer.reduce(1) { $0 * $1.factor })
        }
        switch (phase, curve.shape) {
        case (.prefill, .collective): break
        case (.prefill, _): inner = inner.scaled(by: overhead.promptFactor)
        case (.decode, _): inner = inner.scaled(by: overhead.decodeFactor)
        }
        if case .collective = curve.shape {
            inner = inner + .constant(overhead.perCollective.inSeconds * 1e9)
        }
        return OperatorCurve(shape: curve.shape, form: .line(inner))
    }

    /// What the engine's version has in decode in place of experts that were timed; nothing where it was timed itself.
    ///
    /// - Parameters:
    ///   - shape: of an operator.
    ///   - kernels: engine and version that were timed; nil for none.
    /// - Returns: kernels that take longer.
    func slower(_ shape: OperatorShape, _ kernels: String?) -> [SlowerExperts] {
        guard case .experts(let experts) = shape else { return [] }
        return overhead.slowerExperts.filter {
            $0.concern(experts, on: roofline.hardware.name) && !$0.areTimed(by: kernels)
        }
    }

    /// Nanoseconds for each token of rows whose experts other GPUs have; none where they are in the timing, or where the
    /// engine leaves them out.
    private func absentRows(_ shape: OperatorShape, _ found: ResolvedCurve?) -> Double {
        guard case .experts(let experts) = shape, found?.hasAbsentRows != true,
            overhead.dealtExperts?.rows(on: roofline.hardware.name) == .every
        else { return 0 }
        return roofline.absentRows(of: experts)
    }

    private func grown(_ line: PiecewiseLinear) -> PiecewiseLinear {
        let (low, high) = (Self.growth.lowerBound, Self.growth.upperBound)
        let steps = (0...Self.pieces).map { low + (high - low) * Double($0) / Double(Self.pieces) }
        // A knot behind both ends keeps the slope of what follows.
        let knots = Set(line.xs + steps + [max(line.lastKnot, high) + 1]).sorted()
        return PiecewiseLinear(xs: knots, ys: knots.map { line($0) * factor(at: $0) })
    }

    private func factor(at tokens: Double) -> Double {
        let (low, high) = (Self.growth.lowerBound, Self.growth.upperBound)
        let share = min(max((tokens - low) / (high - low), 0), 1)
        return 1 + share * (overhead.expertFactor - 1)
    }
}
