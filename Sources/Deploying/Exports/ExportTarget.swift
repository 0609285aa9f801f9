/// What a plan can be written for.
public enum ExportTarget: String, Hashable, Sendable, CaseIterable {
    case dynamo
    case llmdValues = "llm-d-values"
    case disaggregatedSet = "llm-d-ds"
    case leaderWorkerSet = "lws"
    case kserve
    case vllm
    case sglang
    case slurm
    case bench
    case endpointPicker = "endpoint-picker"

    /// Engines that the target has a form for.
    var engines: Set<String> {
        switch self {
        case .llmdValues, .kserve, .vllm: ["vllm"]
        case .sglang: ["sglang"]
        case .dynamo, .disaggregatedSet, .leaderWorkerSet, .slurm: ["vllm", "sglang"]
        case .bench, .endpointPicker: ["vllm", "sglang", "trtllm"]
        }
    }

    /// Whether what is written gives the layout back to a check.
    public var describesWorkers: Bool { self != .bench && self != .endpointPicker }

    /// Whether workers run in containers of Kubernetes, with an image and a secret.
    public var runsContainers: Bool {
        switch self {
        case .dynamo, .llmdValues, .disaggregatedSet, .leaderWorkerSet, .kserve: true
        case .vllm, .sglang, .slurm, .bench, .endpointPicker: false
        }
    }

    /// Whether llm-d's sidecar is written beside decode workers.
    public var hasSidecar: Bool { self == .disaggregatedSet || self == .leaderWorkerSet }
}

/// Choices that some targets offer.
public struct ExportOptions: Hashable, Sendable {
    /// Whether Dynamo's older version v1alpha1 is written.
    public var usesAlpha = false
    /// Image of llm-d's sidecar, which decode workers have beside them.
    public var sidecarImage: String
    /// Name of the Kubernetes secret that holds the token for the model.
    public var secretName: String
    /// Tokens that are not cached, below which a decode worker prefills itself, for the endpoint picker; nil
    /// where every prompt goes to a prefill worker.
    public var threshold: Int?

    public init(
        usesAlpha: Bool = false, sidecarImage: String = Self.usualSidecar,
        secretName: String = Self.usualSecret
    ) {
        self.usesAlpha = usesAlpha
        self.sidecarImage = sidecarImage
        self.secretName = secretName
    }

    public static let usualSecret = "hf-token-secret"
    /// Early images of it, called llm-d-routing-sidecar, do not take `--kv-connector`.
    public static let usualSidecar = "ghcr.io/llm-d/llm-d-router-disagg-sidecar:v0.9.0"
}

/// A file of an export.
public struct ExportedFile: Hashable, Sendable {
    /// Without a folder.
    public let name: String
    public let text: String
    public let isExecutable: Bool

    init(_ name: String, _ text: String, isExecutable: Bool = false) {
        self.name = name
        self.text = text
        self.isExecutable = isExecutable
    }
}

/// What a plan becomes for a target.
public struct Export: Hashable, Sendable {
    public let files: [ExportedFile]
    /// What the operator has to know of it.
    public let warnings: [Finding]
}

/// Why a plan is not written for a target.
public struct ExportRefusal: Error, Hashable, Sendable {
    public let findings: [Finding]
}
