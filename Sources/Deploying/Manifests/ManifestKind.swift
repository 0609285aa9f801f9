import Catalog

/// Kinds of documents that a check understands.
public enum ManifestKind: String, Hashable, Sendable, CaseIterable {
    case dynamo = "DynamoGraphDeployment"
    case disaggregatedSet = "DisaggregatedSet"
    case leaderWorkerSet = "LeaderWorkerSet"
    case inferenceService = "LLMInferenceService"
    case modelService = "llm-d-modelservice values"
    case deployment = "Deployment"
    case statefulSet = "StatefulSet"
    case endpointPicker = "EndpointPickerConfig"
    case inferencePool = "InferencePool"
    case pod = "Pod"
    case job = "Job"
    case service = "Service"
    case configMap = "ConfigMap"
    case benchmarkReport = "Benchmark Report"
    case script = "launch script"
}

extension ManifestKind {
    /// What a document is by its own words; nil for one that is none of these.
    init?(_ document: SourceValue) {
        if let kind = document.member("kind")?.text {
            guard let known = Self(rawValue: kind) else { return nil }
            self = known
        } else if document.member("run") != nil, document.member("scenario") != nil {
            self = .benchmarkReport
        } else if document.member("modelArtifacts") != nil
            || (document.member("decode")?.member("parallelism") != nil)
        {
            self = .modelService
        } else {
            return nil
        }
    }

    /// Name of the schema of a document; nil where its version is not known.
    func schema(of document: SourceValue, release: SchemaRelease) -> String? {
        let version = document.member("apiVersion")?.text ?? ""
        switch (self, version) {
        case (.dynamo, "nvidia.com/v1beta1"): return "DynamoGraphDeployment/v1beta1"
        case (.dynamo, "nvidia.com/v1alpha1"): return "DynamoGraphDeployment/v1alpha1"
        case (.disaggregatedSet, "disaggregatedset.x-k8s.io/v1"):
            return release == .main ? "DisaggregatedSet/main" : "DisaggregatedSet/v1"
        case (.leaderWorkerSet, "leaderworkerset.x-k8s.io/v1"): return "LeaderWorkerSet/v1"
        case (.inferenceService, "serving.kserve.io/v1alpha2"):
            return "LLMInferenceService/v1alpha2"
        case (.inferenceService, "serving.kserve.io/v1alpha1"):
            return "LLMInferenceService/v1alpha1"
        case (.inferencePool, "inference.networking.k8s.io/v1"): return "InferencePool/v1"
        case (.endpointPicker, "llm-d.ai/v1"),
            (.endpointPicker, "inference.networking.x-k8s.io/v1alpha1"):
            return "EndpointPickerConfig"
        case (.modelService, _): return "llm-d-modelservice"
        case (.benchmarkReport, _): return "benchmark-report"
        case (.deployment, "apps/v1"), (.statefulSet, "apps/v1"), (.pod, "v1"), (.service, "v1"),
            (.configMap, "v1"), (.job, "batch/v1"):
            return rawValue
        default: return nil
        }
    }

    /// Versions that have a schema here, for messages.
    var versions: String {
        switch self {
        case .dynamo: "nvidia.com/v1beta1 or nvidia.com/v1alpha1"
        case .disaggregatedSet: "disaggregatedset.x-k8s.io/v1"
        case .leaderWorkerSet: "leaderworkerset.x-k8s.io/v1"
        case .inferenceService: "serving.kserve.io/v1alpha2 or serving.kserve.io/v1alpha1"
        case .inferencePool: "inference.networking.k8s.io/v1"
        case .endpointPicker: "llm-d.ai/v1 or inference.networking.x-k8s.io/v1alpha1"
        case .deployment, .statefulSet: "apps/v1"
        case .job: "batch/v1"
        case .pod, .service, .configMap: "v1"
        case .modelService, .benchmarkReport, .script: "any"
        }
    }

    /// The workers that a document describes.
    func workers(in document: SourceValue) -> [WorkerDescription] {
        switch self {
        case .dynamo: DynamoReading.workers(in: document)
        case .disaggregatedSet: KubernetesReading.disaggregatedSet(document)
        case .leaderWorkerSet: KubernetesReading.leaderWorkerSet(document)
        case .deployment, .statefulSet: KubernetesReading.deployment(document)
        case .inferenceService: InferenceServiceReading.workers(in: document)
        case .modelService: ModelServiceReading.workers(in: document)
        default: []
        }
    }

    /// Whether one object is a whole deployment; else several of them make up one.
    var isWhole: Bool {
        switch self {
        case .dynamo, .disaggregatedSet, .inferenceService, .modelService: true
        default: false
        }
    }

    /// Whether documents of this kind describe workers.
    public var describesWorkers: Bool {
        switch self {
        case .dynamo, .disaggregatedSet, .inferenceService, .modelService, .leaderWorkerSet,
            .deployment, .statefulSet, .script:
            true
        default: false
        }
    }
}

/// Which release of a schema is meant, where a field is in the main branch only.
public enum SchemaRelease: String, Hashable, Sendable, CaseIterable {
    case release
    case main
}
