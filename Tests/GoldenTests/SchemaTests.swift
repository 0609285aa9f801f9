import ChildProcesses
import Foundation
import Testing

@Suite("Schemas", .enabled(if: Tool.binary != nil, "ampd-plan was not built"))
struct SchemaTests {
    /// A command whose answer, or a file that it writes, is a document.
    struct Written: Sendable, CustomTestStringConvertible {
        let schema: String
        /// For the shell; `$tool` is the tool.
        let script: String
        /// What has the document; nil for the answer.
        var file: String?
        /// Whether every line is a document.
        var isLines = false
        /// The member of the document that is meant; nil for the whole of it.
        var member: String?

        var testDescription: String { "\(schema): \(script)" }

        init(
            _ schema: String, _ script: String, file: String? = nil, isLines: Bool = false,
            member: String? = nil
        ) {
            (self.schema, self.script, self.file) = (schema, script, file)
            (self.isLines, self.member) = (isLines, member)
        }
    }

    private static let store =
        "$tool profile synth --store s --model llama-3.1-8b --gpu h100-sxm "
        + "--tp 1 -o json"
    private static let trace = "$tool workload synth chat --sessions 40 --output t.jsonl >o; "

    static let written = [
        Written("plan", "$tool plan case.yaml -o json"),
        Written("plan", "$tool plan case.yaml -o json --exhaustive --survive 1"),
        Written("plan", "$tool plan case.yaml --output p.json", file: "p.json"),
        Written("case", "$tool plan case.yaml -o json", member: "case"),
        Written("rates", "$tool plan case.yaml --rates 1/s,2/s -o json"),
        Written("simulation", "$tool simulate case.yaml --layout P:2x1,D:2x1 -o json"),
        Written(
            "simulation", "$tool simulate case.yaml --layout C:1x1 -o json --precision ttft_p50=50%"
        ),
        Written(
            "comparison",
            "$tool simulate case.yaml --layout P:1x1,D:1x1 --layout C:1x2 "
                + "--compare-policies all -o json"),
        Written(
            "round", "$tool simulate case.yaml --layout C:1x1 --rounds-out r.jsonl",
            file: "r.jsonl", isLines: true),
        Written(
            "round",
            "$tool workload mix a=chat@1/s b=agent@1/s --for 1min --output m.jsonl; "
                + "sed 's/template: agent/trace: m.jsonl/' case.yaml | $tool simulate - "
                + "--layout P:1x1,D:1x1 --rounds-out r.jsonl", file: "r.jsonl", isLines: true),
        Written(
            "trace-events",
            "$tool simulate case.yaml --layout P:1x1,D:1x1 --trace-out t.json "
                + "--trace-window 0s:20s", file: "t.json"),
        Written(
            "policy-table", "$tool policy-table case.yaml --layout P:1x1,D:1x1 --rates 0.5 -o json"),
        Written("check", "$tool check case.yaml --layout C:2x2 -o json"),
        Written("check", "$tool check case.yaml -o json"),
        Written(
            "explanation",
            "$tool plan case.yaml --output p.json >o; "
                + "$tool explain p.json --why-not P:4x1,D:4x1 --why-not C:1x1 -o json"),
        Written("tuning", "$tool plan case.yaml --output p.json >o; $tool tune p.json -o json"),
        Written("session", trace, file: "t.jsonl", isLines: true),
        Written(
            "session", "$tool workload mix a=chat@1/s b=agent@1/s --for 1min --output m.jsonl",
            file: "m.jsonl", isLines: true),
        Written("workload-description", trace + "$tool workload describe t.jsonl -o json"),
        Written(
            "workload-import", trace + "$tool workload import t.jsonl --output u.jsonl -o json"),
        Written("workload-fit", trace + "$tool workload fit t.jsonl --output l.yaml -o json"),
        Written(
            "workload-synth", "$tool workload synth chat --sessions 9 --output t.jsonl -o json"),
        Written(
            "workload-mix",
            "$tool workload mix a=chat@1/s --for 1min --output m.jsonl -o json"),
        Written(
            "workload-check", trace + "$tool workload validate t.jsonl nothing -o json || true"),
        Written("profile-import", store),
        Written(
            "profile-list",
            store + " >o; "
                + "$tool profile list --store s -o json"),
        Written("profile-show", store + " >o; $tool profile show --store s -o json"),
        Written("profile-fit", store + " >o; $tool profile fit --store s --gpu h100-sxm -o json"),
        Written(
            "curves", store + " >o; $tool profile fit --store s --gpu h100-sxm --output c.json",
            file: "c.json"),
        Written(
            "profile-cost",
            "$tool profile cost --model qwen3-32b --gpu h100-sxm "
                + "--prefill 0+2048 --decode 32x2048 -o json"),
        Written("profile-coverage", "$tool profile coverage --model qwen3-32b --gpu a40 -o json"),
        Written("profile-operators", "$tool profile operators --model mixtral-8x7b -o json"),
        Written(
            "profile-scale",
            "$tool profile import --store s a.csv b.csv >o; "
                + "$tool profile scale --store s --from h100-sxm --to h200-sxm --compare -o json"),
        Written("validation", "$tool validate --measured runs.csv -o json"),
        Written(
            "validation",
            "$tool validate --measured runs.csv --split-by group --reveal 1 -o json"),
        Written("calibrations", "$tool calibrate --measured runs.csv --store s -o json"),
        Written("request-validation", "$tool validate --requests run -o json"),
        Written("rules", "$tool list rules -o json"),
        Written(
            "export",
            "$tool plan case.yaml --output p.json >o; $tool export p.json --target vllm "
                + "--output out -o json"),
        Written(
            "check",
            "$tool plan case.yaml --output p.json >o; $tool export p.json --target vllm "
                + "--output out >o; $tool check p.json out -o json || true"),
        Written("check", "echo 'kind: Case' >bad.yaml; $tool check bad.yaml -o json || true"),
        Written(
            "plan-comparison",
            "$tool plan case.yaml --output p.json >o; sed s/agent/chat/ case.yaml "
                + "| $tool plan - --output q.json >o; $tool compare p.json q.json -o json"),
        Written(
            "measured-comparison",
            "$tool plan case.yaml --output p.json >o; "
                + "$tool compare p.json --benchmark-report b.yaml; "
                + "$tool compare p.json --measured b.yaml -o json"),
        Written("doctor", "$tool doctor -o json"),
        Written("policies", "$tool list policies -o json"),
        Written("names", "$tool list models -o json"),
    ]

    /// Files that the commands read.
    private static let files = [
        "case.yaml": """
        apiVersion: ampd-plan/v1
        kind: Case
        name: small
        model: llama-3.1-8b
        cluster: {gpu: h200-sxm, nodes: 1, gpus_per_node: 4}
        workload: {template: agent, rate_per_s: 2}
        slo: {ttft_ms: 2000, itl_ms: 50}
        planning: {tp: [1, 2], finalists: 3, replications: 2, sessions: 20}

        """,
        "runs.csv": """
        id,model,gpu,engine,isl,osl,concurrency,tp_size,ttft_ms,tpot_ms,group
        a,llama-3.1-8b,h200_sxm,vllm,1024,128,4,1,60,9,x
        b,llama-3.1-8b,h200_sxm,vllm,1024,128,8,1,80,11,x
        c,llama-3.1-8b,h200_sxm,vllm,1024,128,16,1,120,14,y
        d,llama-3.1-8b,h200_sxm,vllm,1024,128,32,1,180,17,y
        e,unheard-of,h200_sxm,vllm,1024,128,4,1,30,4,z

        """,
        "a.csv": timings("h100-sxm"), "b.csv": timings("h200-sxm"),
        "run/requests.csv": """
        input_tokens,output_tokens,arrival_s,queued_s,first_token_s,last_token_s
        512,32,0,0.001,0.051,0.351
        600,16,0.1,0.101,0.16,0.31

        """,
        "run/meta.json": #"{"model": "llama-3.1-8b", "gpu": "h200-sxm", "engine_kwargs": {}}"#,
    ]

    private static func timings(_ gpu: String) -> String {
        """
        # gpu: \(gpu)
        # engine: vllm
        # engine_version: 0.24.0
        kind,format,variant,d1,d2,d3,d4,d5,d6,x,y,latency_us
        gemm,bf16,,4096,4096,,,,,128,0,20
        gemm,bf16,,4096,4096,,,,,1024,0,60

        """
    }

    @Test("describe what the commands write, to the last member", arguments: written)
    func valid(written: Written) async throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(component: "schema-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(
            at: folder.appending(component: "run"), withIntermediateDirectories: true)
        for (name, text) in Self.files {
            try Data(text.utf8).write(to: folder.appending(path: name))
        }
        let answer = try await Tool.shell(written.script, in: folder)
        try #require(answer.code == 0, "\(answer.words)")
        let bytes =
            try written.file.map { try Data(contentsOf: folder.appending(path: $0)) }
            ?? answer.output
        let documents =
            written.isLines ? bytes.split(separator: UInt8(ascii: "\n")).map { Data($0) } : [bytes]
        let schema = SchemaCheck(
            root: try JSON(try await Tool.run(["schema", written.schema]).output))
        #expect(!documents.isEmpty)
        for document in documents {
            let whole = try JSON(document)
            let meant = try #require(written.member.map { whole[$0] } ?? whole)
            #expect(schema.faults(meant).prefix(5) == [], "\(written.script)")
        }
    }

    @Test("are listed, each with a command that writes or reads its document")
    func complete() async throws {
        let listing = try await Tool.run(["schema"])
        let lines = String(decoding: listing.output, as: UTF8.self).split(separator: "\n")
        let names = Set(lines.dropFirst().map { String($0.prefix { $0 != " " }) })
        let read: Set = ["workload"]
        #expect(names == Set(Self.written.map(\.schema)).union(read))
    }

    @Test(
        "of the fits that ship hold for them", arguments: ["h100-sxm", "h200-sxm"],
        ["fit", "collected"])
    func shippedFits(gpu: String, name: String) async throws {
        let schema = SchemaCheck(root: try JSON(try await Tool.run(["schema", "curves"]).output))
        let file = Tool.root.appending(path: "Hardware/\(gpu)/\(name).json")
        #expect(schema.faults(try JSON(try Data(contentsOf: file))).prefix(5) == [])
    }

    @Test("of an unknown name are refused with the nearest one")
    func unknown() async throws {
        let answer = try await Tool.run(["schema", "simulaton"])
        #expect(answer.code == 64)
        #expect(answer.words.contains("'simulaton'") && answer.words.contains("simulation"))
    }
}
