import Reporting
import Scheduling
import ServingDomain

/// Every policy with its knobs: a row each for people, the whole of it for machines.
struct PolicyListing: Answer {
    var table: TextTable {
        var table = TextTable(
            [
                ("policy", .left), ("layout", .left), ("knob", .left), ("default", .right),
                ("unit", .left), ("meaning", .left), ("origin", .left),
            ], extra: [("values", .left), ("dispatch", .left), ("local_prefill", .left)])
        for policy in Policies.all {
            let (name, layout) = (policy.name.rawValue, policy.layout.text)
            table.append(
                [name, layout, "", "", "", policy.summary, "", ""]
                    + [policy.dispatch.rawValue, policy.localPrefill?.rawValue ?? "engine's"])
            for knob in policy.knobs { table.append([name, layout] + cells(knob)) }
        }
        for knob in PolicyKnob.common { table.append(["every policy", ""] + cells(knob)) }
        return table
    }

    private func cells(_ knob: PolicyKnob) -> [String] {
        [
            knob.key, knob.shown(knob.standard).plainText, knob.unit, knob.meaning, knob.origin,
            knob.allowedText,
        ]
    }

    var value: JSONValue {
        .array(
            Policies.all.map { policy in
                [
                    "name": .string(policy.name.rawValue), "summary": .string(policy.summary),
                    "layout": .string(policy.layout.text),
                    "dispatch": .string(policy.dispatch.rawValue),
                    "local_prefill": JSONValue(policy.localPrefill?.rawValue),
                    "uses_table": .bool(policy.usesTable),
                    "knobs": .array((policy.knobs + PolicyKnob.common).map(\.value)),
                ]
            })
    }
}

extension PolicyKnob {
    fileprivate var value: JSONValue {
        [
            "key": .string(key), "default": shown(standard), "values": allowed,
            "unit": .string(unit), "meaning": .string(meaning), "origin": .string(origin),
        ]
    }

    /// A setting as a case file writes it.
    fileprivate func shown(_ setting: Double) -> JSONValue {
        switch values {
        case .number: .number(setting)
        case .whole: .integer(Int(setting))
        case .choice(let words): .string(words[Int(setting)])
        }
    }

    /// The values that it takes, in words.
    fileprivate var allowedText: String {
        switch values {
        case .number(let range, let isOpen):
            "\(isOpen ? "above" : "from") \(range.lowerBound) to \(range.upperBound)"
        case .whole(let range): "from \(range.lowerBound) to \(range.upperBound)"
        case .choice(let words): words.joined(separator: ", ")
        }
    }

    private var allowed: JSONValue {
        switch values {
        case .number(let range, let isOpen):
            [
                isOpen ? "above" : "from": .number(range.lowerBound),
                "to": .number(range.upperBound),
            ]
        case .whole(let range):
            ["from": .integer(range.lowerBound), "to": .integer(range.upperBound)]
        case .choice(let words): .array(words.map(JSONValue.string))
        }
    }
}

extension PolicyDefinition.Layout {
    fileprivate var text: String {
        switch self {
        case .disaggregated: "disaggregated"
        case .colocated: "colocated"
        }
    }
}

extension PolicyListing {
    static var shape: DocumentShape {
        let range = DocumentShape.object(
            ["to": .number], optional: ["from": .number, "above": .number])
        return .list(
            .object([
                "name": .text, "summary": .text, "layout": .oneOf(["disaggregated", "colocated"]),
                "dispatch": .text, "local_prefill": DocumentShape.text.orNull, "uses_table": .flag,
                "knobs": .list(
                    .object([
                        "key": .text,
                        "default": DocumentShape(["type": ["number", "string"]]),
                        "values": DocumentShape([
                            "oneOf": [range.rule, DocumentShape.list(.text).rule]
                        ]),
                        "unit": .text, "meaning": .text, "origin": .text,
                    ])),
            ]))
    }
}
