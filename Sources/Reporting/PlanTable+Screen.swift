import Planning
import ServingDomain
import Simulation

extension ScreenOutcome {
    /// How many layouts were looked at, and how sure the best is.
    var sentences: [String] {
        var counts = "\(layouts) layouts were screened"
        if givenUp > 0 { counts += " (\(givenUp) were given up in their first run)" }
        guard let first = best.first, let probability, let regretBound else {
            return [counts + "; none of them keeps up with the load."]
        }
        let sure = probability > 0.999 ? "more than 0.999" : "at least \(rounded(probability, 3))"
        return [
            counts + ".",
            "With a probability of \(sure) none has an attainment of more than a point above that "
                + "of \(first); with 95 % the best is at most \(points(regretBound)) points above.",
        ]
    }
}

extension SearchAudit {
    /// What the search among proposals missed.
    var sentence: String {
        guard chosen != best else {
            return "The default search takes \(best) too, which" + place + "."
        }
        let missed =
            regret.map {
                "misses \(points($0.value)) points of attainment "
                    + "[\(points($0.low)), \(points($0.high))]"
            } ?? "cannot be compared, for one of both has no steady state"
        return "The default search takes \(chosen) and \(missed); \(best)" + place + "."
    }

    private var place: String {
        milpRank.map { " is number \($0) of the integer program" }
            ?? " is none of the integer program's layouts"
    }
}

private func points(_ share: Double) -> Double { rounded(share * 100, 2) }
