import DiscreteEvents
import ServingDomain

@testable import Simulation

extension Scenario {
    /// The same cluster for sessions that start others, some of them a fixed number at a time.
    var withJobs: Self {
        var copy = self
        copy.hasJobs = true
        copy.sessions = sessions.grown(seed: seed)
        if seed % 3 == 0 { copy.sessions.concurrency = 1 + Int(seed % 5) }
        return copy
    }
}

extension SessionTable {
    /// The same sessions, of which some rounds start up to three others, two deep.
    func grown(seed: UInt64) -> Self {
        var random = RandomSequence(seed: seed, named: "trees")
        var table = Self()
        for session in 0..<count {
            table.append(arrival: arrivals[session], rounds: rounds(of: session))
            guard random.integer(below: 2) == 0 else { continue }
            var generation = table.count - 1..<table.count
            for _ in 0..<2 {
                let start = table.count
                let parents = table.firstRound[generation.lowerBound]..<table.rounds.count
                for round in parents where random.integer(below: 3) == 0 {
                    for _ in 0...random.integer(below: 3) {
                        table.append(
                            startedByRound: round,
                            rounds: rounds(of: random.integer(below: count)))
                    }
                }
                generation = start..<table.count
            }
        }
        return table
    }

    /// All jobs wait for one of so many places.
    func closed(_ places: Int) -> Self {
        var table = Self(vocabularyOf: self)
        for job in 0..<jobCount { table.append(arrival: 0, copyingJob: job, of: self) }
        table.concurrency = places
        return table
    }
}
