import ChildProcesses
import Foundation
import Testing

@Suite("Broken input gets one clear message, the right exit code and nothing else")
struct BrokenInputTests {
    static let places = [
        Broken("a missing case file", ["plan", "none.yaml"], 66, ["none.yaml", "no such file"]),
        Broken(
            "a folder as case file", ["plan", "box"], 74, ["box", "folder"],
            files: ["box": .folder]),
        Broken("an empty path", ["plan", ""], 66, ["empty"]),
        Broken(
            "a missing trace", ["plan", "case.yaml"], 66, ["gone.csv", "no such file"],
            files: ["case.yaml": .text(SmallCase.trace("gone.csv"))]),
        Broken(
            "a missing plan document", sound: ["check", "case.yaml", "none.json"], "none.json",
            code: 66),
        Broken(
            "a missing folder of models", ["list", "models", "--models", "none"], 66,
            ["none", "no such folder"]),
        Broken(
            "a file as folder of models", ["list", "models", "--models", "file"], 74,
            ["file", "not a folder"], files: ["file": .text("")]),
    ]

    static let cases = [
        Broken("an empty case", case: "", "case.yaml"),
        Broken("a case that is no YAML", case: "a: [1, 2\nb: }", "case.yaml:", "YAML"),
        Broken("a list instead of a case", case: "- 1\n- 2\n", "case.yaml:1:1", "section"),
        Broken(
            "a case that is no UTF-8", ["plan", "case.yaml"], 65, ["case.yaml", "UTF-8"],
            files: ["case.yaml": .bytes([0x6E, 0x3A, 0x20, 0xFF, 0xFE])]),
        Broken(
            "a key twice", case: SmallCase.with("name: small", as: "name: a\nname: b"),
            "case.yaml:3:1", "'name'", "twice"),
        Broken(
            "an unknown key", case: SmallCase.with("nodes", as: "noes"), "case.yaml:7:3",
            "cluster.noes", "did you mean 'nodes'"),
        Broken(
            "a text for a number", case: SmallCase.with("nodes: 1", as: "nodes: many"),
            "case.yaml:7:10", "cluster.nodes", "'many'", "whole number"),
        Broken(
            "a negative rate", case: SmallCase.with("s: 2\n", as: "s: -2\n"), "case.yaml:11:15",
            "workload.rate_per_s", "'-2'", "from 1e-06"),
        Broken(
            "a rate of zero", case: SmallCase.with("s: 2\n", as: "s: 0\n"),
            "workload.rate_per_s", "'0'"),
        Broken(
            "a rate of NaN", case: SmallCase.with("s: 2\n", as: "s: .nan\n"),
            "workload.rate_per_s", ".nan"),
        Broken(
            "an infinite rate", case: SmallCase.with("s: 2\n", as: "s: .inf\n"),
            "workload.rate_per_s", ".inf"),
        Broken(
            "a huge number", case: SmallCase.with("nodes: 1", as: "nodes: 99999999999999999999"),
            "cluster.nodes", "from 1 to 4096"),
        Broken(
            "a target of zero", case: SmallCase.with("ttft_ms: 2000", as: "ttft_ms: 0"),
            "slo.ttft_ms", "above 0"),
        Broken(
            "TP 3", case: SmallCase.with("[1, 2]", as: "[3]"), "planning.tp", "powers of two"),
        Broken(
            "an unknown model", case: SmallCase.with("llama-3.1-8b", as: "lama-3.1-8b"),
            "case.yaml:4:8", "lama-3.1-8b", "llama-3.1-8b"),
        Broken(
            "an unknown GPU", case: SmallCase.with("h200-sxm", as: "h201-sxm"), "case.yaml:6:8",
            "h201-sxm", "h200-sxm"),
        Broken(
            "an unknown template", case: SmallCase.with("agent", as: "agnt"), "agnt",
            "agent, chat, coding-agent"),
        Broken(
            "an unknown policy", case: SmallCase.text + "policy: {name: best}\n", "policy.name",
            "ampd"),
        Broken(
            "a model that fits nowhere",
            case: SmallCase.with("llama-3.1-8b", as: "deepseek-v3"), "tp=1", "no room",
            "a GPU with more memory", code: 1),
    ]

    static let traces = [
        Broken("an empty trace", trace: "", "trace.csv", "no requests"),
        Broken("a trace of a header alone", trace: "new_tokens,output_tokens\n", "trace.csv"),
        Broken("a trace of no format", trace: "hello\n", "trace.csv", "Line 1", "hello"),
        Broken(
            "a bad trace line", trace: "new_tokens,output_tokens\n10,20\nx,20\n", "trace.csv",
            "Line 3", "new_tokens", "x"),
        Broken(
            "a negative length", trace: "new_tokens,output_tokens\n10,-20\n", "Line 2",
            "output_tokens", "-20"),
    ]

    static let options = [
        Broken("no case at all", ["plan"], 64, ["case file", "--model"]),
        Broken("an unknown command", ["plna"], 64, ["plna"]),
        Broken("an unknown option", ["plan", "--gpsu", "8"], 64, ["--gpsu"]),
        Broken(
            "a case file and options", sound: ["plan", "case.yaml", "--gpus", "8"], "--gpus",
            "edit the file", code: 64),
        Broken("a rate without unit", option: "--rate", "2", "'2'", "--rate", "4/s"),
        Broken("a negative rate", option: "--rate", "-1/s", "'-1/s'", "--rate", "with its unit"),
        Broken("a rate of zero", option: "--rate", "0/s", "--rate", "0.000001/s"),
        Broken("a rate of NaN", option: "--rate", "nan/s", "--rate", "with its unit"),
        Broken("an infinite target", option: "--ttft", "infs", "--ttft", "50ms"),
        Broken("a target of zero", option: "--itl", "0ms", "--itl", "from 1us"),
        Broken("a target without unit", option: "--itl", "50", "--itl", "us, ms, s or min"),
        Broken("an attainment above 1", option: "--attainment", "90", "above 0 and at most 1"),
        Broken("TP 3", option: "--tp", "3", "--tp", "powers of two"),
        Broken("TP above the cluster", option: "--tp", "8", "--tp", "4 GPUs", code: 65),
        Broken("no GPU", option: "--gpus", "0", "--gpus", "1 to 65536"),
        Broken("12 GPUs over nodes of 8", option: "--gpus", "12", "--gpus 12", "multiple"),
        Broken("no job", option: "--jobs", "0", "--jobs", "1 to 1024"),
        Broken("a negative seed", option: "--seed", "-1", "--seed", "from 0"),
        Broken("a huge seed", option: "--seed", "18446744073709551616", "--seed", "from 0"),
        Broken("an unknown policy", option: "--policy", "best", "best", "always-remote"),
        Broken(
            "an unknown model", option: "--model", "lama-3.1-8b", "'--model'", "llama", code: 65),
        Broken("an unknown GPU", option: "--gpu", "h201-sxm", "h201-sxm", "h200-sxm", code: 65),
        Broken("an unknown template", option: "--template", "agnt", "'--template'", code: 65),
    ]

    static let hostileNames = [
        Broken("quotes", option: "--model", "a\"'b", "'--model'", code: 65),
        Broken("newlines", option: "--model", "a\nslo: 1\n", "a\\nslo: 1\\n", code: 65),
        Broken("a command", option: "--model", "$(touch x)", "$(touch x)", code: 65),
        Broken("a YAML alias", option: "--gpu", "*a", "*a", code: 65),
        Broken(
            "300 characters", option: "--gpu", String(repeating: "a", count: 300), "aaa...",
            code: 65),
        Broken("nothing", option: "--model", "", "'--model'", code: 65),
    ]

    static let layouts = [
        Broken(
            "no layout at all", sound: ["simulate", "case.yaml"], "--layout", code: 64),
        Broken(
            "bad notation", sound: ["simulate", "case.yaml", "--layout", "P4x1"], "P4x1",
            "P:4x1,D:4x1", code: 64),
        Broken(
            "prefill alone", sound: ["simulate", "case.yaml", "--layout", "P:1x1"], "P and D",
            code: 64),
        Broken(
            "huge replicas",
            sound: ["simulate", "case.yaml", "--layout", "C:1x99999999999999999999"], "4096",
            code: 64),
        Broken(
            "beyond the budget", sound: ["simulate", "case.yaml", "--layout", "P:1x4,D:1x1"],
            "5 GPUs", "has 4", code: 1),
    ]

    static let planDocuments = [
        Broken(
            "no JSON", sound: ["check", "case.yaml", "plan.json"], "plan.json", "not JSON",
            code: 65, files: ["plan.json": .text("rank 1")]),
        Broken(
            "no plan", sound: ["check", "case.yaml", "plan.json"], "plan.json", "PlanResult",
            code: 65, files: ["plan.json": .text("{\"kind\": \"CheckResult\"}")]),
        Broken(
            "another version", sound: ["check", "case.yaml", "plan.json"], "plan.json", "v9",
            code: 65,
            files: [
                "plan.json": .text("{\"kind\": \"PlanResult\", \"apiVersion\": \"ampd-plan/v9\"}")
            ]),
        Broken(
            "a rank out of range", sound: ["check", "case.yaml", "plan.json", "--rank", "7"],
            "plan.json", "rank 7", code: 65, files: ["plan.json": .text(emptyPlan)]),
        Broken(
            "rank 0", sound: ["check", "case.yaml", "plan.json", "--rank", "0"], "--rank",
            "from 1", code: 64, files: ["plan.json": .text(emptyPlan)]),
        Broken(
            "a rank of nothing", sound: ["check", "case.yaml", "--rank", "1"], "--rank", code: 64),
        Broken(
            "a plan and a layout",
            sound: ["check", "case.yaml", "plan.json", "--layout", "C:1x1"], "a case file alone",
            code: 64,
            files: ["plan.json": .text(emptyPlan)]),
    ]

    static let outputs = [
        Broken(
            "a missing folder", sound: ["plan", "case.yaml", "--write-lp", "no/x.lp"],
            "--write-lp no/x.lp", "does not exist", code: 74),
        Broken(
            "a folder", sound: ["plan", "case.yaml", "--output", "box"], "--output box", "folder",
            code: 74, files: ["box": .folder]),
        Broken(
            "a file for a folder", sound: ["plan", "case.yaml", "--output", "case.yaml/x"],
            "case.yaml/x", "no folder", code: 74),
        Broken(
            "an empty path", sound: ["plan", "case.yaml", "--write-case", ""], "--write-case",
            code: 64),
        Broken(
            "one file for two",
            sound: ["plan", "case.yaml", "--output", "x", "--write-case", "./x"], "same file",
            code: 64),
    ]

    private static let emptyPlan =
        "{\"kind\": \"PlanResult\", \"apiVersion\": \"ampd-plan/v1\", \"plans\": []}"

    @Test("files that are not there or are something else", arguments: places)
    func place(_ broken: Broken) async throws { try await broken.check() }

    @Test("case files", arguments: cases)
    func caseFile(_ broken: Broken) async throws { try await broken.check() }

    @Test("traces", arguments: traces)
    func trace(_ broken: Broken) async throws { try await broken.check() }

    @Test("options", arguments: options)
    func option(_ broken: Broken) async throws { try await broken.check() }

    @Test("names that would like to be something else", arguments: hostileNames)
    func hostileName(_ broken: Broken) async throws { try await broken.check() }

    @Test("layouts", arguments: layouts)
    func layout(_ broken: Broken) async throws { try await broken.check() }

    @Test("plan documents", arguments: planDocuments)
    func planDocument(_ broken: Broken) async throws { try await broken.check() }

    @Test("places for answers, found before the work", arguments: outputs)
    func output(_ broken: Broken) async throws {
        let words = try await broken.check()
        #expect(!words.contains("simulating"))
    }

    @Test("a file without permission", .enabled(if: geteuid() != 0, "root may read everything"))
    func unreadable() async throws {
        let folder = try Folder()
        try folder.add(["case.yaml": .text(SmallCase.text)])
        try FileManager.default.setAttributes(
            [.posixPermissions: 0], ofItemAtPath: folder.url.appending(path: "case.yaml").path)
        let answer = try await Tool.run(["plan", "case.yaml"], in: folder)
        #expect(answer.code == 74)
        #expect(answer.words.contains("case.yaml: cannot be read"))
    }
}
