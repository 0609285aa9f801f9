public import Planning
import ServingDomain
import Simulation

/// What settings are worth on a layout, as a document and in words.
public struct TuningDocument: Answer, Sendable {
    private let tuning: Tuning
    private let toolVersion: String

    public init(tuning: Tuning, toolVersion: String) {
        self.tuning = tuning
        self.toolVersion = toolVersion
    }

    private var headline: ServingStatistic {
        .attainment(tuning.planningCase.service.headline)
    }

    public var value: JSONValue {
        [
            "apiVersion": .string(PlanDocument.apiVersion), "kind": "Tuning",
            "tool_version": .string(toolVersion),
            "layout": .string(tuning.layout.description),
            "policy": .string(tuning.planningCase.policy.name.rawValue),
            "seed": .integer(Int(clamping: tuning.planningCase.planning.seed)),
            "sweeps": .array(tuning.sweeps.map(sweep)),
            "confirmation": tuning.confirmation.map(confirmation) ?? .null,
            "changes": .array(
                tuning.changes.map { change in
                    [
                        "key": .string(change.setting.key),
                        "from": .string(change.setting.shown(change.from)),
                        "to": .string(change.setting.shown(change.to)),
                    ]
                }),
            "local_prefill_threshold": threshold,
            "ready_values": .array(
                ready.map { ready in
                    [
                        "system": .string(ready.system), "setting": .string(ready.setting),
                        "value": .string(ready.value),
                    ]
                }),
        ]
    }

    private func sweep(_ sweep: Tuning.Sweep) -> JSONValue {
        [
            "key": .string(sweep.setting.key), "unit": .string(sweep.setting.unit),
            "from": .string(sweep.setting.shown(sweep.before)),
            "best": .string(sweep.setting.shown(sweep.chosen)),
            "values": .array(
                sweep.rows.map { row in
                    [
                        "value": .string(sweep.setting.shown(row.value)),
                        "attainment": JSONValue(finite: row.attainment.map { rounded($0, 6) }),
                        "p95_over_target": JSONValue(finite: rounded(row.pressure, 6)),
                    ]
                }),
        ]
    }

    private func confirmation(_ confirmation: Tuning.Confirmation) -> JSONValue {
        [
            "replications": .integer(confirmation.replications),
            "gain": .bool(confirmation.isGain(headline)),
            "overload_before": .bool(confirmation.before.isOverloaded),
            "overload_after": .bool(confirmation.after.isOverloaded),
            "differences": .object(
                Dictionary(
                    uniqueKeysWithValues: confirmation.differences.map { difference in
                        let unit = difference.statistic.unit
                        return (
                            difference.statistic.label,
                            [
                                "before": unit.value(difference.base),
                                "after": unit.value(difference.other),
                                "value": unit.value(difference.difference.value),
                                "low": unit.value(difference.difference.low),
                                "high": unit.value(difference.difference.high),
                                "significant": .bool(difference.isSignificant),
                            ] as JSONValue
                        )
                    })),
        ]
    }

    private var threshold: JSONValue {
        guard let threshold = tuning.threshold else { return .null }
        return [
            "sweep": sweep(threshold.sweep),
            "confirmation": threshold.confirmation.map(confirmation) ?? .null,
            "tokens": .integer(usefulThreshold ?? 0),
        ]
    }

    /// The threshold that is told to be better than none; nil where none is.
    private var usefulThreshold: Int? {
        guard let threshold = tuning.threshold, let found = threshold.confirmation,
            found.isGain(headline)
        else { return nil }
        return Int(threshold.sweep.chosen)
    }

    /// Values as the systems that have such settings call them.
    private var ready: [(system: String, setting: String, value: String)] {
        var found: [(system: String, setting: String, value: String)] = []
        let engine = tuning.planningCase.engine.name
        let names = [
            "vllm": "--max-num-batched-tokens", "sglang": "--chunked-prefill-size",
            "trtllm": "max_num_tokens",
        ]
        if let name = names[engine],
            let change = tuning.changes.first(where: { $0.setting == .tokenBudget })
        {
            found.append((engine, name, change.setting.shown(change.to)))
        }
        if engine == "vllm",
            let change = tuning.changes.first(where: { $0.setting == .historyRecompute })
        {
            found.append(
                (engine, "kv_recompute_threshold of NixlConnector", change.setting.shown(change.to))
            )
        }
        if tuning.threshold != nil {
            let tokens = usefulThreshold ?? 0
            found.append(("llm-d", "nonCachedTokens of prefix-based-pd-decider", "\(tokens)"))
            found.append(("Dynamo up to 0.4", "max_local_prefill_length", "\(tokens)"))
        }
        return found
    }
}

extension TuningDocument {
    /// Sentences, and a table of everything that was tried.
    public func text(_ style: TextStyle) -> String {
        let layout = "\(tuning.layout), policy \(tuning.planningCase.policy.name.rawValue)"
        return
            ([layout + ": " + outcome] + differences(tuning.confirmation) + thresholdText
            + ready.map { "Ready value for \($0.system): \($0.setting) \($0.value)" } + [""])
            .joined(separator: "\n") + "\n" + table.text(style)
    }

    /// The settings that were swept.
    public var lines: [JSONValue] { value["sweeps"]?.elements ?? [] }

    private var outcome: String {
        let changes = tuning.changes.map { change in
            "\(change.setting.key) \(change.setting.shown(change.to)) "
                + "(instead of \(change.setting.shown(change.from)))"
        }
        guard changes.isEmpty else { return changes.joined(separator: ", ") + "." }
        guard !tuning.sweeps.isEmpty else {
            return "nothing to try: no setting makes a difference to this layout and policy."
        }
        return tuning.confirmation == nil
            ? "no value that was tried is better than the case's."
            : "no setting is told to be better than the case's: what looked best in the sweep is not "
                + "on other sessions."
    }

    private func differences(_ confirmation: Tuning.Confirmation?) -> [String] {
        guard let confirmation else { return [] }
        let count = confirmation.replications
        guard !confirmation.differences.isEmpty else {
            return ["Without a steady state on one side nothing is compared."]
        }
        return confirmation.differences.map { difference in
            let unit = difference.statistic.unit
            let figures = [
                difference.difference.value, difference.difference.low,
                difference.difference.high,
            ].map { shown(unit.value($0)) }
            return "  \(difference.statistic.label): \(shown(unit.value(difference.base))) to "
                + "\(shown(unit.value(difference.other))), by \(figures[0]) [\(figures[1]), "
                + "\(figures[2])] over \(count) pairs of runs on other sessions"
        }
    }

    private func shown(_ value: JSONValue) -> String {
        switch value {
        case .number(let number): "\(rounded(number, 4))"
        case .integer(let number): "\(number)"
        default: "-"
        }
    }

    private var thresholdText: [String] {
        guard let threshold = tuning.threshold else { return [] }
        guard let tokens = usefulThreshold else {
            return ["Routers that keep short prompts on decode workers gain nothing here."]
        }
        return [
            "A router that prefills prompts of up to \(tokens) tokens that are not cached on the decode "
                + "worker is better than one that never does:"
        ] + differences(threshold.confirmation)
    }

    public var table: TextTable {
        var table = TextTable([
            ("setting", .left), ("value", .right), ("unit", .left), ("attainment", .right),
            ("p95_over_target", .right), ("", .left),
        ])
        for sweep in tuning.sweeps + [tuning.threshold?.sweep].compactMap({ $0 }) {
            for row in sweep.rows {
                let marks = [
                    row.value == sweep.before ? "from" : nil,
                    row.value == sweep.chosen ? "best" : nil,
                ]
                table.append([
                    sweep.setting.key, sweep.setting.shown(row.value), sweep.setting.unit,
                    row.attainment.map { "\(rounded($0, 4))" } ?? "overload",
                    row.pressure.isFinite ? "\(rounded(row.pressure, 4))" : "-",
                    marks.compactMap { $0 }.joined(separator: ", "),
                ])
            }
        }
        return table
    }
}

extension TuningDocument {
    static var shape: DocumentShape {
        let figure = DocumentShape.number.orNull
        let sweep = DocumentShape.object([
            "key": .text, "unit": .text, "from": .text, "best": .text,
            "values": .list(
                .object([
                    "value": .text, "attainment": DocumentShape.share.orNull,
                    "p95_over_target": DocumentShape.amount.orNull,
                ])),
        ])
        let confirmation = DocumentShape.object([
            "replications": .count, "gain": .flag, "overload_before": .flag,
            "overload_after": .flag,
            "differences": .map(
                .object([
                    "before": figure, "after": figure, "value": figure, "low": figure,
                    "high": figure, "significant": .flag,
                ])),
        ])
        return .object([
            "apiVersion": .apiVersion, "kind": .const("Tuning"), "tool_version": .text,
            "layout": .text, "policy": .text, "seed": .count, "sweeps": .list(sweep),
            "confirmation": confirmation.orNull,
            "changes": .list(.object(["key": .text, "from": .text, "to": .text])),
            "local_prefill_threshold": DocumentShape.object([
                "sweep": sweep, "confirmation": confirmation.orNull, "tokens": .count,
            ]).orNull,
            "ready_values": .list(
                .object(["system": .text, "setting": .text, "value": .text])),
        ])
    }
}
