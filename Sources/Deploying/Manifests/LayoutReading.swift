import Catalog
import ServingDomain

/// Puts workers of manifests together into a layout, and says what keeps them from being one.
struct LayoutReading {
    private(set) var workers: [WorkerDescription]
    private(set) var findings: [Finding]
    private let place: SourcePlace

    init(_ workers: [WorkerDescription], obstacles: [Finding], at place: SourcePlace) {
        self.workers = workers
        self.place = place
        findings = obstacles
    }

    mutating func layout() -> Deployment? {
        takeRolesFromNames()
        guard !workers.isEmpty else {
            guard findings.isEmpty else { return nil }
            findings.append(
                Finding(
                    .notSimulated,
                    "no container or command starts vLLM, SGLang or TensorRT-LLM, so there are no "
                        + "workers to simulate", at: place))
            return nil
        }
        for worker in workers { check(worker) }
        let models = Set(workers.compactMap(\.model)).sorted()
        if models.count > 1 {
            refuse(
                "workers serve different models: "
                    + models.map(\.shownInMessage).joined(separator: ", "))
        }
        guard findings.isEmpty else { return nil }
        warnOfRequests()
        let prefill = groups(.prefill)
        let (decode, both) = (groups(.decode), groups(.both))
        switch (prefill.isEmpty, decode.isEmpty, both.isEmpty) {
        case (false, false, true): return .disaggregated(prefill: prefill, decode: decode)
        case (true, true, false): return .colocated(both)
        // Decode workers by themselves prefill as well.
        case (true, false, true) where !workers.contains { $0.role == .prefill }:
            return .colocated(decode)
        case (true, false, true):
            refuse("there are decode workers, and prefill workers have 0 replicas")
        case (false, true, true):
            refuse("there are prefill workers and no decode workers")
        case (true, true, true):
            refuse("every kind of worker has 0 replicas")
        default:
            let names = workers.filter { $0.role == .both }.map(\.name.shownInMessage)
            refuse(
                "co-located workers (\(Set(names).sorted().joined(separator: ", "))) stand beside "
                    + "prefill or decode workers")
        }
        return nil
    }

    /// Pods whose GPUs nobody asks for, which some other way may give them.
    private mutating func warnOfRequests() {
        for worker in workers where worker.needsRequest && worker.requestedGPUs == nil {
            var finding = Finding(
                .gpuRequest,
                "\(worker.name.shownInMessage): the engine takes \(worker.gpus) GPUs, and none are "
                    + "requested (resources.limits, such as nvidia.com/gpu)", at: worker.place)
            finding.severity = .warning
            findings.append(finding)
        }
    }

    private mutating func refuse(_ problem: String) {
        findings.append(Finding(.notSimulated, problem, at: place))
    }

    /// What manifests leave open, the names of objects may tell.
    private mutating func takeRolesFromNames() {
        for index in workers.indices where workers[index].role == .unclear {
            let name = workers[index].name.split(separator: "/").last?.lowercased() ?? ""
            let roles = [WorkerDescription.Role.prefill, .decode].filter {
                name.contains($0.rawValue)
            }
            if roles.count == 1 { workers[index].role = roles[0] }
        }
    }

    private mutating func check(_ worker: WorkerDescription) {
        func refuse(_ rule: Rule, _ problem: String) {
            findings.append(
                Finding(
                    rule, "\(worker.name.shownInMessage): \(problem)", at: worker.place))
        }
        findings += worker.faults
        if worker.role == .unclear, worker.faults.isEmpty {
            refuse(
                .notSimulated,
                "it moves KV cache, and neither a flag, a label, a proxy nor its name says whether "
                    + "it prefills or decodes")
        }
        if worker.needsConnector, worker.connector == nil,
            worker.role == .prefill || worker.role == .decode
        {
            refuse(
                .notSimulated,
                "it is a \(worker.role.rawValue) worker without --kv-transfer-config, so that it moves "
                    + "no KV cache")
        }
        if TensorParallelDegree(worker.tensor) == nil {
            refuse(
                .notSimulated,
                "tensor parallelism is \(worker.tensor); simulated are powers of two from 1 to 64")
        }
        if worker.pipeline != 1 {
            refuse(
                .notSimulated,
                "pipeline parallelism is \(worker.pipeline); workers of one stage are simulated")
        }
        if !(1...1024).contains(worker.data) || !(1...1024).contains(worker.expert) {
            refuse(.notSimulated, "data or expert parallelism is not between 1 and 1024")
        }
        if let requested = worker.requestedGPUs, requested != worker.gpus {
            refuse(
                .gpuRequest,
                "the engine takes \(worker.gpus) GPUs (TP \(worker.tensor), \(worker.data) "
                    + "data-parallel), and \(requested) are requested")
        }
        if !(0...4096).contains(worker.replicas) {
            refuse(.notSimulated, "\(worker.replicas) replicas; simulated are at most 4096")
        }
    }

    /// Workers of a role, those of one kind together, in the order of the files.
    private func groups(_ role: WorkerDescription.Role) -> [WorkerGroup] {
        var kinds: [(kind: WorkerKind, count: Int)] = []
        for worker in workers where worker.role == role && worker.replicas > 0 {
            guard let degree = TensorParallelDegree(worker.tensor) else { continue }
            let kind = WorkerKind(
                pool: worker.pool.flatMap { GPUPool.isName($0) ? $0 : nil } ?? GPUPool.onlyName,
                Parallelism(tensor: degree, data: worker.data, expert: worker.expert))
            if let place = kinds.firstIndex(where: { $0.kind == kind }) {
                kinds[place].count += worker.replicas
            } else {
                kinds.append((kind, worker.replicas))
            }
        }
        return kinds.map { WorkerGroup($0.kind, $0.count) }
    }
}
