import ArgumentParser
import ServingDomain

/// `thinning` or `round-robin`.
struct DispatchArgument: SpokenArgument {
    static let expectation = "thinning or round-robin"

    let value: Case.Planning.Dispatch

    init?(argument: String) {
        switch argument {
        case "thinning": value = .thinning
        case "round-robin": value = .roundRobin
        default: return nil
        }
    }
}

/// One of the objectives, with hyphens or as in case files.
struct ObjectiveArgument: SpokenArgument {
    static let expectation = Case.Planning.Objective.allCases
        .map { $0.rawValue.replacing("_", with: "-") }.joined(separator: ", ")

    let value: Case.Planning.Objective

    init?(argument: String) {
        let word = argument.replacing("-", with: "_")
        guard let value = Case.Planning.Objective(rawValue: word) else { return nil }
        self.value = value
    }
}
