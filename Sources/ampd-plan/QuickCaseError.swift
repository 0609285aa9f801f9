import Catalog

/// Errors in the text that stands for a case's options, told in the words of the options.
enum QuickCaseError {
    static let place = "command line"

    /// The same error with the option in place of the key, line and column.
    static func inOptions(_ error: CatalogError) -> CatalogError {
        switch error {
        case .invalid(let at, let field, let found, let expected) where at.file == place:
            .invalid(
                at: SourcePlace(file: place), field: options[field] ?? field, found: found,
                expected: expected)
        default: error
        }
    }

    private static let options = [
        "model": "--model", "weight_format": "--weight-format", "cluster.gpu": "--gpu",
        "cluster.nodes": "--gpus", "cluster.gpus_per_node": "--gpus",
        "engine.name": "--engine", "workload.template": "--template",
        "workload.rate_per_s": "--rate", "slo.ttft_ms": "--ttft", "slo.itl_ms": "--itl",
        "slo.attainment_goal": "--attainment", "policy.name": "--policy", "planning.tp": "--tp",
    ]
}
