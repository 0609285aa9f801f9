import ChildProcesses
import Foundation
import Testing

@Suite("Policies on the command line")
struct PolicyCommandTests {
    private func folder(_ policy: String) throws -> Folder {
        let folder = try Folder()
        try folder.add(["case.yaml": .text(SmallCase.with("planning:", as: policy + "\nplanning:"))]
        )
        return folder
    }

    @Test("every policy is listed with its knobs, their defaults and origins")
    func list() async throws {
        let folder = try Folder()
        let rows = try await Tool.run(["list", "policies"], in: folder).text
        #expect(rows.hasPrefix("policy"))
        #expect(rows.contains("every policy"))
        let answer = try await Tool.run(["list", "policies", "-o", "json"], in: folder)
        let json = try JSONSerialization.jsonObject(with: answer.output)
        let policies = try #require(json as? [[String: Any]])
        for policy in policies {
            let name = try #require(policy["name"] as? String)
            #expect(rows.contains(name))
            for knob in try #require(policy["knobs"] as? [[String: Any]]) {
                #expect(rows.contains(try #require(knob["key"] as? String)))
                #expect(!(try #require(knob["origin"] as? String)).isEmpty)
                #expect(knob["default"] != nil)
            }
        }
        #expect(policies.contains { $0["name"] as? String == "kairos" })
    }

    @Test("a table that was written and named gives what one simulated on the spot gives")
    func table() async throws {
        let folder = try folder("policy: {name: ppd}")
        let simulate = ["simulate", "case.yaml", "--layout", "P:1x2,D:1x2", "-o", "json"]
        let spot = try await Tool.run(simulate, in: folder)
        #expect(spot.code == 0)
        #expect(spot.text.contains("simulated for the proportions of each layout"))
        let table = try await Tool.run(
            ["policy-table", "case.yaml", "--layout", "P:1x1,D:1x1", "-o", "json"], in: folder)
        #expect(table.code == 0)
        try folder.add([
            "t.json": .bytes([UInt8](table.output)),
            "case.yaml": .text(
                SmallCase.with("planning:", as: "policy: {name: ppd, table: t.json}\nplanning:")),
        ])
        let named = try await Tool.run(simulate, in: folder)
        #expect(named.code == 0)
        #expect(!named.text.contains("simulated for the proportions"))
        func figures(_ answer: ChildProcess.Ending) throws -> NSDictionary {
            var object = try #require(
                try JSONSerialization.jsonObject(with: answer.output) as? [String: Any])
            for key in ["case", "assumptions"] { object[key] = nil }
            return object as NSDictionary
        }
        #expect(try figures(named) == figures(spot))
    }

    @Test("rows say what the policy makes of each class at the rates that were asked for")
    func rows() async throws {
        let folder = try folder("policy: {name: ampd}")
        let answer = try await Tool.run(
            [
                "policy-table", "case.yaml", "--layout", "P:1x1,D:1x1", "--rates", "0.5,2", "-o",
                "csv", "--output", "t.json",
            ], in: folder)
        let lines = answer.text.split(separator: "\n")
        #expect(lines.count == 1 + 27 * 2)
        #expect(lines.dropFirst().allSatisfy { $0.hasSuffix(",local") || $0.hasSuffix(",remote") })
        #expect(try folder.text("t.json").contains("\"PolicyTable\""))
    }

    @Test(
        "a broken table is told with its entry and what was expected",
        arguments: [
            ("", "not JSON"), ("{}", "kind is missing; expected PolicyTable"),
            (#"{"kind":"PolicyTable","apiVersion":"x"}"#, "apiVersion is \"x\""),
            (
                #"{"kind":"PolicyTable","apiVersion":"ampd-plan/v1","entries":3}"#,
                "entries is 3; expected an array"
            ),
            (
                #"{"kind":"PolicyTable","apiVersion":"ampd-plan/v1","entries":[{"context":"big"}]}"#,
                "entries[0].context is \"big\"; expected one of small, large, huge"
            ),
            (
                #"{"kind":"PolicyTable","apiVersion":"ampd-plan/v1","entries":[{"context":"huge","#
                    + #""shape":"tiny","rate_per_s":-1}]}"#,
                "entries[0].rate_per_s is -1; expected a number"
            ),
        ])
    func broken(text: String, message: String) async throws {
        let folder = try folder("policy: {name: ppd, table: t.json}")
        try folder.add(["t.json": .text(text)])
        let answer = try await Tool.run(
            ["simulate", "case.yaml", "--layout", "P:1x1,D:1x1"], in: folder)
        #expect(answer.code == 65)
        #expect(answer.words.contains("t.json: " + message))
    }

    @Test("a missing table and a co-located layout are refused")
    func refused() async throws {
        let folder = try folder("policy: {name: ppd, table: gone.json}")
        let missing = try await Tool.run(
            ["simulate", "case.yaml", "--layout", "P:1x1,D:1x1"], in: folder)
        #expect(missing.code == 66)
        let colocated = try await Tool.run(
            ["policy-table", "case.yaml", "--layout", "C:1x1"], in: folder)
        #expect(colocated.code == 64)
        #expect(colocated.words.contains("give P and D groups"))
    }
}
