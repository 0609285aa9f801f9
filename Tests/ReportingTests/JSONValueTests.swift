import Foundation
import Reporting
import Testing
import Yams

@Suite("Documents as JSON")
struct JSONValueTests {
    static let document: JSONValue = [
        "b": [1, 2.5, true, "x/y"], "a": ["z": "", "y": .null], "c": .integer(.max),
        "d": "line\nbreak \"quoted\" é",
    ]

    @Test("keys are in order, slashes are plain, and the text ends in a newline")
    func bytes() throws {
        let text = try Self.document.json()
        #expect(text.hasSuffix("}\n"))
        #expect(text.contains("\"x/y\""))
        let keys = text.matches(of: /\n  "(\w)"/).map { String($0.1) }
        #expect(keys == ["a", "b", "c", "d"])
        #expect(try Self.document.json() == text)
    }

    @Test("what is written is read again")
    func roundTrip() throws {
        let data = Data(try Self.document.json().utf8)
        #expect(try JSONDecoder().decode(JSONValue.self, from: data) == Self.document)
    }

    @Test("infinities and nothing become null: JSON has neither")
    func finite() {
        #expect(JSONValue(finite: .infinity) == .null)
        #expect(JSONValue(finite: .nan) == .null)
        #expect(JSONValue(finite: nil) == .null)
        #expect(JSONValue(finite: 1.5) == 1.5)
        #expect(JSONValue(nil as String?) == .null)
    }

    @Test("a member of anything but an object does not exist")
    func members() {
        #expect(Self.document["a"]?["z"] == "")
        #expect(Self.document["b"]?["z"] == nil)
    }
}

@Suite("Documents as YAML")
struct YAMLTests {
    /// Texts that a plain scalar would turn into something else, in YAML 1.1 or 1.2.
    static let treacherous = [
        "1", "1.5", "-3", "+7", "1e3", ".5", "0x1f", "0o17", "017", "1_000", "12:30:45", ".inf",
        "-.inf", ".nan", "true", "False", "YES", "no", "On", "off", "null", "~", "", " padded ",
        "2026-08-21", "2026-08-21T10:00:00Z", "# no comment", "a: b", "- item", "@at", "*alias",
        "&anchor", "!tag", "{", "[", "%", "|", ">", "'", "\"", "a\nb", "a\tb", "é", "y", "n", "=",
        "<<",
    ]

    @Test("strings that look like something else stay strings", arguments: treacherous)
    func strings(text: String) throws {
        let yaml = try JSONValue.object(["key": .string(text)]).yaml()
        let node = try #require(try Yams.compose(yaml: yaml)?.mapping?["key"]?.scalar)
        #expect(node.string == text, "\(yaml)")
        let value = try Yams.load(yaml: yaml) as? [String: Any]
        #expect(value?["key"] as? String == text, "\(yaml)")
    }

    @Test("keys that look like something else stay strings", arguments: ["1", "true", "null", "~"])
    func keys(text: String) throws {
        let yaml = try JSONValue.object([text: 1]).yaml()
        let value = try Yams.load(yaml: yaml) as? [AnyHashable: Any]
        #expect(value?.keys.first == AnyHashable(text), "\(yaml)")
    }

    @Test("numbers, truth values and null keep their kind")
    func kinds() throws {
        let yaml = try JSONValue.array([1, 2.5, true, .null, .integer(.max)]).yaml()
        let values = try #require(try Yams.load(yaml: yaml) as? [Any])
        #expect(values[0] as? Int == 1)
        #expect(values[1] as? Double == 2.5)
        #expect(values[2] as? Bool == true)
        #expect(values[3] is NSNull)
        #expect(values[4] as? Int == .max)
    }

    @Test("keys are in order whatever order they were given in")
    func order() throws {
        #expect(
            try (["b": 1, "a": ["d": 1, "c": 2]] as JSONValue).yaml()
                == "a:\n  c: 2\n  d: 1\nb: 1\n")
    }
}
