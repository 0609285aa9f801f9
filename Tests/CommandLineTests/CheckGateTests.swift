import ChildProcesses
import Foundation
import Testing

/// A check that must not pass by looking away.
@Suite("What a check must say no to")
struct CheckGateTests {
    private func answer(
        _ arguments: [String], _ files: [String: String]
    ) async throws -> Tool.Answer {
        let folder = try Folder()
        try folder.add(["d": .folder])
        try folder.add(files.mapValues { Folder.Item.text($0) })
        return try await Tool.run(["check"] + arguments, in: folder)
    }

    @Test(
        "a file of a folder that cannot be read fails the check",
        arguments: [
            ("dynamo.yaml", CheckTests.manifest + "  x: 'open\n"),
            ("dynamo.yaml", CheckTests.manifest + "---\nkind: [\n"),
            (
                "dynamo.yaml",
                CheckTests.manifest.replacing(
                    "replicas: 2\n", with: "replicas: 2\n    replicas: 5\n")
            ), ("case.yaml", SmallCase.with("slo:", as: "slo:\n  ttft_ms: 1")),
            ("plan.json", "{\"kind\": \"PlanResult\", "),
            ("other.yaml", "kind: Deployment\nspec: {replicas: 4}\n"),
        ])
    func brokenFiles(_ name: String, _ text: String) async throws {
        let files = ["d/\(name)": text]
        let answer = try await answer(["d"], files)
        #expect([1, 65].contains(answer.code), "\(answer.text)\(answer.words)")
        #expect(answer.text.contains("A001"), "\(answer.text)")
        #expect(answer.text.contains("d/\(name):"))
    }

    @Test("templates and patches that are not read are told")
    func told() async throws {
        let templates = try await answer(
            ["d"],
            ["d/a.yaml": CheckTests.manifest, "d/t.yaml": "replicas: {{ .Values.x }}\nb: {{ x }}"])
        #expect(templates.code == 0, "\(templates.text)")
        #expect(templates.text.contains("d/t.yaml:"))
        #expect(templates.text.contains("looks like a template of a chart and is not checked"))
        let patches = try await answer(
            ["d"],
            [
                "d/a.yaml": CheckTests.manifest,
                "d/kustomization.yaml": "resources: [a.yaml]\npatches: [{path: ./patch.yaml}]\n",
                "d/patch.yaml": "apiVersion: apps/v1\nkind: Deployment\nspec: {replicas: 3}\n",
            ])
        #expect(patches.code == 0, "\(patches.text)")
        #expect(patches.words.contains("kubectl kustomize"))
    }

    @Test("a broken configuration is no configuration")
    func configuration() async throws {
        for text in ["fail_on: warning\nwaivers: [", "waivers: {rule: A041}\n"] {
            let answer = try await answer(
                ["d/a.yaml"], [".ampd-plan.yaml": text, "d/a.yaml": CheckTests.manifest])
            #expect(answer.code == 65, "\(text)")
            #expect(answer.words.contains(".ampd-plan.yaml:"))
        }
        let weighed = try await answer(
            ["d/a.yaml", "--today", "2026-07-01"],
            [
                ".ampd-plan.yaml":
                    "severity: {A080: note}\n"
                    + "waivers: [{rule: A041, reason: x, expires: 2026-06-30}]\n",
                "d/a.yaml": CheckTests.manifest,
            ])
        #expect(weighed.code == 0, "\(weighed.text)")
    }

    @Test("every case among the files is used or checked")
    func cases() async throws {
        let strict = SmallCase.with("ttft_ms: 2000", as: "ttft_ms: 1")
        let files = [
            "case.yaml": SmallCase.text, "strict.yaml": strict, "a.yaml": CheckTests.manifest,
        ]
        let other = try await answer(
            ["strict.yaml", "a.yaml", "--case", "case.yaml", "-o", "json"], files)
        #expect(
            other.text.contains("\"subject\" : \"strict.yaml\"")
                || other.text.contains("strict.yaml"))
        let layout = try await answer(["case.yaml", "a.yaml", "--layout", "C:2x1"], files)
        #expect(layout.code == 64)
        let two = try await answer(["case.yaml", "strict.yaml", "a.yaml"], files)
        #expect(two.words.contains("of 2 cases none is nearest"))
        #expect(two.text.contains("form only: nothing was simulated"))
    }

    @Test("what cannot be compared is undecided, and GPUs always can")
    func against() async throws {
        let old = CheckTests.manifest.replacing("replicas: 2", with: "replicas: 3")
        let files = [
            "case.yaml": SmallCase.text, "old.yaml": old, "a.yaml": CheckTests.manifest,
        ]
        let arguments = ["case.yaml", "a.yaml", "--against", "old.yaml", "--max-regression"]
        let gpus = try await answer(arguments + ["gpus=0"], files)
        #expect(gpus.code == 0 && gpus.text.contains("gpus: 4 GPUs, 6 in old.yaml"), "\(gpus.text)")
        let latency = try await answer(arguments + ["ttft_p95=5%,usd_per_hour=0"], files)
        #expect(latency.code == 3, "\(latency.text)")
        #expect(latency.text.contains("ttft_p95: P:1x3,D:1x3 of old.yaml cannot run"))
        #expect(latency.text.contains("usd_per_hour: the case gives no usd_per_gpu_hour"))
    }

    @Test("a file that is read, or written twice, is not overwritten")
    func overwriting() async throws {
        let folder = try Folder()
        try folder.add(["a.yaml": .text(CheckTests.manifest)])
        for target in ["json=a.yaml", "json=./a.yaml"] {
            let answer = try await Tool.run(
                ["check", "a.yaml", "--report", target], in: folder)
            #expect(answer.code == 64, "\(answer.words)")
        }
        try folder.add(["d": .folder])
        try folder.add(["d/b.yaml": .text(CheckTests.manifest)])
        let inner = try await Tool.run(["check", "d", "--report", "json=d/b.yaml"], in: folder)
        #expect(inner.code == 64)
        let twice = try await Tool.run(
            ["check", "a.yaml", "--report", "json=x", "--report", "junit=x"], in: folder)
        #expect(twice.code == 64)
        #expect(!(try folder.paths.contains("x")))
        #expect(try folder.text("a.yaml") == CheckTests.manifest)
        #expect(try folder.text("d/b.yaml") == CheckTests.manifest)
    }

    @Test("two objects in one file have their own faults")
    func objects() async throws {
        let good = CheckTests.manifest.replacing("name: small", with: "name: good")
        let bad = CheckTests.manifest.replacing("replicas: 2", with: "replica: 2")
        let answer = try await answer(
            ["a.yaml", "case.yaml", "-o", "csv"],
            ["a.yaml": good + "---\n" + bad, "case.yaml": SmallCase.text])
        let unknown = answer.text.split(separator: "\n").filter { $0.hasPrefix("A002") }
        #expect(
            unknown.count == 2 && unknown.allSatisfy { $0.contains("#small") }, "\(answer.text)")
        #expect(
            answer.text.contains("A020,pass,\"a.yaml#good")
                || answer.text.contains("A020,pass,a.yaml#good"))
    }

    @Test("what the manifest sets is simulated, and differs from a plan that has it otherwise")
    func drift() async throws {
        let folder = try Folder()
        let eight = CheckTests.manifest.replacing(
            "--tensor-parallel-size, \"1\",",
            with: "--tensor-parallel-size, \"1\", --kv-cache-dtype, fp8, --max-model-len, \"64\","
        ).replacing("bidirectional_kv_xfer", with: "unknown")
        try folder.add(["case.yaml": .text(SmallCase.text), "a.yaml": .text(eight)])
        let ofCase = try await Tool.run(["check", "case.yaml", "a.yaml"], in: folder)
        #expect(ofCase.words.contains("KV cache in fp8 in place of bf16"))
        #expect(ofCase.text.contains("accepts sessions of at most 64 tokens"), "\(ofCase.text)")
        #expect(ofCase.text.contains("needs bidirectional_kv_xfer: true"), "\(ofCase.text)")
        let plan = try await Tool.run(["plan", "case.yaml", "--output", "plan.json"], in: folder)
        #expect(plan.code == 0)
        let ofPlan = try await Tool.run(["check", "plan.json", "a.yaml", "-o", "csv"], in: folder)
        #expect(ofPlan.text.contains("the format of the KV cache is fp8, and bf16 in plan.json"))
    }
}
