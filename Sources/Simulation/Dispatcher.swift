import DiscreteEvents
import Scheduling
import ServingDomain

/// Chooses one of several serving workers for a session or a round.
struct Dispatcher {
    let rule: Dispatch
    private let weights: [Int]
    private let total: Int
    /// Smooth weighted round robin: what each worker has saved up.
    private var credits: [Int]
    private var next = 0
    private let random: RandomStream

    /// The shares of weighted rules are in proportion to `weights`, one for each worker.
    init(_ rule: Dispatch, weights: [Int], seed: UInt64 = 0) {
        self.rule = rule
        self.weights = weights
        total = weights.reduce(0, +)
        credits = Array(repeating: 0, count: weights.count)
        random = RandomStream(seed: seed, named: "dispatch")
    }

    /// Whether every round is dispatched anew, wherever its history is.
    var isPerRound: Bool {
        switch rule {
        case .leastUsedMemory, .sessionSticky: false
        case .leastLoaded, .roundRobin, .weightedRoundRobin, .random, .prefixAware: true
        }
    }

    /// The next worker in turn among those that may be taken.
    mutating func inTurn(where mayTake: (Int) -> Bool) -> Int? {
        for step in weights.indices {
            let index = (next + step) % weights.count
            guard mayTake(index) else { continue }
            next = index + 1
            return index
        }
        return nil
    }

    /// The worker whose share is most behind; each gains its weight, the chosen one pays for all.
    mutating func inWeightedTurn(where mayTake: (Int) -> Bool) -> Int? {
        var best: Int?
        var paid = 0
        for index in weights.indices where mayTake(index) {
            credits[index] += weights[index]
            paid += weights[index]
            if best.map({ credits[index] > credits[$0] }) ?? true { best = index }
        }
        if let best { credits[best] -= paid }
        return best
    }

    /// One of the workers that may be taken, by a draw that belongs to the session and its round.
    func drawn(_ session: Int, _ round: Int, where mayTake: (Int) -> Bool) -> Int? {
        let candidates = weights.indices.filter(mayTake)
        guard !candidates.isEmpty else { return nil }
        return candidates[random.integer(below: candidates.count, session, round)]
    }
}
