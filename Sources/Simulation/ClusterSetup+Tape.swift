import CostModeling
import ServingDomain

extension ClusterSetup {
    /// The workers in the order in which a tape names them.
    var tapeWorkers: [Tape.Worker] {
        let (prefillNodes, nodes): ([Int]?, [Int]?) =
            if case .nodes(let prefill, let serving) = placement { (prefill, serving) } else {
                (nil, nil)
            }
        let prefill = prefillCosts.enumerated().map { number, costs in
            Tape.Worker(
                role: .prefill, number: number, degree: costs.degree,
                node: prefillNodes?[number])
        }
        let role: Tape.Worker.Role = prefill.isEmpty ? .colocated : .decode
        return prefill
            + decodeSeats.enumerated().map { number, seat in
                Tape.Worker(
                    role: role, number: number, degree: seat.costs.degree, node: nodes?[number])
            }
    }
}
