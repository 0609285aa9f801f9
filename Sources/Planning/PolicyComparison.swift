import Scheduling
public import ServingDomain
public import Simulation

/// The layouts on which policies are compared: one of each kind, on the same number of GPUs.
///
/// A policy of replicas that prefill and decode cannot run on prefill and decode workers, and the
/// other way round it would only prefill locally; both get the layout that they are made for.
public struct ComparedLayouts: Hashable, Sendable {
    public let disaggregated: Deployment?
    public let colocated: Deployment?

    /// - Parameter given: one or two layouts, of different kinds.
    /// - Throws: what does not go together.
    public init(_ given: [Deployment]) throws(ComparisonError) {
        var (disaggregated, colocated): (Deployment?, Deployment?)
        for layout in given {
            switch layout {
            case .disaggregated where disaggregated == nil: disaggregated = layout
            case .colocated where colocated == nil: colocated = layout
            default: throw .tooManyLayouts(given)
            }
        }
        if let disaggregated, let colocated, disaggregated.gpus != colocated.gpus {
            throw .differentGPUs(disaggregated, colocated)
        }
        self.disaggregated = disaggregated
        self.colocated = colocated ?? disaggregated?.sameGPUsColocated
    }

    /// The layout on which a policy is compared.
    public func layout(for policy: ServingPolicy.Name) throws(ComparisonError) -> Deployment {
        let kind = ServingPolicy(name: policy).definition.layout
        guard let layout = kind == .colocated ? colocated : disaggregated else {
            throw .noLayout(policy, needsColocated: kind == .colocated)
        }
        return layout
    }
}

extension Deployment {
    /// The same GPUs as replicas that prefill and decode; nil where workers differ in kind.
    fileprivate var sameGPUsColocated: Self? {
        guard let first = allGroups.first,
            allGroups.allSatisfy({ $0.kind == first.kind })
        else { return nil }
        return .colocated([
            WorkerGroup(first.kind, allGroups.reduce(0) { $0 + $1.replicas })
        ])
    }
}

/// Why policies cannot be compared on the layouts that were given.
public enum ComparisonError: Error, Hashable, Sendable, CustomStringConvertible {
    case tooManyLayouts([Deployment])
    case differentGPUs(Deployment, Deployment)
    case noLayout(ServingPolicy.Name, needsColocated: Bool)

    public var description: String {
        switch self {
        case .tooManyLayouts(let given):
            "\(given.map(\.description).joined(separator: " and ")): policies are compared on one "
                + "layout with prefill workers and one of co-located replicas; drop the others."
        case .differentGPUs(let disaggregated, let colocated):
            "\(disaggregated) has \(disaggregated.gpus) GPUs and \(colocated) has "
                + "\(colocated.gpus); give layouts of the same number."
        case .noLayout(let policy, needsColocated: true):
            "Policy \(policy.rawValue) needs replicas that prefill and decode, and workers of "
                + "different degrees do not tell which; give a second --layout such as C:4x2."
        case .noLayout(let policy, needsColocated: false):
            "Policy \(policy.rawValue) needs prefill and decode workers; give a --layout such as "
                + "P:4x1,D:4x1 on the same GPUs."
        }
    }
}

/// Policies on the same sessions and the same GPUs, with what each changes against the first.
public struct PolicyComparison: Sendable {
    public struct Entry: Sendable {
        public let policy: ServingPolicy.Name
        public let layout: Deployment
        public let report: ServingReport
        /// Against the first entry over pairs of replications; none for the first itself, and none
        /// where one of both is in overload.
        public let differences: [PairedDifference]
    }

    public let entries: [Entry]

    /// Simulates every policy on its layout.
    ///
    /// - Parameters:
    ///   - policies: the first is the one that the others are compared with.
    ///   - simulation: the question, whose policy is replaced; knobs of its case stay.
    ///   - length: how long to go on; all policies get the same replications.
    public init(
        _ policies: [(name: ServingPolicy.Name, layout: Deployment)],
        _ simulation: DeploymentSimulation, until length: RunLength? = nil
    ) async {
        var setups: [ClusterSetup] = []
        for policy in policies {
            setups.append(await simulation.completeSetup(policy.layout, under: policy.name))
        }
        let replications = simulation.replications
        var runs: [[SimulationResult]] = []
        if let length {
            runs = await replications.run(setups, until: length)
        } else {
            for setup in setups { runs.append(await replications.run(setup)) }
        }
        var entries: [Entry] = []
        for (index, policy) in policies.enumerated() {
            let compared = index == 0 ? [] : PairedComparison(runs[0], runs[index]).differences
            entries.append(
                Entry(
                    policy: policy.name, layout: policy.layout,
                    report: await replications.report(runs[index], of: setups[index]),
                    differences: compared))
        }
        self.entries = entries
    }
}
