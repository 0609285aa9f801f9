public import ServingDomain

extension WorkerCosts {
    /// The costs that `explicit` states, as those of a worker of this degree.
    ///
    /// A file of explicit costs knows one kind of worker, so that every degree costs the same.
    public init(_ explicit: ExplicitCosts, degree: TensorParallelDegree) {
        self.init(
            degree: degree, prefill: PhaseCosts(explicit.prefill, explicit.overhead),
            decode: PhaseCosts(explicit.decode, explicit.overhead))
    }
}

extension CostModel {
    /// Explicit costs of workers of the only pool, all of them trusted as given.
    public static func explicit(
        _ costs: ExplicitCosts, kinds: [WorkerKind], transfer: TransferCosts
    ) -> Self {
        let workers = kinds.map {
            Worker(kind: $0, costs: WorkerCosts(costs, degree: $0.degree))
        }
        return Self(
            serving: workers, prefilling: workers, transfers: [(GPUPool.onlyName, transfer)])
    }
}

extension PhaseCosts {
    init(_ prefill: ExplicitCosts.Prefill, _ overhead: StepOverhead) {
        var given = GivenTerms()
        var linear = PiecewiseLinear.constant(overhead.base)
        switch prefill {
        case .polynomial(let terms):
            given.perTokenSquared = terms.perTokenSquared
            linear = .line(intercept: terms.constant + overhead.base, slope: terms.perToken)
        case .table(let table): given.look(up: table)
        case .constant(let time): linear = .constant(time + overhead.base)
        }
        self.init(linear: linear, attention: [], fittedTokens: .infinity)
        self.given = Shared(given)
        if overhead.perContextToken > 0 {
            context = .line(intercept: 0, slope: overhead.perContextToken)
        }
    }

    init(_ decode: ExplicitCosts.Decode, _ overhead: StepOverhead) {
        var given = GivenTerms()
        let nothing = DecodeLine(constant: 0, perContextToken: 0, perSequence: 0)
        var lines = (threshold: 1, small: nothing, large: nothing)
        switch decode {
        case .lines(let threshold, let small, let large): lines = (threshold, small, large)
        case .table(let table): given.look(up: table)
        case .constant(let time): lines.large.constant = time
        }
        given.lines = GivenTerms.DecodeLines(
            threshold: lines.threshold, small: lines.small.adding(overhead),
            large: lines.large.adding(overhead))
        self.init(linear: .constant(0), attention: [], fittedTokens: .infinity)
        self.given = Shared(given)
    }
}

extension TransferCosts {
    /// A fixed time for every transfer, whatever its size; nothing for no tokens.
    public init(fixed time: Duration) {
        self.init(
            latency: time, bandwidth: Bandwidth(bytesPerSecond: .infinity), bytesPerToken: 0)
    }
}
