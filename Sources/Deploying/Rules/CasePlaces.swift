import Catalog

extension Rule {
    /// The key of a case file that a finding is about, as far as one is.
    var caseKey: String? {
        switch self {
        case .memory, .heads: "model"
        case .sessionMemory: "kv_format"
        case .degreePairs: "engine.connector"
        case .budget, .nodes: "cluster.nodes"
        case .ttft: "slo.ttft_ms"
        case .itl: "slo.itl_ms"
        case .attainment: "slo.attainment_goal"
        case .stability: "workload.rate_per_s"
        case .links: "cluster.transfer_gbytes_per_s"
        case .staleProfile: "engine.version"
        case .wideInterval: "planning.replications"
        case .capability: "policy.name"
        case .cost: "cluster.usd_per_gpu_hour"
        case .outsideProfile, .poorFit: "cluster.gpu"
        default: nil
        }
    }
}

/// Where the keys of a case file stand.
public struct CasePlaces: Sendable {
    private let document: SourceValue?

    /// - Parameters:
    ///   - bytes: of the file; places are those of a file that can be read.
    ///   - file: its name.
    public init(bytes: [UInt8], file: String) {
        document = try? ManifestText.documents(bytes: bytes, file: file).first
    }

    /// Findings without a place at that of the key which they are about, or of the nearest section above it
    /// that the file has.
    public func placing(_ findings: [Finding]) -> [Finding] {
        findings.map { finding in
            guard finding.place == nil, let key = finding.rule.caseKey, let place = place(of: key)
            else { return finding }
            var placed = finding
            placed.place = place
            placed.key = key
            return placed
        }
    }

    private func place(of key: String) -> SourcePlace? {
        var (value, place) = (document, document?.place)
        for step in key.split(separator: ".") {
            guard let entry = value?.entries?.first(where: { $0.key == step }) else { break }
            (value, place) = (entry.value, entry.place)
        }
        return place
    }
}
