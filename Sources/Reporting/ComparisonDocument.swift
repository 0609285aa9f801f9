public import CostModeling
public import Planning
public import ServingDomain
public import Simulation

/// Policies side by side as a document: figures of each, and paired differences from the first.
public struct ComparisonDocument: Answer, Sendable {
    private let comparison: PolicyComparison
    private let service: ServiceLevel
    private let provenance: PlanDocument.Provenance
    private let trust: TrustShares
    private let measure: Replications.Measure

    public init(
        _ comparison: PolicyComparison, service: ServiceLevel,
        provenance: PlanDocument.Provenance, trust: TrustShares, measure: Replications.Measure
    ) {
        self.comparison = comparison
        self.service = service
        self.provenance = provenance
        self.trust = trust
        self.measure = measure
    }

    /// The figures that a row of a table shows.
    private var shown: [ServingStatistic] {
        [.latency(.ttft, .p50), .latency(.ttft, .p95), .latency(.itl, .p95)]
            + [.attainment(service.headline)]
    }

    public var value: JSONValue {
        [
            "apiVersion": .string(PlanDocument.apiVersion), "kind": "PolicyComparison",
            "tool_version": .string(provenance.toolVersion),
            "measured_sessions": .string(measure.rawValue),
            "compared_with": JSONValue(comparison.entries.first?.policy.rawValue),
            "policies": .array(comparison.entries.map(entry)),
            "case": provenance.resolvedCase, "assumptions": provenance.assumptionValues,
            "profile": provenance.profile(trust),
            "warnings": .array(provenance.warnings.map(JSONValue.string)),
        ]
    }

    private func entry(_ entry: PolicyComparison.Entry) -> JSONValue {
        var members = report(entry).members
        members["policy"] = .string(entry.policy.rawValue)
        members["layout"] = .string(entry.layout.description)
        members["gpus"] = .integer(entry.layout.gpus.value)
        members["differences"] = .object(
            Dictionary(
                uniqueKeysWithValues: entry.differences.map {
                    ($0.statistic.label, difference($0))
                }))
        return .object(members)
    }

    private func difference(_ difference: PairedDifference) -> JSONValue {
        let unit = difference.statistic.unit
        return [
            "value": unit.value(difference.difference.value),
            "low": unit.value(difference.difference.low),
            "high": unit.value(difference.difference.high),
            "significant": .bool(difference.isSignificant),
            "caution": JSONValue(difference.difference.caution?.rawValue),
        ]
    }

    private func report(_ entry: PolicyComparison.Entry) -> ReportDocument {
        ReportDocument(
            report: entry.report, service: service,
            checks: TargetCheck.all(entry.report, service))
    }

    // MARK: Tables

    /// A row per policy: figures, and below the first their differences with intervals.
    public var table: TextTable { table(of: shown) }

    /// The same with every statistic where it is wide.
    public func text(_ style: TextStyle) -> String {
        table(of: style.isWide ? ServingStatistic.usual : shown).text(style)
    }

    /// The policies with their figures and differences.
    public var lines: [JSONValue] { value["policies"]?.elements ?? [] }

    private func table(of shown: [ServingStatistic]) -> TextTable {
        let base = "vs " + (comparison.entries.first?.policy.rawValue ?? "")
        let figures = shown.flatMap {
            [($0.label, TextTable.Alignment.right), (base, .right)]
        }
        var table = TextTable([("policy", .left), ("layout", .left)] + figures + [("note", .left)])
        for (index, entry) in comparison.entries.enumerated() {
            table.append(
                [entry.policy.rawValue, entry.layout.description]
                    + shown.flatMap { statistic in
                        [
                            cell(statistic, entry),
                            index == 0 ? "" : interval(statistic, entry),
                        ]
                    } + [note(entry)])
        }
        return table
    }

    /// Attainment in overload is that of so many sessions from an empty cluster, and is not to be
    /// held against that of a steady state.
    private func note(_ entry: PolicyComparison.Entry) -> String {
        guard entry.report.isOverloaded else { return "" }
        return "overload" + (entry.report.horizon.map { " (first \($0) sessions)" } ?? "")
    }

    /// A row per policy and statistic, numbers alone.
    public var rows: TextTable {
        var table = TextTable(
            [
                "policy", "layout", "statistic", "value", "difference", "difference_low",
                "difference_high", "significant", "overload",
            ].map { ($0, .left) })
        for entry in comparison.entries {
            for statistic in ServingStatistic.usual {
                let found = entry.differences.first { $0.statistic == statistic }
                let (unit, interval) = (statistic.unit, found?.difference)
                table.append(
                    [
                        entry.policy.rawValue, entry.layout.description, statistic.label,
                        cell(statistic, entry),
                    ]
                        + [interval?.value, interval?.low, interval?.high].map {
                            $0.map { unit.value($0).plainText } ?? ""
                        }
                        + [
                            found.map { String($0.isSignificant) } ?? "",
                            String(entry.report.isOverloaded),
                        ])
            }
        }
        return table
    }

    private func cell(_ statistic: ServingStatistic, _ entry: PolicyComparison.Entry) -> String {
        entry.report.estimate(statistic).map { statistic.unit.value($0.value).plainText } ?? ""
    }

    /// `-3.1 [-4.0, -2.2]`, with a star where the interval leaves zero out.
    private func interval(
        _ statistic: ServingStatistic, _ entry: PolicyComparison.Entry
    ) -> String {
        guard let found = entry.differences.first(where: { $0.statistic == statistic }) else {
            return "-"
        }
        let unit = statistic.unit
        func text(_ value: Double) -> String {
            value.isFinite ? unit.value(value).plainText : "?"
        }
        let difference = found.difference
        return "\(text(difference.value)) [\(text(difference.low)), \(text(difference.high))]"
            + (found.isSignificant ? " *" : "  ")
    }
}

/// How a statistic is written: milliseconds or a share.
enum WrittenUnit {
    case milliseconds
    case share

    func value(_ value: Double) -> JSONValue {
        switch self {
        case .milliseconds: JSONValue(finite: rounded(value / 1e6, 4))
        case .share: JSONValue(finite: rounded(value, 6))
        }
    }
}

extension ServingStatistic {
    var unit: WrittenUnit {
        if case .latency = self { .milliseconds } else { .share }
    }

    /// The name with its unit at the end.
    var label: String {
        if case .latency = self { name + "_ms" } else { name }
    }
}

extension ServingReport {
    /// A figure by its statistic; nil where it was not measured or is withheld.
    fileprivate func estimate(_ statistic: ServingStatistic) -> Estimate? {
        switch statistic {
        case .attainment(let headline): attainment[headline]
        case .latency(let latency, let figure): quantiles(latency)?[figure]
        }
    }

    private func quantiles(_ latency: ServingStatistic.Latency) -> LatencyQuantiles? {
        switch latency {
        case .ttft: ttft
        case .itl: itl
        case .tpot: tpot
        case .endToEnd: endToEnd
        case .memoryWait: memoryWait
        case .transfer: transferTime
        }
    }
}

extension ComparisonDocument {
    static var shape: DocumentShape {
        let difference = DocumentShape.object([
            "value": DocumentShape.number.orNull, "low": DocumentShape.number.orNull,
            "high": DocumentShape.number.orNull,
            "significant": .flag, "caution": .oneOf(Caution.allCases.map(\.rawValue)).orNull,
        ])
        return .object([
            "apiVersion": .apiVersion, "kind": .const("PolicyComparison"), "tool_version": .text,
            "measured_sessions": .measure, "compared_with": DocumentShape.text.orNull,
            "policies": .list(
                .figures([
                    "policy": .text, "layout": .text, "gpus": .positive,
                    "differences": .map(difference),
                ])),
            "case": .anything, "assumptions": DocumentShape(PlanSchema.assumptions),
            "profile": DocumentShape(PlanSchema.profile), "warnings": .list(.text),
        ])
    }
}
