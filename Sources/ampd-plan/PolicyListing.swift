import Reporting
import Scheduling
import ServingDomain

/// Every policy with its knobs: a row each for people, the whole of it for machines.
enum PolicyListing {
    static var table: TextTable {
        var table = TextTable([
            ("policy", .left), ("layout", .left), ("knob", .left), ("default", .right),
            ("unit", .left), ("meaning", .left), ("origin", .left),
        ])
        for policy in Policies.all {
            let (name, layout) = (policy.name.rawValue, policy.layout.text)
            table.append([name, layout, "", "", "", policy.summary])
            for knob in policy.knobs { table.append([name, layout] + cells(knob)) }
        }
        for knob in PolicyKnob.common { table.append(["every policy", ""] + cells(knob)) }
        return table
    }

    private static func cells(_ knob: PolicyKnob) -> [String] {
        [knob.key, knob.shown(knob.standard).plainText, knob.unit, knob.meaning, knob.origin]
    }

    static var value: JSONValue {
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
