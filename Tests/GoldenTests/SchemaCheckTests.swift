import Foundation
import Testing

@Suite("The schema check itself")
struct SchemaCheckTests {
    private func faults(_ document: String, _ schema: String) throws -> [String] {
        try SchemaCheck(root: JSON(Data(schema.utf8))).faults(JSON(Data(document.utf8)))
    }

    private static let schema = """
        {"type": "object", "required": ["a"], "additionalProperties": false, "properties": {
            "a": {"$ref": "#/$defs/share"}, "b": {"enum": ["x", "y"]}, "c": {"const": 3},
            "d": {"type": "array", "items": {"type": ["integer", "null"]}},
            "e": {"propertyNames": {"enum": ["p"]}, "additionalProperties": {"type": "boolean"}},
            "f": {"type": "object", "minProperties": 1},
            "g": {"oneOf": [{"type": "number"}, {"const": 1}, {"type": "string"}]},
            "h": {"minItems": 1, "maxItems": 2, "uniqueItems": true},
            "i": {"minLength": 1, "maxLength": 2, "pattern": "^a"},
            "j": {"exclusiveMinimum": 0}, "k": {"anyOf": [{"const": 1}, {"type": "integer"}]}},
         "$defs": {"share": {"type": "number", "minimum": 0, "maximum": 1}}}
        """

    @Test(
        "a valid document has no faults",
        arguments: [
            #"{"a": 0}"#, #"{"a": 1, "f": {"x": 1}, "g": 2}"#, #"{"a": 1, "g": "1"}"#,
            #"{"a": 1, "b": "y", "c": 3, "d": [1, null], "e": {"p": true}}"#,
            #"{"a": 1, "h": [1, 2], "i": "ab", "j": 0.1, "k": 1}"#,
        ])
    func valid(document: String) throws {
        #expect(try faults(document, Self.schema) == [])
    }

    @Test(
        "every keyword finds its fault",
        arguments: [
            #"[]"#, #"{}"#, #"{"a": 1.1}"#, #"{"a": -1}"#, #"{"a": "1"}"#, #"{"a": 1, "b": "z"}"#,
            #"{"a": 1, "c": 4}"#, #"{"a": 1, "d": [1.5]}"#, #"{"a": 1, "e": {"q": true}}"#,
            #"{"a": 1, "e": {"p": 1}}"#, #"{"a": 1, "z": 1}"#, #"{"a": 1, "h": []}"#,
            #"{"a": 1, "h": [1, 2, 3]}"#, #"{"a": 1, "h": [1, 1]}"#, #"{"a": 1, "i": "abc"}"#,
            #"{"a": 1, "i": "b"}"#, #"{"a": 1, "j": 0}"#, #"{"a": 1, "k": "x"}"#,
            #"{"a": 1, "f": {}}"#,
            #"{"a": 1, "g": 1}"#, #"{"a": 1, "g": true}"#,
        ])
    func invalid(document: String) throws {
        #expect(try faults(document, Self.schema).count == 1)
    }

    @Test("a keyword that the check does not know is a fault")
    func unknownKeyword() throws {
        #expect(try faults("1", #"{"multipleOf": 2}"#) == ["$: keyword multipleOf unknown"])
    }

    @Test("documents are compared with a tolerance on numbers alone")
    func comparison() throws {
        func differences(_ left: String, _ right: String) throws -> Int {
            try JSON(Data(left.utf8)).differences(from: JSON(Data(right.utf8)), tolerance: 1e-6)
                .count
        }
        #expect(try differences(#"{"a": [1000000]}"#, #"{"a": [1000000.5]}"#) == 0)
        #expect(try differences(#"{"a": [1000000]}"#, #"{"a": [1000002]}"#) == 1)
        #expect(try differences(#"{"a": 1}"#, #"{"b": 1}"#) == 2)
        #expect(try differences("[1]", "[1, 2]") == 1)
        #expect(try differences("[true]", "[1]") == 1)
        #expect(try differences(#"["x"]"#, #"["y"]"#) == 1)
    }
}
