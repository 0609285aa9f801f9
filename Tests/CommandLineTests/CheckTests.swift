import ChildProcesses
import Foundation
import Testing

/// `check` as a CI job runs it: every rule, every exit code, every report.
@Suite("Checking plans, cases and manifests")
struct CheckTests {
    /// A manifest of two prefill and one decode worker, fit for the small case.
    static let manifest = """
        apiVersion: nvidia.com/v1beta1
        kind: DynamoGraphDeployment
        metadata:
          name: small
        spec:
          backendFramework: vllm
          components:
          - name: prefill
            type: prefill
            replicas: 2
            podTemplate: &pod
              spec:
                containers:
                - name: main
                  image: example/vllm-runtime:1.6.1
                  command: [python3, -m, dynamo.vllm]
                  args: [--model, meta-llama/Llama-3.1-8B, --tensor-parallel-size, "1",
                    --kv-transfer-config, '{"kv_connector":"NixlConnector","kv_role":"kv_both",
                    "kv_connector_extra_config":{"bidirectional_kv_xfer":true}}']
                  resources: {limits: {nvidia.com/gpu: "1"}}
          - name: decode
            type: decode
            replicas: 2
            podTemplate: *pod

        """

    private func answer(
        _ arguments: [String], _ files: [String: String] = [:]
    ) async throws -> Tool.Answer {
        let folder = try Folder()
        var all: [String: Folder.Item] = ["case.yaml": .text(SmallCase.text)]
        for (name, text) in files { all[name] = .text(text) }
        try folder.add(all)
        return try await Tool.run(["check"] + arguments, in: folder)
    }

    /// Rules that do not pass, with their severities.
    private func open(_ answer: Tool.Answer) throws -> [String: String] {
        let document = try JSONSerialization.jsonObject(with: answer.output) as? [String: Any]
        let findings = try #require(document?["findings"] as? [[String: Any]], "\(answer.words)")
        var found: [String: String] = [:]
        for finding in findings where finding["verdict"] as? String != "pass" {
            found[finding["rule"] as? String ?? ""] = finding["severity"] as? String
        }
        return found
    }

    private func deploy(_ changes: (String, String)...) -> [String: String] {
        var text = Self.manifest
        for (old, new) in changes { text = text.replacing(old, with: new) }
        return ["deploy.yaml": text]
    }

    // MARK: Exit codes

    @Test("0: a manifest that meets every target under its case")
    func passes() async throws {
        let answer = try await answer(["case.yaml", "deploy.yaml", "-o", "json"], deploy())
        #expect(answer.code == 0, "\(answer.text)")
        #expect(try open(answer).isEmpty)
        #expect(answer.text.contains("\"layout\" : \"P:1x2,D:1x2\""))
    }

    @Test("1: a target that is missed; 3: one that the interval does not decide")
    func missed() async throws {
        let strict = SmallCase.with("ttft_ms: 2000", as: "ttft_ms: 1")
        let failed = try await answer(
            ["strict.yaml", "deploy.yaml", "-o", "json"],
            deploy().merging(["strict.yaml": strict]) { $1 })
        #expect(failed.code == 1)
        #expect(try open(failed)["A020"] == "error")
        let single = SmallCase.with("replications: 2", as: "replications: 1")
        let undecided = try await answer(
            ["single.yaml", "deploy.yaml", "-o", "json"],
            deploy().merging(["single.yaml": single]) { $1 })
        #expect(undecided.code == 3, "\(undecided.text)")
        #expect(try open(undecided)["A033"] == "warning")
    }

    @Test(
        "64, 65, 66: options that make no sense, files that mean nothing, files that are not there")
    func badInput() async throws {
        let usage = try await answer(["case.yaml", "--max-regression", "ttft_p95=5%"])
        #expect(usage.code == 64)
        let form = try await answer(["case.yaml", "--max-regression", "speed=5%"])
        #expect(form.code == 64)
        #expect(form.words.contains("ttft_p95=5%,gpus=0"))
        let folder = try Folder()
        try folder.add(["notes.txt": .text("nothing")])
        let empty = try await Tool.run(["check", "."], in: folder)
        #expect(empty.code == 65)
        #expect(empty.words.contains("holds no case, plan, manifest or launch script"))
        let missing = try await answer(["none.yaml"])
        #expect(missing.code == 66)
        let config = try await answer(
            ["case.yaml", "--config", "c.yaml"], ["c.yaml": "waiver: []"])
        #expect(config.code == 65)
        #expect(config.words.contains("c.yaml:1:1") && config.words.contains("'waivers'"))
    }

    @Test("65 with a finding: a case that cannot be read")
    func brokenCase() async throws {
        let typo = SmallCase.with("ttft_ms", as: "tfft_ms")
        let answer = try await answer(
            ["case.yaml", "-o", "json"], ["case.yaml": typo])
        #expect(answer.code == 65)
        #expect(try open(answer) == ["A002": "error"])
        #expect(answer.text.contains("\"line\" : 13") && answer.text.contains("did you mean"))
    }

    // MARK: Rules

    @Test(
        "a fault of a manifest is found by its rule",
        arguments: [
            ("A001", "replicas: 2", "replicas: '2'"), ("A002", "replicas: 2", "replica: 2"),
            ("A010", "\"1\"", "\"1\""), ("A014", "replicas: 2", "replicas: 3"),
            ("A016", "nvidia.com/gpu: \"1\"", "nvidia.com/gpu: \"2\""),
            ("A041", "replicas: 2", "replicas: 1"),
            ("A050", "Llama-3.1-8B", "Llama-3.1-70B"),
            ("A050", "NixlConnector", "MooncakeConnector"),
            ("A051", "name: small", "name: Small_1"), ("A052", ":1.6.1", ":latest"),
            (
                "A054", "--tensor-parallel-size, \"1\"",
                "--tensor-parallel-size, \"1\", --pipeline-parallel-size, \"2\""
            ),
        ])
    func rule(_ id: String, _ old: String, _ new: String) async throws {
        var files = deploy((old, new))
        if id == "A010" {
            files["case.yaml"] = SmallCase.with("llama-3.1-8b", as: "llama-3.1-70b")
        }
        let answer = try await answer(["case.yaml", "deploy.yaml", "-o", "json"], files)
        let found = try open(answer)
        #expect(found[id] != nil, "\(found)")
        #expect(answer.code == (found.values.contains("error") ? 1 : 0))
    }

    @Test("a target that is missed is told at its line of the case, or of the manifest")
    func places() async throws {
        let strict = SmallCase.with("ttft_ms: 2000", as: "ttft_ms: 1")
        let ofCase = try await answer(
            ["case.yaml", "--layout", "C:1x2", "--report", "github=-"], ["case.yaml": strict])
        #expect(ofCase.words.contains("::error file=case.yaml,line=13,col=3,title=A020"))
        let files = deploy().merging(["strict.yaml": strict]) { $1 }
        let ofManifest = try await answer(
            ["strict.yaml", "deploy.yaml", "--report", "github=-"], files)
        #expect(ofManifest.words.contains("::error file=deploy.yaml,line=14,col=11,title=A020"))
    }

    @Test("cost, degrees and stability have rules too")
    func moreRules() async throws {
        let priced = SmallCase.with("nodes: 1", as: "nodes: 1\n  usd_per_gpu_hour: 3")
        let cost = try await answer(
            ["case.yaml", "--layout", "C:1x2", "--max-usd-per-hour", "5", "-o", "json"],
            ["case.yaml": priced])
        #expect(try open(cost)["A060"] == "error")
        let filed = try await answer(
            ["case.yaml", "--layout", "C:64x1", "-o", "json"],
            ["case.yaml": priced, ".ampd-plan.yaml": "max_usd_per_hour: 5\n"])
        #expect(Set(try open(filed).keys).isSuperset(of: ["A012", "A014", "A060"]))
        let pair = try await answer(["case.yaml", "--layout", "P:2x1,D:1x2", "-o", "json"])
        #expect(try open(pair)["A013"] == "error")
        let busy = try await answer(
            ["case.yaml", "--layout", "C:1x1", "-o", "json"],
            [
                "case.yaml": SmallCase.with("rate_per_s: 2", as: "rate_per_s: 500")
                    .replacing("replications: 2", with: "replications: 4")
            ])
        #expect(try open(busy)["A023"] == "error")
        let odd = try await answer(
            ["case.yaml", "--layout", "C:4x1", "-o", "json"],
            ["case.yaml": SmallCase.with("gpus_per_node: 4", as: "gpus_per_node: 2")])
        #expect(Set(try open(odd).filter { $0.value == "error" }.keys) == ["A014", "A015"])
    }

    // MARK: Against others

    @Test("a layout is held against a former one, figure by figure")
    func regression() async throws {
        let files = deploy(("replicas: 2", "replicas: 1")).merging(
            ["old.yaml": Self.manifest]
        ) { $1 }
        let gpus = try await answer(
            [
                "case.yaml", "deploy.yaml", "--against", "old.yaml", "--max-regression", "gpus=0",
                "-o", "json",
            ], files)
        #expect(gpus.code == 0, "\(gpus.text)")
        let worse = try await answer(
            [
                "case.yaml", "old.yaml", "--against", "deploy.yaml", "--max-regression",
                "gpus=0,ttft_p95=5%", "-o", "json",
            ], files)
        #expect(worse.code == 1)
        #expect(try open(worse)["A071"] == "error")
    }

    @Test("drift from a plan, and a layout that is clearly worse than its best, are found")
    func drift() async throws {
        let folder = try Folder()
        let heavy = SmallCase.with("rate_per_s: 2", as: "rate_per_s: 12")
        try folder.add(["case.yaml": .text(heavy)])
        let plan = try await Tool.run(["plan", "case.yaml", "-o", "json"], in: folder)
        try folder.add(["plan.json": .text(plan.text)])
        let slow = Self.manifest.replacing("replicas: 2", with: "replicas: 1")
        try folder.add(["deploy.yaml": .text(slow)])
        let answer = try await Tool.run(
            ["check", "plan.json", "deploy.yaml", "-o", "json"], in: folder)
        #expect(answer.code == 1)
        #expect(try open(answer)["A050"] == "error")
        #expect(try open(answer)["A070"] == "error")
    }

    // MARK: Waivers

    private func waiver(_ expires: String, rule: String = "A041") -> String {
        "waivers:\n  - {rule: \(rule), path: deploy.yaml, reason: staging, expires: \(expires)}\n"
    }

    @Test("a waiver counts until its day, and then is an error itself")
    func waivers() async throws {
        var files = deploy(("replicas: 2", "replicas: 1"))
        files[".ampd-plan.yaml"] = waiver("2026-06-30")
        let arguments = ["case.yaml", "deploy.yaml", "--fail-on", "warning", "-o", "json"]
        let held = try await answer(arguments + ["--today", "2026-06-30"], files)
        #expect(held.code == 0, "\(held.text)")
        #expect(held.text.contains("\"waiver\" : \"staging\""))
        let expired = try await answer(arguments + ["--today", "2026-07-01"], files)
        #expect(expired.code == 1)
        #expect(try open(expired)["A080"] == "error")
        let never = try await answer(
            arguments + ["--today", "2026-07-01", "--fail-on", "never"], files)
        #expect(never.code == 0)
    }

    @Test("severities of the configuration decide what fails")
    func severities() async throws {
        var files = deploy(("replicas: 2", "replicas: 1"))
        files[".ampd-plan.yaml"] = "severity: {A041: error}\n"
        let answer = try await answer(["case.yaml", "deploy.yaml"], files)
        #expect(answer.code == 1)
    }

    // MARK: Reports

    @Test("every report is written, the same bytes on any number of threads")
    func reports() async throws {
        let folder = try Folder()
        let broken = Self.manifest.replacing("replicas: 2", with: "replica: 2")
            .replacing("name: small", with: "name: 'sm<all>&\"'")
        try folder.add(["case.yaml": .text(SmallCase.text), "deploy.yaml": .text(broken)])
        let kinds = ["json", "junit", "sarif", "markdown", "github", "codequality"]
        for jobs in ["1", "2"] {
            let reports = kinds.flatMap { ["--report", "\($0)=\($0).\(jobs)"] }
            let answer = try await Tool.run(
                ["check", "case.yaml", "deploy.yaml", "--jobs", jobs] + reports, in: folder)
            #expect(answer.code == 1)
        }
        for kind in kinds {
            let (one, two) = (try folder.text("\(kind).1"), try folder.text("\(kind).2"))
            #expect(one == two && !one.isEmpty, "\(kind)")
        }
        let github = try folder.text("github.1")
        #expect(github.hasPrefix("::error file=deploy.yaml,line="))
        #expect(github.contains("title=A002 Unknown field::"))
        try await validate(folder)
    }

    /// JUnit and SARIF against their public schemas, where those are at hand.
    private func validate(_ folder: Folder) async throws {
        let schemas = Tool.packageRoot.deletingLastPathComponent()
            .appending(path: "shared/schemas")
        guard FileManager.default.fileExists(atPath: schemas.path) else { return }
        if Python.has("jsonschema") {
            let script = """
                import json, sys, jsonschema
                schema, log = (json.load(open(path)) for path in sys.argv[1:])
                jsonschema.Draft4Validator(schema).validate(log)
                """
            try Python.run(
                script,
                [
                    schemas.appending(path: "sarif/sarif-schema-2.1.0.json"),
                    folder.url.appending(path: "sarif.1"),
                ])
        }
        let lint = [
            "xmllint", "--noout", "--schema", schemas.appending(path: "junit/JUnit.xsd").path,
            folder.url.appending(path: "junit.1").path,
        ]
        guard try ChildProcess.lines(of: ["xmllint", "--version"]) != nil else { return }
        #expect(try ChildProcess.lines(of: lint) != nil)
    }
}
