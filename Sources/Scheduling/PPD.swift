public import ServingDomain

extension PolicyDefinition {
    /// Append-prefill by an offline table (PPD, arXiv 2603.13358).
    static let ppd = Self(
        "ppd", "First rounds remote, later ones where a table of simulated latencies says."
    ) { policy, _ in
        let table = LocalPrefillTable(policy)
        return { view in
            let isLocal = view.round.number > 0 && table.isLocal(view)
            return isLocal ? .local : view.cheapestRemote().map(Route.remote) ?? .local
        }
    }
    .with {
        $0.knobs = [.ttftWeight, .tpotWeight]
        $0.sight = [.prefillWorkers, .rate]
        $0.localPrefill = .chunked
        $0.usesTable = true
    }
}

/// A policy table made into decisions.
struct LocalPrefillTable: Sendable {
    /// Rates that the table has, in order.
    private let rates: [Double]
    /// By class of context, shape and rate; true where the table says nothing.
    private let decisions: [Bool]

    /// Decides once and for all what is local.
    ///
    /// That is where the weighted share of TTFT saved exceeds that of TPOT lost. Of several entries for one class and rate the last counts.
    init(_ policy: ServingPolicy) {
        let entries = policy.table?.entries ?? []
        let rates = Set(entries.map(\.rate)).sorted()
        self.rates = rates
        let classes = Self.contexts.count * Self.shapes.count
        var decisions = Array(repeating: true, count: classes * max(1, rates.count))
        for entry in entries {
            guard let rate = rates.firstIndex(of: entry.rate) else { continue }
            decisions[Self.place(entry.context, entry.shape, rate, rates.count)] =
                entry.localAdvantage(
                    ttftWeight: policy[.ttftWeight], tpotWeight: policy[.tpotWeight]) > 0
        }
        self.decisions = decisions
    }

    func isLocal(_ view: RoutingView) -> Bool {
        let round = view.round
        let place = Self.place(
            ContextClass(context: round.history),
            RoundShape(input: round.increment, output: round.output), nearest(view.rate),
            rates.count)
        return decisions[place]
    }

    /// Index of the nearest rate, the higher one at a tie.
    private func nearest(_ rate: Double) -> Int {
        var best = 0
        for index in rates.indices.dropFirst()
        where abs(rates[index] - rate) <= abs(rates[best] - rate) {
            best = index
        }
        return best
    }

    private static func place(
        _ context: ContextClass, _ shape: RoundShape, _ rate: Int, _ rates: Int
    ) -> Int {
        let row =
            (contexts.firstIndex(of: context) ?? 0) * shapes.count
            + (shapes.firstIndex(of: shape) ?? 0)
        return row * max(1, rates) + rate
    }

    // Kept, because `allCases` makes a new array every time.
    private static let contexts = ContextClass.allCases
    private static let shapes = RoundShape.allCases
}

extension PolicyKnob {
    public static let ttftWeight = Self(
        "ttft_weight", .number(0...1000, isOpen: false), standard: 1,
        meaning: "Weight of the share of TTFT that local prefill saves.", origin: "vllm-ppd")
    public static let tpotWeight = Self(
        "tpot_weight", .number(0...1000, isOpen: false), standard: 1,
        meaning: "Weight of the share of TPOT that local prefill costs.", origin: "vllm-ppd")
}

extension ServingPolicy.Name {
    public static let ppd = PolicyDefinition.ppd.name
}
