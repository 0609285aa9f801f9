import Catalog
import ServingDomain

/// A case that is nothing but the platform of something measured.
///
/// Load, targets and policy are replaced before anything is simulated.
struct PlatformCase {
    let model: ModelSpec
    let formats: NumberFormats
    let hardware: HardwareSpec
    /// What is said of the engine, as `key: value`.
    let engine: [String]

    var text: String {
        """
        apiVersion: ampd-plan/v1
        kind: Case
        name: measured
        model: \(model.name)
        weight_format: \(formats.weights.rawValue)
        kv_format: \(formats.kvCache.rawValue)
        cluster: {gpu: \(hardware.name), nodes: 1}
        engine: {\(engine.joined(separator: ", "))}
        workload: {template: chat, rate_per_s: 1}
        slo: {ttft_ms: 1000, itl_ms: 100}

        """
    }
}

extension CatalogError {
    /// A fault of a case that was made of something else, by the names that stand there; other faults as they are.
    func renamed(_ names: [String: String], at place: SourcePlace) -> Self {
        guard case .invalid(_, let field, let found, let expected) = self, let name = names[field]
        else { return self }
        return .invalid(at: place, field: name, found: found, expected: expected)
    }
}
