import ChildProcesses
import Foundation
import Testing

@Suite("A file named - is standard input")
struct StandardInputTests {
    /// A script with everything that it needs, and the words that its answer has.
    struct Use: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let script: String
        let words: String
    }

    private static let uses = [
        Use(
            testDescription: "a case, with the trace that it names in the working directory",
            script: "sed 's/template: agent/trace: trace.jsonl/' case.yaml | ampd-plan plan -",
            words: "milp_rank"),
        Use(
            testDescription: "a redirected file", script: "ampd-plan plan - <case.yaml",
            words: "milp_rank"),
        Use(
            testDescription: "a plan document",
            script: "ampd-plan plan case.yaml -o json | ampd-plan check case.yaml - -o csv",
            words: "A020,pass"),
        Use(
            testDescription: "a plan to be explained",
            script: "ampd-plan plan case.yaml -o json | ampd-plan explain -",
            words: "meets every target"),
        Use(
            testDescription: "a case beside a plan",
            script: "ampd-plan plan case.yaml -o json >plan.json\n"
                + "cat case.yaml | ampd-plan tune plan.json --case -",
            words: "p95_over_target"),
        Use(
            testDescription: "a trace", script: "cat trace.jsonl | ampd-plan workload describe -",
            words: "rounds"),
        Use(
            testDescription: "a packed trace",
            script: "gzip <trace.jsonl | ampd-plan workload describe -", words: "rounds"),
        Use(
            testDescription: "a trace among several files",
            script: "cat trace.jsonl | ampd-plan workload validate case.jsonl -",
            words: "standard input"),
        Use(
            testDescription: "a workload file of laws",
            script: "cat laws.yaml | ampd-plan workload synth - --sessions 5 --output s.jsonl",
            words: "sessions"),
        Use(
            testDescription: "a tenant",
            script: "cat trace.jsonl | ampd-plan workload mix a=-@1/s "
                + "--for 1min --output m.jsonl", words: "jobs_per_s"),
        Use(
            testDescription: "a table of measured deployments",
            script: "cat measured.csv | ampd-plan validate --measured -", words: "spearman_ttft"),
        Use(
            testDescription: "timings",
            script: "cat timings.csv | ampd-plan profile import - --store store",
            words: "standard input"),
    ]

    private func folder() async throws -> Folder {
        let folder = try Folder()
        try folder.add([
            "case.yaml": .text(SmallCase.text), "measured.csv": .text(Self.measured),
            "timings.csv": .text(Self.timings),
        ])
        let made = try await Tool.shell(
            """
            ampd-plan workload synth chat --sessions 40 --output trace.jsonl >table
            cp trace.jsonl case.jsonl
            ampd-plan workload fit trace.jsonl --output laws.yaml >table
            """, in: folder)
        try #require(made.code == 0, "\(made.words)")
        return folder
    }

    private static let measured = """
        id,model,gpu,engine,isl,osl,concurrency,tp_size,num_workers,ttft_ms,tpot_ms
        one,llama-3.1-8b,h200-sxm,vllm,1024,128,4,1,1,60,7
        two,llama-3.1-8b,h200-sxm,vllm,1024,128,8,1,1,90,8

        """

    private static let timings = """
        # gpu: h200-sxm
        # engine: vllm
        # engine_version: 0.24.0
        kind,format,variant,d1,d2,d3,d4,d5,d6,x,y,latency_us
        gemm,bf16,,4096,4096,,,,,128,0,20

        """

    @Test("for every command that reads one", arguments: uses)
    func read(use: Use) async throws {
        let answer = try await Tool.shell(use.script, in: folder())
        #expect([0, 1].contains(answer.code), "\(answer.words)")
        #expect(answer.text.contains(use.words), "\(answer.text) \(answer.words)")
    }

    @Test(
        "and messages call it so",
        arguments: [
            ("echo 'kind: Case' | ampd-plan plan -", "standard input"),
            ("echo nonsense | ampd-plan explain -", "standard input: not JSON"),
            ("echo nonsense | ampd-plan workload describe -", "standard input"),
            ("echo nonsense | ampd-plan validate --measured -", "standard input"),
            ("echo nonsense | ampd-plan profile import --store store -", "standard input"),
        ])
    func messages(script: String, words: String) async throws {
        let folder = try Folder()
        try folder.add(["case.yaml": .text(SmallCase.text)])
        let answer = try await Tool.shell(script, in: folder)
        #expect(answer.code == 65, "\(answer.words)")
        #expect(answer.words.contains("error: \(words)"), "\(answer.words)")
    }

    @Test("which can be read once")
    func once() async throws {
        let folder = try Folder()
        try folder.add(["case.yaml": .text(SmallCase.text)])
        let answer = try await Tool.shell("ampd-plan check - - <case.yaml", in: folder)
        #expect(answer.code == 64, "\(answer.words)")
        #expect(answer.words.contains("can be read once"))
    }

    @Test("of which a small document may have 64 MiB")
    func bound() async throws {
        let answer = try await Tool.shell(
            "head -c 70000000 /dev/zero | ampd-plan check - || exit $?", in: Folder())
        #expect(answer.words.contains("standard input: is a pipe or device with more than 64 MiB"))
    }
}
