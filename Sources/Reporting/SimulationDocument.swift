public import CostModeling
public import ServingDomain

/// One simulated layout as a document of its own.
public struct SimulationDocument: Sendable {
    private let report: ReportDocument
    private let layout: Deployment
    private let provenance: PlanDocument.Provenance
    private let trust: TrustShares

    public init(
        report: ReportDocument, layout: Deployment, provenance: PlanDocument.Provenance,
        trust: TrustShares
    ) {
        self.report = report
        self.layout = layout
        self.provenance = provenance
        self.trust = trust
    }

    public var value: JSONValue {
        var members = report.members
        members["apiVersion"] = .string(PlanDocument.apiVersion)
        members["kind"] = "SimulationResult"
        members["tool_version"] = .string(provenance.toolVersion)
        members["layout"] = .string(layout.description)
        members["gpus"] = .integer(layout.gpus.value)
        members["case"] = provenance.resolvedCase
        members["assumptions"] = provenance.assumptionValues
        members["profile"] = provenance.profile(trust)
        members["warnings"] = .array(provenance.warnings.map(JSONValue.string))
        return .object(members)
    }

    /// One row per figure.
    public var table: TextTable {
        var table = TextTable([
            ("metric", .left), ("p50", .right), ("p95", .right), ("p95_low", .right),
            ("p95_high", .right), ("p99", .right),
        ])
        var latencies = report.members
        if case .object(let jobs)? = report.members["jobs"] {
            latencies["job_completion_ms"] = jobs["completion_ms"]
        }
        for name in [
            "ttft_ms", "itl_ms", "tpot_ms", "e2e_ms", "memory_wait_ms", "transfer_ms",
            "job_completion_ms",
        ] {
            guard case .object(let figures)? = latencies[name] else { continue }
            table.append(
                [name]
                    + ["p50", "p95", "p95_low", "p95_high", "p99"].map {
                        figures[$0]?.plainText ?? ""
                    })
        }
        appendLoad(to: &table)
        for name in ["attainment", "utilisation"] {
            guard case .object(let figures)? = report.members[name] else { continue }
            for key in figures.keys.sorted() {
                table.append(["\(name).\(key)", figures[key]?.plainText ?? ""])
            }
        }
        for name in ["local_prefill_share", "kv_evictions", "sessions_refused", "verdict"] {
            table.append([name, report.members[name]?.plainText ?? ""])
        }
        table.append(["trust", trust.headline.rawValue])
        table.append([
            "extrapolated_share", report.members["extrapolated_share"]?.plainText ?? "",
        ])
        return table
    }

    /// What only some loads have.
    private func appendLoad(to table: inout TextTable) {
        if case .object(let jobs)? = report.members["jobs"],
            case .object(let share)? = jobs["attainment"]
        {
            table.append(["job_attainment", share["value"]?.plainText ?? ""])
        }
        if let rate = report.members["throughput_sessions_per_s"] {
            table.append(["throughput_sessions_per_s", rate.plainText])
        }
    }
}
