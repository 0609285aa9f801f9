public import CostModeling
public import ServingDomain
public import Simulation

/// One simulated layout as a document of its own.
public struct SimulationDocument: Answer, Sendable {
    private let report: ReportDocument
    private let layout: Deployment
    private let provenance: PlanDocument.Provenance
    private let trust: TrustShares
    private let measure: Replications.Measure

    public init(
        report: ReportDocument, layout: Deployment, provenance: PlanDocument.Provenance,
        trust: TrustShares, measure: Replications.Measure
    ) {
        self.report = report
        self.layout = layout
        self.provenance = provenance
        self.trust = trust
        self.measure = measure
    }

    public var value: JSONValue {
        var members = report.members
        members["apiVersion"] = .string(PlanDocument.apiVersion)
        members["kind"] = "SimulationResult"
        members["tool_version"] = .string(provenance.toolVersion)
        members["layout"] = .string(layout.description)
        members["measured_sessions"] = .string(measure.rawValue)
        members["gpus"] = .integer(layout.gpus.value)
        members["case"] = provenance.resolvedCase
        members["assumptions"] = provenance.assumptionValues
        members["profile"] = provenance.profile(trust)
        members["precision"] = precisions
        members["warnings"] = .array(provenance.warnings.map(JSONValue.string))
        return .object(members)
    }

    /// One row per figure, with a dash where there is none, such as a P95 in overload.
    public var table: TextTable {
        var table = TextTable([
            ("metric", .left), ("value", .right), ("low", .right), ("high", .right),
            ("caution", .left),
        ])
        var latencies = report.members
        if case .object(let jobs)? = report.members["jobs"] {
            latencies["job_completion_ms"] = jobs["completion_ms"]
        }
        for name in [
            "ttft_ms", "itl_ms", "tpot_ms", "e2e_ms", "memory_wait_ms", "transfer_ms",
            "job_completion_ms",
        ] {
            guard let figures = latencies[name] else { continue }
            for figure in ServingStatistic.Figure.allCases.map(\.rawValue) {
                table.append(
                    ["\(name).\(figure)"]
                        + ["", "_low", "_high"].map { dashed(figures[figure + $0]) }
                        + [figures["cautions"]?[figure]?.plainText ?? ""])
            }
        }
        appendLoad(to: &table)
        table.append(attainment)
        appendTenants(to: &table)
        if case .object(let shares)? = report.members["utilisation"] {
            for key in shares.keys.sorted() {
                table.append(["utilisation.\(key)", shares[key]?.plainText ?? ""])
            }
        }
        for name in [
            "local_prefill_share", "kv_evictions", "sessions_refused", "replications", "overload",
            "verdict",
        ] {
            table.append([name, report.members[name]?.plainText ?? ""])
        }
        for outcome in report.report.precisions {
            table.append([
                "precision.\(outcome.precision.statistic.name)",
                outcome.isReached ? "reached" : "not reached",
            ])
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

    /// Of each tenant the P95s and the attainment of the headline.
    private func appendTenants(to table: inout TextTable) {
        guard case .array(let tenants)? = report.members["tenants"] else { return }
        for tenant in tenants {
            let name = tenant["name"]?.plainText ?? ""
            let place = name.isEmpty ? "without_tenant" : "tenant.\(name)"
            for latency in ["ttft_ms", "itl_ms"] {
                table.append(
                    ["\(place).\(latency).p95"]
                        + ["p95", "p95_low", "p95_high"].map { dashed(tenant[latency]?[$0]) })
            }
            let headline = report.service.headline.rawValue
            let share = tenant["attainment"]?[headline]
            table.append(
                ["\(place).attainment.\(headline)"]
                    + ["value", "low", "high"].map { dashed(share?[$0]) })
        }
    }

    /// The statistics that were asked for, and whether they are known well enough.
    private var precisions: JSONValue {
        .array(
            report.report.precisions.map { outcome in
                let width = outcome.estimate?.relativeHalfWidth
                return [
                    "statistic": .string(outcome.precision.statistic.name),
                    "asked": .number(outcome.precision.relativeHalfWidth),
                    "relative_half_width": JSONValue(finite: width.map { rounded($0, 6) }),
                    "reached": .bool(outcome.isReached),
                ]
            })
    }

    /// The headline; in overload with the horizon that it stands for.
    private var attainment: [String] {
        let figures = report.members["attainment"]
        let horizon = figures?["horizon_sessions"]?.plainText ?? ""
        let name = "attainment." + (figures?["headline"]?.plainText ?? "")
        return [horizon.isEmpty ? name : "\(name) (first \(horizon) sessions)"]
            + ["value", "low", "high"].map { dashed(figures?[$0]) }
            + [figures?["caution"]?.plainText ?? ""]
    }

    private func dashed(_ value: JSONValue?) -> String {
        let text = value?.plainText ?? ""
        return text.isEmpty ? "-" : text
    }
}

extension SimulationDocument {
    static var shape: DocumentShape {
        .figures([
            "apiVersion": .apiVersion, "kind": .const("SimulationResult"), "tool_version": .text,
            "layout": .text, "measured_sessions": .measure, "gpus": .positive,
            "case": .anything, "assumptions": DocumentShape(PlanSchema.assumptions),
            "profile": DocumentShape(PlanSchema.profile), "warnings": .list(.text),
            "precision": .list(
                .object([
                    "statistic": .text, "asked": .amount, "relative_half_width": .amount.orNull,
                    "reached": .flag,
                ])),
        ])
    }
}

extension DocumentShape {
    /// Which sessions count.
    static let measure = oneOf(Replications.Measure.allCases.map(\.rawValue))
}
