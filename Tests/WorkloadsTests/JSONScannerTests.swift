import Testing

@testable import Workloads

@Suite("JSON out of bytes")
struct JSONScannerTests {
    private func node(_ text: String) throws -> JSONNode {
        let bytes = Array(text.utf8)
        return try JSONNode(bytes, bytes.indices)
    }

    private func fault(_ text: String) -> String {
        do {
            _ = try node(text)
            return "read"
        } catch let fault as JSONFault {
            return "\(fault.place): \(fault.expected)"
        } catch {
            return "\(error)"
        }
    }

    @Test("values of every kind, with white space anywhere")
    func values() throws {
        let root = try node(
            " { \"a\" : [1, -2.5e1 ,true,false,null, \"x\"] ,\r\n\t\"b\":{\"c\":{}}, \"d\":[] } ")
        let list = try #require(root["a"]?.list)
        #expect(list.count == 6)
        guard case .whole(1) = list[0].value, case .number(-25) = list[1].value else {
            Issue.record("numbers")
            return
        }
        #expect(list[2].flag == true && list[3].flag == false && list[5].text == "x")
        guard case .null = list[4] else {
            Issue.record("null")
            return
        }
        #expect(root["b"]?["c"]?.members?.isEmpty == true && root["d"]?.list?.isEmpty == true)
        #expect(root["e"] == nil)
    }

    @Test("numbers as large as they come, and what is none")
    func numbers() throws {
        for (text, value) in [
            ("0", 0), ("-0", 0), ("999999999999999999", 999_999_999_999_999_999),
            ("9223372036854775807", Int.max), ("-9223372036854775808", Int.min),
        ] {
            guard case .whole(value) = try node(text).value else {
                Issue.record("\(text)")
                continue
            }
        }
        guard case .number(let large) = try node("9223372036854775808").value else {
            Issue.record("no number")
            return
        }
        #expect(large == 0x1p63)
        guard case .number(let none) = try node("NaN").value else {
            Issue.record("no number")
            return
        }
        #expect(none.isNaN)
        for text in ["-", "1.", "+1", ".5", "1e", "0x10", "Inf", "1-2", "1 2"] {
            #expect(fault(text) != "read", "\(text)")
        }
    }

    @Test("escapes, pairs of surrogates and halves of them")
    func texts() throws {
        #expect(
            try node(#""a\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00""#).text
                == "a\"\\/\u{8}\u{C}\n\r\té😀")
        #expect(try node(#""\ud83dx\ude00""#).text == "\u{FFFD}x\u{FFFD}")
        #expect(try node(#"{"\u0061": 1}"#)["a"] != nil)
        for text in [#""\x""#, #""\u12""#, #""\u+123""#, #""a"#, #""a\"#] {
            #expect(fault(text) != "read", "\(text)")
        }
    }

    @Test("what is wrong is told with its place")
    func faults() {
        #expect(fault("") == "0: a value")
        #expect(fault("{\"a\" 1}") == "5: a colon behind a name")
        #expect(fault("[1 2]") == "3: a comma or the end of the list")
        #expect(fault("{\"a\": 1") == "7: a comma or the end of the object")
        #expect(fault("{a: 1}") == "1: a text in quotes")
        #expect(fault("[] x") == "3: nothing more")
        #expect(fault("[nul]") == "1: a value")
        let deep = String(repeating: "[", count: 100_000)
        #expect(fault(deep) == "129: at most 128 values in one another")
    }
}
