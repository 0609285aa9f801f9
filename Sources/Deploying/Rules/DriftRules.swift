import Planning
public import ServingDomain

/// What a plan, or a case, says that manifests should describe.
public struct IntendedDeployment: Sendable {
    /// What it stands in, for messages.
    public let source: String
    /// Nil where the source names no layout.
    public let layout: Deployment?
    /// Names that the model goes by.
    public let modelNames: [String]
    public let engine: Engine
    /// Digest of the plan document; nil for a case.
    public let digest: String?

    public init(
        source: String, layout: Deployment?, modelNames: [String], engine: Engine, digest: String?
    ) {
        self.source = source
        self.layout = layout
        self.modelNames = modelNames
        self.engine = engine
        self.digest = digest
    }
}

extension DescribedDeployment {
    /// Where the manifests differ from what they should describe.
    public func differences(from intended: IntendedDeployment) -> [Finding] {
        var found: [Finding] = []
        func differs(_ what: String, _ here: String, _ there: String) {
            found.append(
                Finding(
                    .differsFromPlan, "\(what) is \(here), and \(there) in \(intended.source)",
                    at: place))
        }
        if let layout, let wanted = intended.layout,
            layout.normalised(to: intended.engine.behaviour)
                != wanted.normalised(to: intended.engine.behaviour)
        {
            differs("the layout", layout.description, wanted.description)
        }
        if let model, !intended.knows(model) {
            differs("the model", model, intended.modelNames.first ?? "another")
        }
        if let engine, engine != intended.engine.name {
            differs("the engine", engine, intended.engine.name)
        }
        if let connector, let wanted = intended.engine.connector,
            connector.lowercased() != wanted.lowercased()
        {
            differs("the connector", connector, wanted)
        }
        if let planDigest, let digest = intended.digest, planDigest != digest {
            differs("the digest of the plan that it was exported from", planDigest, digest)
        }
        return found
    }

    /// The engine of a case with the limits that the manifests set for serving workers, and what they change.
    public func engine(over engine: Engine) -> (engine: Engine, changes: [String]) {
        var (result, changes) = (engine, [String]())
        guard let serving = workers.first(where: { $0.role != .prefill }) else {
            return (engine, [])
        }
        func take<Value: Equatable>(
            _ value: Value?, _ path: WritableKeyPath<Engine, Value>, _ key: String
        ) {
            guard let value, value != result[keyPath: path] else { return }
            changes.append("\(key) \(value) in place of \(result[keyPath: path])")
            result[keyPath: path] = value
        }
        // SGLang counts the requests and chunks of all ranks of a worker together.
        let share = serving.engine == "sglang" ? serving.data : 1
        let limits = serving.settings
        take(limits.maxSequences.map { max(1, $0 / share) }, \.maxSequences, "max_sequences")
        take(
            limits.tokenBudget.flatMap { $0 > 0 ? max(1, $0 / share) : nil }, \.tokenBudget,
            "token_budget")
        take(limits.blockSize.flatMap { $0 > 0 ? $0 : nil }, \.blockSize, "block_size")
        let utilisation = limits.memoryUtilization.flatMap { (0.01...1).contains($0) ? $0 : nil }
        take(utilisation, \.memoryUtilization, "gpu_memory_utilization")
        take(limits.prefixCaching, \.behaviour.prefixCaching, "prefix_caching")
        take(limits.formsStepsAhead, \.behaviour.formsStepsAhead, "async_scheduling")
        return (result, changes)
    }
}

extension IntendedDeployment {
    /// Whether a model of a manifest goes by one of the names; a path cannot tell.
    fileprivate func knows(_ model: String) -> Bool {
        guard !model.hasPrefix("/"), !modelNames.isEmpty else { return true }
        func plain(_ name: String) -> String {
            let last = name.replacing("hf://", with: "").split(separator: "/").last
            return (last.map(String.init) ?? name).lowercased()
        }
        return modelNames.contains { plain($0) == plain(model) }
    }
}
