import ServingDomain

/// Adds the operators of a step up into one `PhaseCosts`.
struct PhaseCompiler {
    let overhead: EngineOverhead
    let layers: Int

    /// The costs of a worker from the operators of both phases.
    func worker(
        _ degree: TensorParallelDegree, _ parts: [StepComponent], _ resolver: CurveResolver
    ) -> WorkerCosts {
        let decode = parts.filter { $0.phase == .decode }
        return WorkerCosts(
            degree: degree, prefill: compile(parts.filter { $0.phase == .prefill }, .prefill),
            decode: compile(decode, .decode),
            beside: AttentionBeside(decode, resolver, overhead),
            firstToken: overhead.firstToken)
    }

    /// - Precondition: every part is of this phase.
    func compile(_ parts: [StepComponent], _ phase: Phase) -> PhaseCosts {
        var costs = PhaseCosts(
            linear: .constant(overhead.isHidden ? 0 : perStep), attention: [],
            fittedTokens: fittedTokens(parts))
        let perSequence = overhead.perSequence.inSeconds * 1e9
        // Decode steps are replayed from graphs.
        let launches =
            phase == .prefill ? (overhead.launchPerLayer * layers).inSeconds * 1e9 : 0
        if overhead.isHidden || launches > 0 {
            let empty = perStep + launches
            costs.host = LeastHostTime(
                empty: empty, single: empty + perSequence, phase: phase,
                launchesKernels: launches > 0)
        }
        if !overhead.isHidden {
            addSampled(.line(intercept: 0, slope: perSequence), to: &costs, phase)
        }
        costs.perPromptStep = recurrences(parts) * overhead.perRecurrence.inSeconds * 1e9
        for part in parts {
            guard case .line(let line) = part.curve.form else {
                costs.attention.append(PhaseCosts.AttentionTerm(part))
                continue
            }
            let scaled = line.scaled(by: Double(part.use.count))
            switch part.use.extent {
            case .sampled: addSampled(scaled, to: &costs, phase)
            case .context:
                costs.context = costs.context.map { $0 + scaled } ?? scaled
                costs.fittedContext = min(
                    costs.fittedContext, part.resolved.curve.range.upperBound)
            case .message(let bytes): costs.linear = costs.linear + scaled.over(bytes)
            case .tokens, .attention: costs.linear = costs.linear + scaled
            case .ranks: costs.share(scaled)
            case .ranksMessage(let bytes): costs.share(scaled.over(bytes))
            }
        }
        costs.linear = costs.linear.compiled()
        costs.context = costs.context?.compiled()
        costs.sampled = costs.sampled?.compiled()
        costs.shared = costs.shared?.compiled()
        return costs
    }

    /// Up to how many tokens the operators whose curves still hold take all but a tenth of a step.
    ///
    /// Norms and additions, which tables time up to a few thousand tokens and which take a few per
    /// cent, thus do not put a whole step outside the profiled range.
    private func fittedTokens(_ parts: [StepComponent]) -> Double {
        let limited = parts.compactMap { part in part.lastTokens.map { (part, $0) } }
            .sorted { $0.1 < $1.1 }
        for (index, (_, limit)) in limited.enumerated() {
            let tokens = Int(min(limit, 1e12)) + 1
            let all = parts.reduce(0) { $0 + $1.time(tokens: tokens, cached: 0) }
            let outside = limited[...index].reduce(0) { $0 + $1.0.time(tokens: tokens, cached: 0) }
            if outside > StepComponent.tolerance * all { return limit }
        }
        return .infinity
    }

    /// Layers with linear attention in a step with prompts.
    private func recurrences(_ parts: [StepComponent]) -> Double {
        parts.reduce(0) { count, part in
            guard case .prefillRecurrence = part.use.shape else { return count }
            return count + Double(part.use.count)
        }
    }

    /// Host time of a step whatever is in it, in nanoseconds.
    private var perStep: Double {
        (overhead.perStep + overhead.perLayer * layers).inSeconds * 1e9
    }

    /// In decode every token of a step is sampled; in prefill one per sequence.
    private func addSampled(
        _ line: PiecewiseLinear, to costs: inout PhaseCosts, _ phase: Phase
    ) {
        switch phase {
        case .decode: costs.linear = costs.linear + line
        case .prefill: costs.sampled = costs.sampled.map { $0 + line } ?? line
        }
    }
}

extension PiecewiseLinear {
    /// A line over bytes as one over tokens of so many bytes.
    fileprivate func over(_ bytes: Int) -> Self {
        Self(xs: xs.map { $0 / Double(bytes) }, ys: ys)
    }
}
