public import CostModeling
public import Planning
import ServingDomain
import Simulation

/// Why a layout was chosen, as a document and in words.
public struct ExplanationDocument: Answer, Sendable {
    let explanation: PlanExplanation
    private let toolVersion: String
    private let trust: TrustShares

    public init(explanation: PlanExplanation, toolVersion: String, trust: TrustShares) {
        self.explanation = explanation
        self.toolVersion = toolVersion
        self.trust = trust
    }

    public var value: JSONValue {
        [
            "apiVersion": .string(PlanDocument.apiVersion), "kind": "PlanExplanation",
            "tool_version": .string(toolVersion), "trust": .string(trust.headline.rawValue),
            "rate_per_s": rate(explanation.planningCase.workload.rate),
            "chosen": layout(explanation.chosen),
            "colocated": explanation.colocated.map(layout) ?? .null,
            "others": .array(explanation.others.map(layout)),
            "headroom": explanation.headroom.map(headroom) ?? .null,
            "stresses": .array(explanation.stresses.map(stress)),
            "bottleneck": JSONValue(explanation.bottleneck?.rawValue),
            "one_more_worker": .array(
                explanation.values.map { value in
                    [
                        "phase": JSONValue(value.phase?.rawValue),
                        "layout": .string(value.deployment.description),
                        "headroom": headroom(value.headroom),
                        "rate_per_s_per_gpu": JSONValue(
                            finite: value.ratePerGPU.map { rounded($0, 6) }),
                    ]
                }),
        ]
    }

    private func layout(_ layout: LayoutComparison) -> JSONValue {
        var members: [String: JSONValue] = [
            "layout": .string(layout.deployment.description),
            "gpus": .integer(layout.deployment.gpus.value),
            "obstacles": .array(layout.obstacles.map(JSONValue.string)),
            "verdict": .string(layout.verdict.rawValue),
            "attainment_difference": PlanDocument.difference(layout.gap?.difference),
        ]
        members.merge(figures(layout.report, layout.checks)) { $1 }
        return .object(members)
    }

    /// What was simulated; nothing of a layout that cannot run.
    private func figures(
        _ report: ServingReport?, _ checks: [TargetCheck]
    ) -> [String: JSONValue] {
        guard let report else { return [:] }
        return ReportDocument(
            report: report, service: explanation.planningCase.service, checks: checks
        ).members
    }

    private func stress(_ outcome: StressOutcome) -> JSONValue {
        var members: [String: JSONValue] = [
            "stress": .string(outcome.stress.rawValue),
            "layout": JSONValue(outcome.deployment?.description),
            "verdict": .string(outcome.verdict.rawValue),
        ]
        if outcome.stress == .slowerSteps {
            members["prefill_factor"] = .number(rounded(explanation.slowness.prefill, 4))
            members["decode_factor"] = .number(rounded(explanation.slowness.decode, 4))
        }
        members.merge(figures(outcome.report, outcome.checks)) { $1 }
        return .object(members)
    }

    private func headroom(_ headroom: Headroom) -> JSONValue {
        [
            "rate_per_s": headroom.rate.map(rate) ?? .null,
            "missed_rate_per_s": headroom.missedRate.map(rate) ?? .null,
            "missed": .array(headroom.missed.map { .string($0.target.rawValue + $0.ofTenant) }),
        ]
    }

    private func rate(_ rate: Rate) -> JSONValue {
        JSONValue(
            finite: rate.sessionsPerSecond.isFinite ? rounded(rate.sessionsPerSecond, 9) : nil)
    }

    /// The layouts, each with its role.
    public var lines: [JSONValue] {
        func line(_ role: String, _ comparison: LayoutComparison) -> JSONValue {
            layout(comparison).with(["role": .string(role)])
        }
        return [line("chosen", explanation.chosen)]
            + (explanation.colocated.map { [line("colocated", $0)] } ?? [])
            + explanation.others.map { line("other", $0) }
    }

    /// One row for each layout.
    public var table: TextTable {
        var table = TextTable([
            ("role", .left), ("layout", .left), ("gpus", .right), ("verdict", .left),
            ("attainment", .right), ("attainment_difference", .right), ("ttft_p95_ms", .right),
            ("itl_p95_ms", .right), ("obstacles", .left),
        ])
        let colocated = explanation.colocated.map { [("colocated", $0)] } ?? []
        let all =
            [("chosen", explanation.chosen)] + colocated + explanation.others.map { ("other", $0) }
        for (role, layout) in all {
            func figure(_ value: Double?, _ places: Int) -> String {
                value.map { "\(rounded($0, places))" } ?? ""
            }
            let attained = layout.report?.attainment[explanation.planningCase.service.headline]
            table.append([
                role, layout.deployment.description, layout.deployment.gpus.description,
                layout.verdict.rawValue, figure(attained?.value, 4),
                figure(layout.gap?.difference.value, 6),
                figure(layout.report?.ttft.map { $0.p95.value / 1e6 }, 3),
                figure(layout.report?.itl.map { $0.p95.value / 1e6 }, 3),
                layout.obstacles.joined(separator: "; "),
            ])
        }
        return table
    }
}

extension ExplanationDocument {
    static var shape: DocumentShape {
        let rate = DocumentShape.amount.orNull
        let headroom = DocumentShape.object([
            "rate_per_s": rate, "missed_rate_per_s": rate, "missed": .list(.text),
        ])
        let layout = DocumentShape.figuresPerhaps(
            [
                "layout": .text, "gpus": .positive, "obstacles": .list(.text),
                "verdict": .verdict, "attainment_difference": DocumentShape(PlanSchema.difference),
            ], optional: [:])
        let stress = DocumentShape.figuresPerhaps(
            [
                "stress": .oneOf(Stress.allCases.map(\.rawValue)),
                "layout": DocumentShape.text.orNull,
                "verdict": .verdict,
            ], optional: ["prefill_factor": .amount, "decode_factor": .amount])
        return .object([
            "apiVersion": .apiVersion, "kind": .const("PlanExplanation"), "tool_version": .text,
            "trust": .trust, "rate_per_s": rate, "chosen": layout, "colocated": layout.orNull,
            "others": .list(layout), "headroom": headroom.orNull, "stresses": .list(stress),
            "bottleneck": .oneOf(Bottleneck.allCases.map(\.rawValue)).orNull,
            "one_more_worker": .list(
                .object([
                    "phase": .oneOf(Phase.allCases.map(\.rawValue)).orNull, "layout": .text,
                    "headroom": headroom, "rate_per_s_per_gpu": DocumentShape.number.orNull,
                ])),
        ])
    }
}
