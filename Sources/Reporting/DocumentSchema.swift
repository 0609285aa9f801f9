import CostModeling

/// The JSON Schema (2020-12) of a document that the tool reads or writes.
public struct DocumentSchema: Sendable {
    /// As `schema NAME` has it.
    public let name: String
    /// What the document is and which command has to do with it, in one line.
    public let summary: String
    private let shape: DocumentShape

    package init(_ name: String, _ summary: String, _ shape: DocumentShape) {
        self.name = name
        self.summary = summary
        self.shape = shape
    }

    /// The schema as a document.
    public var json: String {
        get throws {
            var members: [String: JSONValue] = [
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "$id": .string("https://ampd-plan.invalid/schema/v1/\(name).json"),
                "title": .string(summary),
            ]
            let text = try shape.rule.json()
            let used = PlanSchema.used(in: text)
            if !used.isEmpty { members["$defs"] = .object(used) }
            return try shape.rule.with(members).json()
        }
    }

    /// Those of answers and files; the schemas of cases and plans have places of their own.
    public static let all: [DocumentSchema] =
        simulations + layouts + workloads + profiles + measurements

    private static let simulations = [
        DocumentSchema(
            "simulation", "Figures of one layout, as simulate writes them.",
            SimulationDocument.shape),
        DocumentSchema(
            "comparison", "Policies side by side, as simulate --compare-policies writes them.",
            ComparisonDocument.shape),
        DocumentSchema(
            "round", "A line of simulate --rounds-out FILE.jsonl: one simulated round.",
            RoundListing.shape),
        DocumentSchema(
            "trace-events", "A run for trace viewers, as simulate --trace-out writes it.",
            TraceEventDocument.shape),
        DocumentSchema(
            "policy-table", "Latencies that ppd decides by: policy-table writes, cases name it.",
            PolicyTableDocument.shape),
    ]

    private static let layouts = [
        DocumentSchema(
            "check", "What cases, plans and manifests pass and fail, as check writes it.",
            CheckDocument.shape),
        DocumentSchema(
            "rules", "The rules of check, as list rules writes them.", RuleListing.shape),
        DocumentSchema(
            "export", "Which manifests and scripts were written, as export writes it.",
            ExportListing.shape),
        DocumentSchema(
            "explanation", "Why a layout was chosen, as explain writes it.",
            ExplanationDocument.shape),
        DocumentSchema(
            "plan-comparison", "Two plans side by side, as compare writes them.", PlanPair.shape),
        DocumentSchema(
            "measured-comparison", "A plan beside measurements, as compare --measured writes it.",
            MeasuredComparison.shape),
        DocumentSchema(
            "tuning", "What settings gain on a layout, as tune writes it.", TuningDocument.shape),
        DocumentSchema(
            "rates", "GPUs against load, as plan --rates writes it.", RateSweepDocument.shape),
    ]

    private static let workloads = [
        DocumentSchema(
            "session", "A line of sessions in our own JSONL, which workload writes and cases name.",
            SessionLines.shape),
        DocumentSchema(
            "workload-description", "What a trace is like, as workload describe writes it.",
            WorkloadDescription.shape),
        DocumentSchema(
            "workload-import", "What a trace became, as workload import, slice and scale write it.",
            ImportedSessions.shape),
        DocumentSchema(
            "workload-fit", "Laws of a trace, as workload fit writes them.",
            WorkloadFitDocument.shape),
        DocumentSchema(
            "workload-synth", "Sessions that were drawn, as workload synth writes it.",
            DrawnSessions.shape),
        DocumentSchema(
            "workload-mix", "Sessions of tenants, as workload mix writes it.",
            MixedSessions.shape),
        DocumentSchema(
            "workload-check", "Which workload files can be used, as workload validate writes it.",
            WorkloadCheckListing.shape),
    ]

    private static let profiles = [
        DocumentSchema(
            "profile-cost", "Step times of a model, as profile cost writes them.",
            CostListing.shape),
        DocumentSchema(
            "profile-coverage", "Which operators are measured, as profile coverage writes it.",
            CoverageListing.shape),
        DocumentSchema(
            "profile-operators", "Operators of a step, as profile operators writes them.",
            OperatorListing.shape),
        DocumentSchema(
            "profile-fit", "How good a fit is, as profile fit writes it.", FitListing.shape),
        DocumentSchema(
            "curves", "Fitted curves, as profile fit --output writes them: fit.json of a GPU.",
            FitFile.shape),
        DocumentSchema(
            "profile-scale", "Errors of carried-over timings, as profile scale --compare writes.",
            ScalingListing.shape),
    ]

    private static let measurements = [
        DocumentSchema(
            "validation", "Predictions beside measurements, as validate writes it.",
            ValidationDocument.shape),
        DocumentSchema(
            "request-validation", "A log beside its simulation, as validate --requests writes it.",
            RequestValidationDocument.shape),
        DocumentSchema(
            "calibrations", "Constants of engines, as calibrate writes them.",
            CalibrationTable.shape),
    ]
}
