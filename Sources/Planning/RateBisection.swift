import CostModeling
import ServingDomain
import Simulation

/// Looks for the highest rate that is met, where a higher one is never met more easily.
struct RateBisection {
    /// How near it is found: the lowest missed rate is at most so many times it.
    let step: Double
    /// Rates beyond which none is tried, in sessions per second.
    let range: ClosedRange<Double>

    /// A rate is near the edge where a missed one is at most so many times as high.
    private static let edge = 1.2

    /// What was found.
    struct Bracket {
        /// The highest rate that is met thoroughly; nil where none is.
        let met: Double?
        /// The lowest rate above it that is missed; nil where every one that was tried is met.
        let missed: Double?
    }

    /// Doubles or halves a rate until it is bracketed, and halves the bracket.
    ///
    /// - Parameters:
    ///   - start: in sessions per second, inside the range.
    ///   - meets: whether a rate is met, by long runs where it is asked thoroughly; it is near the edge and in
    ///     the end.
    /// - Returns: both ends.
    /// - Throws: what `meets` does.
    func search<Fault: Error>(
        from start: Double, meets: (Double, _ thoroughly: Bool) async throws(Fault) -> Bool
    ) async throws(Fault) -> Bracket {
        var (low, high) = (start, start)
        if try await meets(start, false) {
            while high < range.upperBound {
                high = min(low * 2, range.upperBound)
                guard try await meets(high, false) else { break }
                low = high
            }
            if low == high { return Bracket(met: low, missed: nil) }
        } else {
            repeat {
                guard low > range.lowerBound else { return Bracket(met: nil, missed: low) }
                (high, low) = (low, max(low / 2, range.lowerBound))
            } while try await !meets(low, false)
        }
        repeat {
            while high > low * step {
                let middle = (low * high).squareRoot()
                if try await meets(middle, high <= middle * Self.edge) {
                    low = middle
                } else {
                    high = middle
                }
            }
            if try await meets(low, true) { return Bracket(met: low, missed: high) }
            (high, low) = (low, max(low / Self.edge, range.lowerBound))
        } while high > range.lowerBound
        return Bracket(met: nil, missed: high)
    }
}

/// Runs of many more sessions, which see a queue that grows slowly.
struct LongRuns {
    let planningCase: Case
    let costs: CostModel
    let jobs: Int

    /// How many times as many sessions.
    static let factor = 10

    /// Measured sessions of each run.
    var sessions: Int { min(1_000_000, Self.factor * planningCase.planning.sessions) }

    func report(_ layout: Deployment, rate: Rate) async -> ServingReport {
        var asked = planningCase
        asked.workload.rate = rate
        asked.planning.sessions = sessions
        return await DeploymentSimulation(planningCase: asked, costs: costs, jobs: jobs)
            .run(layout)
    }
}
