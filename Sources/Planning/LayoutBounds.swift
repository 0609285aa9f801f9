import ServingDomain

/// Most that a layout may take.
struct LayoutBudget: Hashable {
    var gpus: Int
    /// US dollars an hour, on the grid of `LayoutBounds`; nil for whatever the GPUs cost.
    var usdPerHour: Double?

    init(gpus: Int, usdPerHour: Double? = nil) {
        self.gpus = gpus
        self.usdPerHour = usdPerHour
    }
}

/// What layouts may take of each pool of GPUs, and which workers may stand beside each other.
struct LayoutBounds {
    struct Pool: Hashable {
        let name: String
        let cluster: Cluster
        /// US dollars for one GPU and hour, to about a tenth of a cent; nil where prices do not tell pools
        /// apart.
        fileprivate(set) var price: Double?

        init(name: String = GPUPool.onlyName, cluster: Cluster) {
            self.name = name
            self.cluster = cluster
        }
    }

    /// Prices of a GPU are multiples of this, so that sums of them are exact.
    static let priceStep = 0x1p-10

    let pools: [Pool]
    let budget: LayoutBudget
    /// Whether a layout takes every GPU of the budget.
    let fillsBudget: Bool
    /// Degrees of prefill and decode workers that may not stand beside each other.
    let forbidden: Set<DegreePair>

    /// - Parameters:
    ///   - pools: at least one.
    ///   - budget: most of a layout; no more GPUs than there are.
    ///   - fillsBudget: whether it takes all of them.
    ///   - forbidden: degrees that may not stand beside each other.
    init(
        _ pools: [Pool], budget: LayoutBudget, fillsBudget: Bool = false,
        forbidding forbidden: Set<DegreePair> = []
    ) {
        let prices = pools.compactMap { pool in
            pool.cluster.pricePerGPUHour.map {
                ($0 / Self.priceStep).rounded() * Self.priceStep
            }
        }
        let tell = prices.count == pools.count && Set(prices).count > 1
        self.pools = pools.enumerated().map { place, pool in
            var pool = pool
            pool.price = tell ? prices[place] : nil
            return pool
        }
        self.budget = budget
        self.fillsBudget = fillsBudget
        self.forbidden = forbidden
    }

    /// Whether prices tell pools apart, so that fewer GPUs need not be cheaper.
    var hasPrices: Bool { pools[0].price != nil }

    func pool(_ kind: WorkerKind) -> Pool? { pools.first { $0.name == kind.pool } }

    /// US dollars an hour of some workers; 0 where prices do not tell pools apart.
    func price(_ kind: WorkerKind, _ replicas: Int) -> Double {
        (pool(kind)?.price ?? 0) * Double(kind.gpus * replicas)
    }

    func price(_ groups: [WorkerGroup]) -> Double {
        groups.reduce(0) { $0 + price($1.kind, $1.replicas) }
    }

    /// Whether the engine lets these workers stand beside each other.
    func allows(prefill: WorkerKind, decode: WorkerKind) -> Bool {
        !forbidden.contains(DegreePair(prefill: prefill.degree, decode: decode.degree))
    }

    /// Most workers of a kind beside others, none of them spanning nodes.
    func room(for kind: WorkerKind, beside others: [WorkerGroup] = []) -> Int {
        guard let pool = pool(kind) else { return 0 }
        let taken = others.filter { $0.pool == kind.pool }.reduce(0) { $0 + $1.gpus.value }
        var gpus = min(
            pool.cluster.gpus.value - taken,
            budget.gpus - others.reduce(0) { $0 + $1.gpus.value })
        if let dollars = budget.usdPerHour, let price = pool.price, price > 0 {
            let affordable = (dollars - self.price(others)) / price
            gpus = min(gpus, Int(min(max(affordable, -1), 1e9)))
        }
        let groups = pool.cluster.room(for: kind.degree) / kind.parallelism.data
        return max(0, min(groups, gpus / kind.gpus))
    }

    /// Whether a layout takes no more than the budget, wherever it stands.
    func affords(_ layout: Deployment) -> Bool {
        layout.gpus.value <= budget.gpus
            && price(layout.allGroups) <= budget.usdPerHour ?? .infinity
    }

    /// Whether groups fit into budget and nodes together.
    func holds(_ groups: [WorkerGroup]) -> Bool {
        let gpus = groups.reduce(0) { $0 + $1.gpus.value }
        guard gpus <= budget.gpus, !fillsBudget || gpus == budget.gpus else { return false }
        if let dollars = budget.usdPerHour, price(groups) > dollars { return false }
        guard pools.count > 1 else { return pools[0].cluster.holds(groups) }
        return Set(groups.map(\.pool)).allSatisfy { name in
            pools.first { $0.name == name }?.cluster.holds(groups.filter { $0.pool == name })
                ?? false
        }
    }

    /// GPUs that a layout of these pools takes where it takes all that it may.
    func most(in names: Set<String>) -> Int {
        min(
            budget.gpus,
            pools.filter { names.contains($0.name) }.reduce(0) { $0 + $1.cluster.gpus.value })
    }

    /// The same for another budget.
    func within(_ budget: LayoutBudget) -> Self {
        Self(pools, budget: budget, fillsBudget: fillsBudget, forbidding: forbidden)
    }
}

/// Degrees of a prefill and a decode worker.
struct DegreePair: Hashable, Comparable {
    let prefill: TensorParallelDegree
    let decode: TensorParallelDegree

    static func < (a: Self, b: Self) -> Bool {
        (a.prefill, a.decode) < (b.prefill, b.decode)
    }
}

extension Case {
    /// GPUs that layouts may take in all.
    var gpuBudget: Int { min(gpus.value, planning.gpuBudget?.value ?? .max) }

    /// What layouts of these candidates may take.
    func bounds(_ candidates: CandidateWorkers, within budget: LayoutBudget) -> LayoutBounds {
        LayoutBounds(
            namedClusters, budget: budget, fillsBudget: planning.fillsBudget,
            forbidding: forbiddenPairs(among: candidates))
    }

    /// Sums of dollars an hour that layouts may come to within a number of GPUs, rising, each higher than
    /// the one before by half the price of the cheapest GPU that has one, or by a 4,096th of the highest
    /// where that is more, and the highest; nothing where prices do not tell pools apart.
    func prices(upTo gpus: Int) -> [Double] {
        let priced = LayoutBounds(namedClusters, budget: LayoutBudget(gpus: gpus))
        let known = priced.pools.compactMap(\.price)
        guard priced.hasPrices, let cheapest = known.filter({ $0 > 0 }).min() else { return [] }
        var most = 0.0
        var left = gpus
        for pool in priced.pools.sorted(by: { ($0.price ?? 0) > ($1.price ?? 0) }) {
            let taken = min(left, pool.cluster.gpus.value)
            most += Double(taken) * (pool.price ?? 0)
            left -= taken
        }
        let step = max(cheapest / 2, most / 4096)
        let steps = Int((most / step).rounded(.up))
        return (1...max(1, steps)).map { place in
            let sum = (Double(place) * step / LayoutBounds.priceStep).rounded(.down)
            return place == steps ? most : min(most, sum * LayoutBounds.priceStep)
        }
    }

    private var namedClusters: [LayoutBounds.Pool] {
        pools.map { LayoutBounds.Pool(name: $0.name, cluster: $0.cluster) }
    }

    /// Degrees of these workers that the engine refuses beside each other; none where its rules are
    /// ignored.
    func forbiddenPairs(among candidates: CandidateWorkers) -> Set<DegreePair> {
        Set(
            candidates.prefill.flatMap { prefill in
                candidates.decode.map {
                    DegreePair(prefill: prefill.degree, decode: $0.degree)
                }
            }.filter { !allows(prefill: $0.prefill, decode: $0.decode) })
    }
}
