import DiscreteEvents
import ServingDomain

/// The sessions that rounds start, by numbers that depend on nothing but the seed and the round.
struct DrawnFanout {
    let laws: Workload.Fanout
    private let counts: RandomStream
    private let numbers: RandomStream

    init(laws: Workload.Fanout, seed: UInt64) {
        self.laws = laws
        counts = RandomStream(seed: seed, named: "fanout")
        numbers = RandomStream(seed: seed, named: "children")
    }

    /// Numbers of the sessions that a round of a session starts.
    func children(of session: Int, _ round: Int) -> [Int] {
        let drawn = laws.children.distribution.sample(unit: counts.unit(session, round))
        let count = drawn > 0 ? Int(min(1000, drawn.rounded())) : 0
        return (0..<count).map { child in
            Int(truncatingIfNeeded: numbers.draw(session, round << 10 | child))
        }
    }
}
