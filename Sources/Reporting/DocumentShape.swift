import ServingDomain

/// What values of a document are allowed, as a rule of JSON Schema 2020-12.
package struct DocumentShape: Sendable {
    package let rule: JSONValue

    package init(_ rule: JSONValue) { self.rule = rule }

    package static let text = DocumentShape(["type": "string"])
    package static let number = DocumentShape(["type": "number"])
    package static let flag = DocumentShape(["type": "boolean"])
    /// A whole number that is not negative.
    package static let count = DocumentShape(["type": "integer", "minimum": 0])
    /// A count of at least one.
    package static let positive = DocumentShape(["type": "integer", "minimum": 1])
    /// A number that is not negative.
    package static let amount = DocumentShape(["type": "number", "minimum": 0])
    /// A fraction from 0 to 1.
    package static let share = DocumentShape(["type": "number", "minimum": 0, "maximum": 1])
    package static let verdict = DocumentShape(PlanSchema.verdict)
    package static let trust = oneOf(Trust.allCases.map(\.rawValue))
    package static let apiVersion = const(PlanDocument.apiVersion)
    /// Any object.
    package static let anything = DocumentShape(["type": "object"])

    package static func const(_ word: String) -> DocumentShape {
        DocumentShape(["const": .string(word)])
    }
    package static func oneOf(_ words: [String]) -> DocumentShape {
        DocumentShape(PlanSchema.oneOf(words))
    }
    package static func list(_ items: DocumentShape) -> DocumentShape {
        DocumentShape(PlanSchema.list(items.rule))
    }

    /// A rule of the definitions that every schema with figures of a simulation has.
    package static func defined(_ name: String) -> DocumentShape {
        DocumentShape(["$ref": .string("#/$defs/\(name)")])
    }

    /// An object whose members all have one shape, whatever their names.
    package static func map(_ members: DocumentShape) -> DocumentShape {
        DocumentShape(["type": "object", "additionalProperties": members.rule])
    }

    /// An object with all of these members, and perhaps the optional ones.
    package static func object(
        _ members: [String: DocumentShape], optional: [String: DocumentShape] = [:]
    ) -> DocumentShape {
        DocumentShape(
            PlanSchema.object(members.mapValues(\.rule), optional: optional.mapValues(\.rule)))
    }

    /// The same or null.
    package var orNull: DocumentShape {
        guard case .object(let rules) = rule else { return self }
        if case .string(let type)? = rules["type"] {
            return DocumentShape(rule.with(["type": .array([.string(type), "null"])]))
        }
        if let words = rules["enum"]?.elements {
            return DocumentShape(rule.with(["enum": .array(words + [.null])]))
        }
        return DocumentShape(["oneOf": [rule, ["type": "null"]]])
    }
}
