import ServingDomain

/// What values of a document are allowed, as a rule of JSON Schema 2020-12.
package struct Shape: Sendable {
    package let rule: JSONValue

    package init(_ rule: JSONValue) { self.rule = rule }

    package static let text = Shape(["type": "string"])
    package static let number = Shape(["type": "number"])
    package static let flag = Shape(["type": "boolean"])
    /// A whole number that is not negative.
    package static let count = Shape(["type": "integer", "minimum": 0])
    /// A count of at least one.
    package static let positive = Shape(["type": "integer", "minimum": 1])
    /// A number that is not negative.
    package static let amount = Shape(["type": "number", "minimum": 0])
    /// A fraction from 0 to 1.
    package static let share = Shape(["type": "number", "minimum": 0, "maximum": 1])
    package static let verdict = Shape(PlanSchema.verdict)
    package static let trust = oneOf(Trust.allCases.map(\.rawValue))
    package static let apiVersion = const(PlanDocument.apiVersion)
    /// Any object.
    package static let anything = Shape(["type": "object"])

    package static func const(_ word: String) -> Shape { Shape(["const": .string(word)]) }
    package static func oneOf(_ words: [String]) -> Shape { Shape(PlanSchema.oneOf(words)) }
    package static func list(_ items: Shape) -> Shape { Shape(PlanSchema.list(items.rule)) }

    /// A rule of the definitions that every schema with figures of a simulation has.
    package static func defined(_ name: String) -> Shape {
        Shape(["$ref": .string("#/$defs/\(name)")])
    }

    /// An object whose members all have one shape, whatever their names.
    package static func map(_ members: Shape) -> Shape {
        Shape(["type": "object", "additionalProperties": members.rule])
    }

    /// An object with all of these members, and perhaps the optional ones.
    package static func object(
        _ members: [String: Shape], optional: [String: Shape] = [:]
    ) -> Shape {
        Shape(
            PlanSchema.object(members.mapValues(\.rule), optional: optional.mapValues(\.rule)))
    }

    /// The same or null.
    package var orNull: Shape {
        guard case .object(let rules) = rule else { return self }
        if case .string(let type)? = rules["type"] {
            return Shape(rule.with(["type": .array([.string(type), "null"])]))
        }
        if let words = rules["enum"]?.elements {
            return Shape(rule.with(["enum": .array(words + [.null])]))
        }
        return Shape(["oneOf": [rule, ["type": "null"]]])
    }
}
