extension Deployment {
    /// Reads the notation of `description`: `P:4x2,D:8x1` or `C:8x2`, degree times replicas; with the
    /// ranks and expert degree of an engine, `D:1dp8ep8x2`, and a pool, `P:4x2@h100`.
    ///
    /// Fails for anything else, for a degree that is no power of two up to 64, and for more than
    /// 4,096 replicas or 65,536 ranks of a group.
    public init?(notation: String) {
        var groups: [Character: [WorkerGroup]] = [:]
        for part in notation.split(separator: ",", omittingEmptySubsequences: false) {
            guard let (role, group) = Self.group(part) else { return nil }
            groups[role, default: []].append(group)
        }
        switch (groups["P"], groups["D"], groups["C"]) {
        case (let prefill?, let decode?, nil):
            self = .disaggregated(prefill: prefill, decode: decode)
        case (nil, nil, let colocated?): self = .colocated(colocated)
        default: return nil
        }
    }

    private static func group(_ part: Substring) -> (Character, WorkerGroup)? {
        let halves = part.split(separator: ":", omittingEmptySubsequences: false)
        guard halves.count == 2, let role = halves[0].first, halves[0].count == 1 else {
            return nil
        }
        let sides = halves[1].split(
            separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        let pool = sides.count == 2 ? String(sides[1]) : GPUPool.onlyName
        let numbers = sides[0].split(separator: "x", omittingEmptySubsequences: false)
        guard GPUPool.isName(pool), numbers.count == 2,
            let parallelism = Parallelism(notation: numbers[0]),
            let replicas = Int(numbers[1]), (1...4096).contains(replicas),
            replicas * parallelism.data <= mostRanks
        else { return nil }
        return (role, WorkerGroup(pool: pool, parallelism: parallelism, replicas: replicas))
    }

    /// Most data-parallel ranks of a group that can be written.
    private static let mostRanks = 65_536

    /// Every group, prefill first.
    public var allGroups: [WorkerGroup] {
        switch self {
        case .disaggregated(let prefill, let decode): prefill + decode
        case .colocated(let groups): groups
        }
    }

    /// The prefill workers; none of a co-located deployment.
    public var prefillGroups: [WorkerGroup] {
        if case .disaggregated(let prefill, _) = self { prefill } else { [] }
    }

    /// The decode workers or co-located replicas.
    public var servingGroups: [WorkerGroup] {
        switch self {
        case .disaggregated(_, let decode): decode
        case .colocated(let groups): groups
        }
    }
}
