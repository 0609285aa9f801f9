import ChildProcesses
import Foundation
import Testing

@Suite("Policies by name, and side by side")
struct PolicyComparisonTests {
    private func smallCase() throws -> Folder {
        let folder = try Folder()
        try folder.add(["case.yaml": .text(SmallCase.text)])
        return folder
    }

    private func comparison(_ arguments: [String]) async throws -> [String: Any] {
        let answer = try await Tool.run(
            ["simulate", "case.yaml", "-o", "json"] + arguments, in: smallCase())
        #expect(answer.code == 0, "\(answer.words)")
        return try #require(
            try JSONSerialization.jsonObject(with: answer.output) as? [String: Any])
    }

    private func policies(_ document: [String: Any]) throws -> [[String: Any]] {
        try #require(document["policies"] as? [[String: Any]])
    }

    private static let colocated = [
        "colocated_v0", "colocated_v1", "continuum_code", "continuum_v6", "infercept",
    ]

    @Test("all policies are compared on the same GPUs, each on a layout of its kind")
    func all() async throws {
        let document = try await comparison(
            ["--layout", "P:1x1,D:1x1", "--compare-policies", "all"])
        let policies = try policies(document)
        let names = policies.compactMap { $0["policy"] as? String }
        #expect(names.first == "ampd" && document["compared_with"] as? String == "ampd")
        for name in ["always_remote_legacy", "dynamo_conditional_v1", "distserve", "colocated_v1"] {
            #expect(names.contains(name))
        }
        #expect(Set(names).count == names.count)
        for policy in policies {
            let name = policy["policy"] as? String ?? ""
            let layout = Self.colocated.contains(name) ? "C:1x2" : "P:1x1,D:1x1"
            #expect(policy["layout"] as? String == layout, "\(name)")
            #expect(policy["gpus"] as? Int == 2)
        }
    }

    @Test("a policy compared is the policy simulated alone, and differences are differences")
    func alone() async throws {
        let layout = ["--layout", "P:1x1,D:1x1"]
        let document = try await comparison(
            layout + ["--compare-policies", "always-remote,always-local"])
        let both = try policies(document)
        var figures: [Double] = []
        for (entry, name) in zip(both, ["always-remote", "always-local"]) {
            let single = try await comparison(layout + ["--policy", name])
            #expect(single["ttft_ms"] as? NSDictionary == entry["ttft_ms"] as? NSDictionary)
            let ttft = try #require(single["ttft_ms"] as? [String: Any])
            figures.append(try #require(ttft["p95"] as? Double))
        }
        #expect((both[0]["differences"] as? [String: Any])?.isEmpty == true)
        let differences = try #require(both[1]["differences"] as? [String: Any])
        let found = try #require(differences["ttft_p95_ms"] as? [String: Any])
        let value = try #require(found["value"] as? Double)
        #expect(abs(value - (figures[1] - figures[0])) < 1e-3)
        let (low, high) = (found["low"] as? Double, found["high"] as? Double)
        #expect(try #require(low) <= value && value <= #require(high))
        #expect(found["significant"] as? Bool == (try #require(low) > 0 || #require(high) < 0))
    }

    @Test("the same bytes for any number of jobs, in every form")
    func forms() async throws {
        let folder = try smallCase()
        let command = [
            "simulate", "case.yaml", "--layout", "P:1x1,D:1x1", "--compare-policies",
            "ampd,colocated-v1",
        ]
        for (form, start) in [
            ("table", "policy"), ("csv", "policy,layout,statistic,value,difference,"),
            ("json", "{\n"), ("yaml", "apiVersion: ampd-plan/v1\n"),
        ] {
            let one = try await Tool.run(command + ["-o", form, "--jobs", "1"], in: folder)
            let other = try await Tool.run(command + ["-o", form, "--jobs", "3"], in: folder)
            #expect(one.code == 0 && one.output == other.output)
            #expect(one.text.hasPrefix(start), "\(form)")
            #expect(one.words.contains("P:1x1,D:1x1 and C:1x2"))
        }
    }

    @Test("a layout of the other kind may be given, if it has as many GPUs")
    func layouts() async throws {
        let layouts = ["--layout", "P:1x2,D:2x1", "--layout", "C:2x2"]
        let document = try await comparison(
            layouts + ["--compare-policies", "ampd,colocated-v0"])
        let found = try policies(document).compactMap { $0["layout"] as? String }
        #expect(found == ["P:1x2,D:2x1", "C:2x2"])
    }

    @Test("a policy without prefill workers is said to be another")
    func notes() async throws {
        let folder = try smallCase()
        let colocated = try await Tool.run(
            ["simulate", "case.yaml", "--layout", "C:1x1"], in: folder)
        #expect(colocated.code == 0 && colocated.words.contains("as always_local does"))
        let idle = try await Tool.run(
            ["simulate", "case.yaml", "--layout", "P:1x1,D:1x1", "--policy", "always-local"],
            in: folder)
        #expect(idle.code == 0 && idle.words.contains("idle"))
    }

    private static let simulate = ["simulate", "case.yaml"]
    static let broken = [
        Broken(
            "an unknown policy", sound: simulate + ["--compare-policies", "ampd,best"],
            "--compare-policies", "best", "always-remote", code: 64),
        Broken(
            "a policy twice", sound: simulate + ["--compare-policies", "ampd,ampd"],
            "--compare-policies", "different", code: 64),
        Broken(
            "one policy", sound: simulate + ["--compare-policies", "ampd"], "at least two",
            code: 64),
        Broken(
            "two ways to name policies",
            sound: simulate + [
                "--layout", "C:1x1", "--policy", "ampd", "--compare-policies", "all",
            ], "--policy", code: 64),
        Broken(
            "a policy of the other layout",
            sound: simulate + ["--layout", "P:1x1,D:1x1", "--policy", "colocated-v1"],
            "colocated_v1", "C:4x2", code: 64),
        Broken(
            "no prefill workers for a policy that needs them",
            sound: simulate + ["--layout", "C:1x2", "--compare-policies", "ampd,colocated-v1"],
            "ampd", "P:4x1,D:4x1", code: 64),
        Broken(
            "no co-located layout to be told",
            sound: simulate + [
                "--layout", "P:1x1,D:2x1", "--compare-policies", "ampd,colocated-v1",
            ], "colocated_v1", "different degrees", code: 64),
        Broken(
            "layouts of different size",
            sound: simulate + [
                "--layout", "P:1x1,D:1x1", "--layout", "C:1x4", "--compare-policies",
                "ampd,colocated-v1",
            ], "2 GPUs", "4", code: 64),
        Broken(
            "two layouts of a kind",
            sound: simulate + [
                "--layout", "C:1x2", "--layout", "C:2x1", "--compare-policies", "all",
            ], "drop the others", code: 64),
        Broken(
            "two layouts for one simulation",
            sound: simulate + ["--layout", "C:1x2", "--layout", "C:2x1"], "--compare-policies",
            code: 64),
    ]

    @Test("what is wrong gets one message, a code and no answer", arguments: broken)
    func refused(_ broken: Broken) async throws { try await broken.check() }
}
