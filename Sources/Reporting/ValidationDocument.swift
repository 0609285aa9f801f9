import ServingDomain
public import Validating

/// Predictions beside measurements as a document: figures of all rows, of each group, and the rows.
public struct ValidationDocument: Answer, Sendable {
    private let validation: Validation
    private let split: SplitValidation?
    private let costSources: [String]
    private let seed: UInt64
    private let toolVersion: String

    /// A validation of engines as they are.
    public init(
        _ validation: Validation, costSources: [String], seed: UInt64, toolVersion: String
    ) {
        self.validation = validation
        split = nil
        self.costSources = costSources
        self.seed = seed
        self.toolVersion = toolVersion
    }

    /// A validation of groups by constants that were fitted to the others.
    public init(
        _ split: SplitValidation, costSources: [String], seed: UInt64, toolVersion: String
    ) {
        validation = split.validation
        self.split = split
        self.costSources = costSources
        self.seed = seed
        self.toolVersion = toolVersion
    }

    /// Where the costs came from.
    var costs: [String] { costSources }

    /// Rows with predictions, in the order of the file.
    var predictedRows: [PredictedRow] { validation.predicted }

    /// Whether any row was predicted.
    public var hasPredictions: Bool { !predictedRows.isEmpty }

    public var value: JSONValue {
        var overall = score(validation.overall)
        overall["groups"] = .integer(validation.groups.count)
        return [
            "apiVersion": .string(PlanDocument.apiVersion), "kind": "Validation",
            "tool_version": .string(toolVersion), "seed": .integer(Int(seed)),
            "split_by": split == nil ? .null : "group",
            "revealed": .array((split?.revealed ?? []).map(JSONValue.string)),
            "engines": .array(
                (split?.engines ?? []).map { engine, fit in
                    ["engine": .string(engine), "constants": constants(fit)]
                }),
            "costs": .array(costSources.map(JSONValue.string)),
            "overall": .object(overall),
            "groups": .array(
                validation.groups.map { group in
                    var members = score(validation.score(of: group))
                    members["group"] = .string(group)
                    if let fit = split?.fits.first(where: { $0.group == group })?.fit {
                        members["constants"] = constants(fit)
                    }
                    return .object(members)
                }),
            "rows": .array(inFileOrder.map(\.value)),
        ]
    }

    private func score(_ score: Validation.Score) -> [String: JSONValue] {
        let (ttft, tpot) = (score.errors?.ttft, score.errors?.tpot)
        return [
            "rows": .integer(score.rows), "predicted": .integer(score.predicted),
            "refused": .integer(score.rows - score.predicted),
            "ttft_median_abs_error": figure(ttft?.median),
            "ttft_mean_abs_error": figure(ttft?.mean), "ttft_p90_abs_error": figure(ttft?.p90),
            "ttft_median_error": figure(ttft?.bias), "ttft_p90_factor": figure(ttft?.p90Factor),
            "tpot_median_abs_error": figure(tpot?.median),
            "tpot_mean_abs_error": figure(tpot?.mean), "tpot_p90_abs_error": figure(tpot?.p90),
            "tpot_median_error": figure(tpot?.bias), "tpot_p90_factor": figure(tpot?.p90Factor),
            "both_within_25pct_share": figure(score.errors?.bothClose),
            "ttft_interval_coverage": figure(score.coverage?.ttft),
            "tpot_interval_coverage": figure(score.coverage?.tpot),
            "spearman_ttft": figure(score.ttftCorrelation),
            "spearman_tpot": figure(score.tpotCorrelation),
            "layout_decisions": .integer(score.decisions.asked),
            "layout_optimal_share": figure(score.decisions.optimalShare),
            "layout_missed_share": figure(score.decisions.missedShare),
            "layout_unanswered_share": figure(score.decisions.unansweredShare),
            "layout_mean_loss": figure(score.decisions.meanLoss),
        ]
    }

    private func constants(_ fit: SplitValidation.Fit) -> JSONValue {
        var members = named(fit.constants)
        members["fitted_to"] = .array(fit.groups.map(JSONValue.string))
        members["of_other_engines"] = .bool(fit.isOfOthers)
        members["builds"] = .array(
            fit.builds.sorted { $0.key < $1.key }.map { version, constants in
                .object(
                    named(constants).merging(["engine_version": .string(version.description)]) {
                        $1
                    })
            })
        return .object(members)
    }

    private func named(_ constants: EngineConstants) -> [String: JSONValue] {
        Dictionary(
            uniqueKeysWithValues: EngineConstant.allCases.map {
                ($0.name, .number(rounded(constants[$0], 3)))
            })
    }

    /// What groups were predicted with, and what all groups of an engine say, in words.
    public var constants: [String] {
        let groups = (split?.fits ?? []).flatMap { group, fit in
            [
                "\(group): \(words(fit.constants)), from \(fit.groups.count) other groups "
                    + (fit.isOfOthers ? "of other engines" : "of the engine")
                    + (split?.revealed.isEmpty == false ? " and revealed rows" : "")
            ]
                + fit.builds.sorted { $0.key < $1.key }.map { version, constants in
                    "\(group), version \(version): \(words(constants)), from revealed rows"
                }
        }
        let engines = (split?.engines ?? []).map { engine, fit in
            "\(engine): \(words(fit.constants)), from all \(fit.groups.count) groups"
        }
        return groups + engines
    }

    private func words(_ constants: EngineConstants) -> String {
        EngineConstant.allCases.map { "\($0.name) \(rounded(constants[$0], 3))" }
            .joined(separator: ", ")
    }

    /// The rows of the file.
    public var lines: [JSONValue] { value["rows"]?.elements ?? [] }

    /// One line per group and one for all.
    public var table: TextTable {
        var table = TextTable(
            [
                ("group", .left), ("rows", .right), ("predicted", .right), ("ttft_median", .right),
                ("ttft_p90", .right), ("ttft_bias", .right), ("tpot_median", .right),
                ("tpot_p90", .right), ("tpot_bias", .right), ("both<25%", .right),
                ("spearman_ttft", .right), ("spearman_tpot", .right), ("layout_optimal", .right),
                ("layout_missed", .right), ("layout_loss", .right),
            ],
            extra: [
                ("ttft_mean", .right), ("ttft_p90_factor", .right), ("ttft_covered", .right),
                ("tpot_mean", .right), ("tpot_p90_factor", .right), ("tpot_covered", .right),
                ("layout_decisions", .right), ("layout_unanswered", .right),
            ])
        for group in validation.groups {
            table.append([group] + cells(validation.score(of: group)))
        }
        table.append(["all"] + cells(validation.overall))
        return table
    }

    private func cells(_ score: Validation.Score) -> [String] {
        let (ttft, tpot) = (score.errors?.ttft, score.errors?.tpot)
        return [
            String(score.rows), String(score.predicted), percent(ttft?.median),
            percent(ttft?.p90), percent(ttft?.bias), percent(tpot?.median), percent(tpot?.p90),
            percent(tpot?.bias), percent(score.errors?.bothClose),
            number(score.ttftCorrelation), number(score.tpotCorrelation),
            percent(score.decisions.optimalShare), percent(score.decisions.missedShare),
            percent(score.decisions.meanLoss),
            percent(ttft?.mean), number(ttft?.p90Factor), percent(score.coverage?.ttft),
            percent(tpot?.mean), number(tpot?.p90Factor), percent(score.coverage?.tpot),
            String(score.decisions.asked), percent(score.decisions.unansweredShare),
        ]
    }

    /// A line for every row of the file, in its order.
    public var rows: TextTable {
        var table = TextTable([
            ("id", .left), ("group", .left), ("measured_ttft_ms", .right),
            ("predicted_ttft_ms", .right), ("measured_tpot_ms", .right),
            ("predicted_tpot_ms", .right), ("refused", .left),
        ])
        for line in inFileOrder {
            switch line {
            case .predicted(let row):
                table.append([
                    row.row.id, row.row.group, "\(row.row.measured.ttft)",
                    "\(rounded(row.predicted.ttft, 3))", "\(row.row.measured.tpot)",
                    "\(rounded(row.predicted.tpot, 4))",
                ])
            case .refused(let row):
                table.append([row.id, row.group, "", "", "", "", row.reason])
            }
        }
        return table
    }

    /// Reasons of refusals with how often each was given, in the order of the file.
    public var refusals: [String] {
        var counts: [String: Int] = [:]
        var order: [String] = []
        for row in validation.refused {
            if counts[row.reason] == nil { order.append(row.reason) }
            counts[row.reason, default: 0] += 1
        }
        return order.map { "\(counts[$0] ?? 0) rows: \($0)" }
    }

    private enum Line {
        case predicted(PredictedRow)
        case refused(RefusedRow)

        var place: Int {
            switch self {
            case .predicted(let row): row.row.line
            case .refused(let row): row.line
            }
        }

        var value: JSONValue {
            switch self {
            case .predicted(let row): .object(ValidationDocument.members(row))
            case .refused(let row):
                [
                    "id": .string(row.id), "group": .string(row.group),
                    "refused": .string(row.reason),
                ]
            }
        }
    }

    private static func members(_ row: PredictedRow) -> [String: JSONValue] {
        var members: [String: JSONValue] = [
            "id": .string(row.row.id), "group": .string(row.row.group),
            "measured_ttft_ms": .number(row.row.measured.ttft),
            "measured_tpot_ms": .number(row.row.measured.tpot),
            "predicted_ttft_ms": .number(rounded(row.predicted.ttft, 3)),
            "predicted_tpot_ms": .number(rounded(row.predicted.tpot, 4)),
        ]
        if let engine = row.engine { members.merge(settings(engine)) { own, _ in own } }
        members.merge(layout(row.row.layout)) { own, _ in own }
        if let format = row.kvFormat { members["kv_cache_dtype"] = .string(format.rawValue) }
        if let format = row.mxfp4Activations {
            members["mxfp4_activations"] = .string(format.rawValue)
        }
        if let interval = row.interval {
            func ends(_ value: Double, _ factor: Double, _ digits: Int) -> JSONValue {
                .array([
                    .number(rounded(value / factor, digits)),
                    .number(rounded(value * factor, digits)),
                ])
            }
            members["ttft_interval_ms"] = ends(row.predicted.ttft, interval.ttftFactor, 3)
            members["tpot_interval_ms"] = ends(row.predicted.tpot, interval.tpotFactor, 4)
        }
        return members
    }

    private var inFileOrder: [Line] {
        (validation.predicted.map(Line.predicted) + validation.refused.map(Line.refused))
            .sorted { $0.place < $1.place }
    }

    private func figure(_ value: Double?) -> JSONValue {
        JSONValue(finite: value.map { rounded($0, 4) })
    }

    private func percent(_ value: Double?) -> String {
        value.map { "\(rounded(100 * $0, 1)) %" } ?? "-"
    }

    private func number(_ value: Double?) -> String {
        value.map { "\(rounded($0, 3))" } ?? "-"
    }
}
