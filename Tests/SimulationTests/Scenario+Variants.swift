import CostModeling
import DiscreteEvents
import Scheduling
import ServingDomain

@testable import Simulation

extension Scenario {
    /// Decode steps that grow with the context, bend at odd places and differ by batch size.
    private static let bendingWorker: WorkerCosts = {
        let shape = OperatorShape.decodeAttention(
            AttentionShape(heads: 8, kvHeads: 1, headDimension: 128, window: 0, kvFormat: .bf16))
        func member(_ scale: Double) -> PiecewiseLinear {
            PiecewiseLinear(
                xs: [2, 37, 101.5, 400], ys: [3, 40, 41.25, 700].map { $0 * scale })
        }
        let family = CurveFamily(xs: [1, 3, 8], members: [member(0.3), member(0.7), member(1.9)])
        let curve = OperatorCurve(shape: shape, form: .family(family))
        return WorkerCosts(
            degree: .one,
            prefill: PhaseCosts(
                linear: .line(intercept: 0, slope: 700.3), attention: [], fittedTokens: .infinity),
            decode: PhaseCosts(
                linear: .line(intercept: 500.7, slope: 90.1),
                attention: [.init(curve: curve, layers: 3)], fittedTokens: .infinity))
    }()

    /// The same on serving workers whose costs are no whole numbers.
    var bending: Self {
        var copy = self
        copy.setup.decode = .workers(
            setup.decodeSeats.map { .init(costs: Self.bendingWorker, capacity: $0.capacity) })
        return copy
    }
}

extension ClusterSetup {
    /// The same with so many KV blocks on every serving worker.
    func withBlocks(_ count: Int) -> Self {
        var copy = self
        copy.decode = .workers(
            decodeSeats.map { .init(costs: $0.costs, capacity: Tokens(count * blockSize)) })
        return copy
    }
}

extension SessionTable {
    /// The same sessions, all of them later by so many nanoseconds.
    func delayed(by nanoseconds: Int64) -> Self {
        rebuilt(count) { ($0 + nanoseconds, $1) }
    }

    /// The first `count` sessions.
    func prefix(_ count: Int) -> Self { rebuilt(count) { ($0, $1) } }

    /// Every time twice as long.
    var stretched: Self {
        rebuilt(count) { arrival, rounds in
            let longer = rounds.map {
                RoundScript(
                    newTokens: Int($0.newTokens), outputTokens: Int($0.outputTokens),
                    delayAfter: $0.delayAfter * 2)
            }
            return (arrival * 2, longer)
        }
    }

    /// The same sessions, each of whose rounds calls one of some tools, or one without a name.
    func naming(tools count: Int, _ random: inout RandomSequence) -> Self {
        var copy = Self(vocabularyOf: self)
        let labels = (0..<count).compactMap { copy.tools.add("tool \($0)") } + [ToolLabels.none]
        for session in 0..<self.count {
            copy.append(arrival: arrivals[session], copyingJob: session, of: self)
            for round in 0..<rounds(of: session).count {
                copy.setTool(labels[random.integer(below: labels.count)], afterRound: round)
            }
        }
        return copy
    }

    private func rebuilt(
        _ count: Int, _ change: (Int64, [RoundScript]) -> (Int64, [RoundScript])
    ) -> Self {
        var copy = Self(vocabularyOf: self)
        for session in 0..<count {
            let (arrival, rounds) = change(arrivals[session], Array(rounds(of: session)))
            copy.append(arrival: arrival, rounds: rounds)
            let list = prefixes.range(ofRound: firstRound[session])
            copy.setPrefix(Int32(list.lowerBound)..<Int32(list.upperBound))
            for round in 0..<rounds.count {
                let label = tools.label(ofRound: firstRound[session] + round)
                copy.setTool(label, afterRound: round)
            }
        }
        return copy
    }
}

extension ServingPolicy.Name {
    /// Whether the policy pins histories in tool calls.
    var definesPins: Bool { Policies.named(self)?.pin != nil }
}
