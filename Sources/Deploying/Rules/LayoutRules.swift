public import Planning
public import ServingDomain

/// What can be said of a layout before it is simulated.
public struct LayoutRules: Sendable {
    public let layout: Deployment

    public init(_ layout: Deployment) { self.layout = layout }

    /// Findings of obstacles on the GPUs of the case: memory, heads, budget, nodes, ranks.
    public func findings(_ obstacles: [LayoutObstacle]) -> [Finding] {
        obstacles.map { Finding($0.rule.checked, $0.message) }
    }

    /// Workers whose KV cache is smaller than what the sessions need at P95.
    public func findings(_ rejections: [Rejection]) -> [Finding] {
        rejections.map { Finding(.sessionMemory, "\($0.layout): \($0.reason)") }
    }

    /// Sessions that the model itself has no place for.
    ///
    /// - Parameters:
    ///   - longest: context that they reach at P95.
    ///   - model: that is served.
    /// - Returns: a finding where its context is shorter.
    public func findings(reaching longest: Tokens, on model: ModelSpec) -> [Finding] {
        guard longest > model.maxContext else { return [] }
        return [
            Finding(
                .sessionMemory,
                "sessions reach \(longest) tokens at P95, but \(model.name) has a context of "
                    + "\(model.maxContext)")
        ]
    }

    /// What engine and connector refuse.
    public func findings(_ conflicts: [EngineConflict]) -> [Finding] {
        conflicts.map { conflict in
            Finding(
                conflict.rule == .degreePairs ? .degreePairs : .capability, conflict.message)
        }
    }

    /// Roles that one worker fills alone, so that its loss stops all serving.
    public var singleWorkers: [Finding] {
        let roles: [(String, [WorkerGroup])] =
            switch layout {
            case .disaggregated(let prefill, let decode):
                [("prefill", prefill), ("decode", decode)]
            case .colocated(let groups): [("co-located", groups)]
            }
        return roles.filter { _, groups in
            groups.reduce(0) { $0 + $1.replicas } == 1
        }.map { role, _ in
            Finding(
                .singleWorker, "there is one \(role) worker; when it is lost, nothing is served")
        }
    }

    /// Whether the layout costs more than it may.
    ///
    /// - Parameters:
    ///   - most: US dollars an hour.
    ///   - price: of the layout; nil where a GPU has no price.
    /// - Returns: a finding in any case.
    public func cost(most: Double, price: Double?) -> Finding {
        guard let price else {
            return Finding(
                .cost,
                "the limit is \(most) USD/h, and the case gives no usd_per_gpu_hour of every pool")
        }
        let shown = "\((price * 100).rounded() / 100) USD/h, limit \(most) USD/h"
        return Finding(.cost, price > most ? .fail : .pass, shown)
    }
}

extension LayoutObstacle.Rule {
    fileprivate var checked: Rule {
        switch self {
        case .memory: .memory
        case .budget, .pool: .budget
        case .heads, .blocks, .experts: .heads
        case .node: .nodes
        case .ranks: .notSimulated
        }
    }
}
