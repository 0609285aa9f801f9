import DiscreteEvents

/// What paired replications say of whether the setup that seems best is the best.
///
/// Each rival's attainment minus that of the chosen setup is taken to lie around the observed
/// difference as Student's t does (a flat prior). Few replications tell little of a spread, and equal
/// ones nothing; so each rival's own variance is averaged with that of a binomial difference, with one
/// more discordant unit than was seen, times the dispersion of all rivals together, and at least as if
/// the units of a session missed together. Probabilities of
/// several rivals are added up (Bonferroni), whatever they have in common.
package struct SelectionEvidence: Sendable {
    /// How far a rival may be above the chosen setup.
    struct Rival: Hashable, Sendable {
        /// Attainment of the rival minus that of the chosen setup, as observed.
        let difference: Double
        let standardError: Double
        let degreesOfFreedom: Int

        /// Probability that the rival is better by more than `margin`.
        func doubt(_ margin: Double) -> Double {
            guard standardError > 0 else { return difference > margin ? 1 : 0 }
            return StudentT.upperTail(
                (margin - difference) / standardError, degreesOfFreedom: degreesOfFreedom)
        }
    }

    /// Replications' worth of the variance that all rivals have in common; even.
    static let sharedDegrees = 6
    private let rivals: [Rival]

    /// Compares rivals with the chosen setup, each over the replications that both have.
    ///
    /// - Precondition: no run of the chosen setup was given up, and each rival has a run.
    package init(_ chosen: DigestedRuns, against rivals: [DigestedRuns]) {
        let pairs = rivals.map { PairedTallies(chosen, $0) }
        let spreads = pairs.compactMap(\.dispersion)
        let freedom = spreads.reduce(0) { $0 + $1.degreesOfFreedom }
        let dispersion =
            freedom > 0
            ? spreads.reduce(0) { $0 + $1.value * Double($1.degreesOfFreedom) } / Double(freedom)
            : chosen.unitsOfSession
        self.rivals = pairs.map { $0.rival(sharing: max(chosen.unitsOfSession, dispersion)) }
    }

    /// Probability that the rival at a place is better than the chosen setup by more than `margin`.
    package func doubt(_ margin: Double, at place: Int) -> Double { rivals[place].doubt(margin) }

    /// Probability that no rival is better than the chosen setup by more than `margin`, at least.
    package func probability(within margin: Double) -> Double {
        max(0, 1 - rivals.reduce(0) { $0 + $1.doubt(margin) })
    }

    /// How much better the best rival is, at most, with this probability; from 0 to 1.
    package func regretBound(probability: Double = 0.95) -> Double {
        guard self.probability(within: 0) < probability else { return 0 }
        var (low, high) = (0.0, 1.0)
        while high - low > 1e-6 {
            let middle = (low + high) / 2
            if self.probability(within: middle) >= probability {
                high = middle
            } else {
                low = middle
            }
        }
        return high
    }
}

/// Two setups over the replications that both have.
private struct PairedTallies {
    private let difference: Double
    /// Nil for one replication.
    private let ownError: Double?
    private let replications: Int
    /// Units that missed in one of both, at most as many as were discordant.
    private let missed: Double
    private let units: Double

    init(_ chosen: DigestedRuns, _ rival: DigestedRuns) {
        let pairs = Array(zip(chosen.runs, rival.runs))
        let units = pairs.map { Double($0.0.units ?? 0) }
        let gains = zip(pairs, units).map { pair, units in
            ReplicationTotal(amount: Double(pair.0.missed - pair.1.missed), units: units)
        }
        let linear = LinearRatio(gains)
        replications = pairs.count
        difference = linear?.value ?? 0
        ownError = replications > 1 ? linear?.standardError : nil
        missed = pairs.reduce(0) { $0 + Double($1.0.missed + $1.1.missed) }
        self.units = max(1, units.reduce(0, +))
    }

    /// Variance of a binomial difference of so many discordant units and one more.
    private var binomial: Double { (missed + 1) / (units * units) }

    /// Variance over that of a binomial difference; nil for one replication.
    var dispersion: (value: Double, degreesOfFreedom: Int)? {
        ownError.map { ($0 * $0 / binomial, replications - 1) }
    }

    func rival(sharing dispersion: Double) -> SelectionEvidence.Rival {
        let shared = Double(SelectionEvidence.sharedDegrees)
        let (own, error) = ownError.map { (replications - 1, $0) } ?? (0, 0)
        let variance =
            (shared * dispersion * binomial + Double(own) * error * error)
            / (shared + Double(own))
        let freedom = SelectionEvidence.sharedDegrees + own
        return SelectionEvidence.Rival(
            difference: difference, standardError: variance.squareRoot(),
            degreesOfFreedom: freedom - freedom % 2)
    }
}
