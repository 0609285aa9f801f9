import Catalog
import ServingDomain

/// What hands KV cache from prefill to decode workers needs around it: variables, ports, a sidecar, a proxy.
enum ConnectorWiring: Hashable, Sendable {
    /// NixlConnector of vLLM.
    case nixl
    /// MooncakeConnector of vLLM: prefill workers answer at a port of their own, which the proxy is told.
    case mooncake
    /// SGLang, whichever backend moves its cache.
    case sglang

    /// Nil for a connector of vLLM whose wiring is not known.
    init?(engine: String, connector: String?) {
        switch (engine, connector?.lowercased() ?? "nixlconnector") {
        case ("sglang", _): self = .sglang
        case ("vllm", "nixlconnector"): self = .nixl
        case ("vllm", "mooncakeconnector"): self = .mooncake
        default: return nil
        }
    }

    /// Variables of a process that shares its node with others, as words of a shell.
    func variables(of process: Placement.Process, at host: String) -> [String] {
        switch self {
        case .nixl:
            [
                "VLLM_NIXL_SIDE_CHANNEL_HOST=\(host)",
                "VLLM_NIXL_SIDE_CHANNEL_PORT=\(process.sidePort)",
            ]
        case .mooncake where process.workers.role == .prefill:
            ["VLLM_MOONCAKE_BOOTSTRAP_PORT=\(process.bootstrapPort)"]
        case .mooncake, .sglang: []
        }
    }

    /// Variables of a pod, which has an address for itself.
    var podVariables: [DocumentValue] {
        guard self == .nixl else { return [] }
        let address = DocumentValue.section(
            ("fieldRef", .section(("fieldPath", .text("status.podIP")))))
        return [
            .section(("name", .text("VLLM_NIXL_SIDE_CHANNEL_HOST")), ("valueFrom", address))
        ]
    }

    /// Port of a pod beside that for requests; nil where it has none.
    func podPort(_ role: WorkerDescription.Role) -> (name: String, number: Int)? {
        switch self {
        case .nixl: ("nixl", 5600)
        case .sglang: role == .prefill ? ("bootstrap", 8998) : nil
        case .mooncake: nil
        }
    }

    /// The word by which llm-d's sidecar and chart know it; nil where they do not.
    var sidecarWord: String? {
        switch self {
        case .nixl: "nixlv2"
        case .sglang: "sglang"
        case .mooncake: nil
        }
    }

    /// Whether a target routes requests as the connector needs it.
    func isKnown(to target: ExportTarget) -> Bool {
        switch target {
        case .vllm, .sglang, .slurm, .bench: true
        // Kubernetes targets put llm-d's sidecar or Dynamo's front end before the workers; for vLLM both
        // hand on the addresses of NIXL alone.
        case .dynamo, .llmdValues, .disaggregatedSet, .leaderWorkerSet, .kserve, .endpointPicker:
            self != .mooncake
        }
    }
}

extension ExportPlan {
    /// Nil where workers hand nothing on, and for a connector that is not known.
    var wiring: ConnectorWiring? {
        isDisaggregated
            ? ConnectorWiring(engine: engine.name, connector: engine.connector) : nil
    }
}
