import Catalog
import Foundation
import ServingDomain
import Testing

@Suite("Workload files")
struct WorkloadFileTests {
    private static let laws = """
        apiVersion: ampd-plan/v1
        kind: Workload
        name: tools
        source: our own guess
        rate_per_s: 0.5
        arrivals: gamma
        arrival_cv: 2
        length_reading: per_round
        rounds: {distribution: negative_binomial, mean: 4, cv: 1.2}
        first_prefill_tokens: 900
        prefill_tokens: 300
        decode_tokens: 50
        environment_delay_s: 1.5

        """

    /// Goes with the test.
    private final class Scratch {
        let folder = FileManager.default.temporaryDirectory.appending(
            component: "workload-\(UUID().uuidString)")

        init() throws {
            try FileManager.default.createDirectory(
                at: folder.appending(component: "w"), withIntermediateDirectories: true)
        }

        deinit { try? FileManager.default.removeItem(at: folder) }
    }

    private let scratch: Scratch
    private var folder: URL { scratch.folder }

    init() throws { scratch = try Scratch() }

    private func write(_ text: String, _ name: String = "w/laws.yaml") throws -> String {
        let file = folder.appending(path: name)
        try text.write(to: file, atomically: true, encoding: .utf8)
        return file.path
    }

    private func read(_ text: String) throws -> WorkloadFile {
        try WorkloadFile.read(path: write(text))
    }

    /// A case beside the folder of the workload file, with these keys in its section.
    private func draft(_ keys: String...) throws -> CaseDraft {
        let text = CaseSample.minimal
            .replacing("  rate_per_s: 1.5\n", with: "")
            .replacing("template: agent", with: keys.joined(separator: "\n  "))
        return try CaseFile.parse(
            text: text, fileName: folder.appending(component: "case.yaml").path,
            catalog: CaseSample.catalog())
    }

    @Test("a file is read with all of its keys, and written it reads the same")
    func reading() throws {
        let file = try read(Self.laws)
        #expect(file.name == "tools" && file.source == "our own guess")
        #expect(file.rate == Rate(sessionsPerSecond: 0.5) && file.arrivals == .gamma(cv: 2))
        #expect(file.sessions.rounds == .negativeBinomial(mean: 4, cv: 1.2))
        #expect(file.sessions.firstPrefillTokens == .constant(900))
        #expect(try read(file.yaml) == file)
        let open = try read(Self.laws.replacing("rate_per_s: 0.5\n", with: ""))
        #expect(open.rate == nil)
        #expect(try read(open.yaml) == open)
        let closed = try read(
            Self.laws.replacing("rate_per_s: 0.5\n", with: "concurrency: 8\n")
                .replacing("arrivals: gamma\narrival_cv: 2", with: "arrivals: closed"))
        #expect(closed.arrivals == .closed && closed.concurrency == 8)
        #expect(try read(closed.yaml) == closed)
        #expect(try read("apiVersion: ampd-plan/v1\nkind: Workload\ntemplate: chat\n").rate == nil)
    }

    @Test("a case takes over the keys that it does not have itself")
    func cases() throws {
        _ = try write(Self.laws)
        let plain = try draft("file: w/laws.yaml")
        guard case .synthetic(let sessions, let rate) = plain.workload else {
            Issue.record("not synthetic")
            return
        }
        #expect(try sessions == read(Self.laws).sessions && rate.sessionsPerSecond == 0.5)
        #expect(plain.arrivals == .gamma(cv: 2))
        let changed = try draft(
            "file: w/laws.yaml", "rate_per_s: 3", "decode_tokens: 70", "arrivals: poisson")
        guard case .synthetic(let other, let faster) = changed.workload else { return }
        #expect(faster.sessionsPerSecond == 3 && other.decodeTokens == .constant(70))
        #expect(other.prefillTokens == .constant(300) && changed.arrivals == .poisson)
        let closed = try draft("file: w/laws.yaml", "arrivals: closed", "concurrency: 4")
        #expect(closed.arrivals == .closed && closed.concurrency == 4)
        let whole = try draft("file: w/laws.yaml", "length_reading: per_session")
        guard case .synthetic(let total, _) = whole.workload else { return }
        #expect(total.reading == .perSession && total.firstPrefillTokens == nil)
        // A written case holds the laws themselves.
        #expect(!CaseDocument(plain).yaml.contains("laws.yaml"))
    }

    @Test("contexts may have limits, with what is left of them")
    func compaction() throws {
        let limits = """
            context_limit_tokens: {distribution: uniform, low: 100000, high: 200000}
            compacted_new_tokens: 9000

            """
        let file = try read(Self.laws + limits)
        #expect(
            file.sessions.compaction
                == Workload.Compaction(
                    limit: .uniform(low: 100_000, high: 200_000), history: .constant(0),
                    newTokens: .constant(9000)))
        #expect(try read(file.yaml) == file)
        for (text, words) in [
            (Self.laws + "compacted_new_tokens: 9\n", "context_limit_tokens"),
            (Self.laws + "context_limit_tokens: 9\n", "compacted_new_tokens"),
            (
                (Self.laws + limits).replacing("per_round", with: "per_session")
                    .replacing("first_prefill_tokens: 900\n", with: ""), "per_round"
            ),
        ] {
            let error = #expect(throws: CatalogError.self) { try read(text) }
            #expect(error?.description.contains(words) == true)
        }
        _ = try write(Self.laws + limits)
        let whole = try draft("file: w/laws.yaml", "length_reading: per_session")
        guard case .synthetic(let sessions, _) = whole.workload else { return }
        #expect(sessions.compaction == nil)
    }

    @Test("single limits of contexts replace those of a template, whose others stay")
    func templateLimits() throws {
        let usual = try #require(WorkloadLibrary.named("coding-agent")?.sessions.compaction)
        let draft = try draft(
            "template: coding-agent", "rate_per_s: 1", "context_limit_tokens: 90000")
        guard case .synthetic(let sessions, _) = draft.workload else { return }
        #expect(sessions.compaction?.limit == .constant(90_000))
        #expect(sessions.compaction?.newTokens == usual.newTokens)
        #expect(sessions.compaction?.history == usual.history)
        let assumed = draft.assumptions.map(\.key)
        #expect(assumed.contains("workload.compacted_new_tokens"))
        #expect(!assumed.contains("workload.context_limit_tokens"))
    }

    @Test("a trace of a workload file lies relative to that file")
    func trace() throws {
        _ = try write("apiVersion: ampd-plan/v1\nkind: Workload\ntrace: a/t.csv\n")
        guard case .trace(let reference, _, let rate) = try draft("file: w/laws.yaml").workload
        else {
            Issue.record("no trace")
            return
        }
        #expect(reference.path == folder.path + "/w/a/t.csv" && rate == nil)
    }

    @Test(
        "a file that names a trace reads back as it was written, with the law that its sessions arrive by"
    )
    func naming() throws {
        let rate = Rate(sessionsPerSecond: 0.5)
        let text = WorkloadFile.naming(
            NamedTrace(
                path: "t.jsonl", format: .sessionsJSONL, arrivals: .gamma(cv: 2), rate: rate),
            name: "n", source: "s")
        let named = try #require(try WorkloadFile.trace(path: write(text)))
        #expect(
            named
                == NamedTrace(
                    path: folder.path + "/w/t.jsonl", format: .sessionsJSONL,
                    arrivals: .gamma(cv: 2), rate: rate))
        let draft = try draft("file: w/laws.yaml")
        #expect(draft.arrivals == .gamma(cv: 2))
        let plain = NamedTrace(path: "t.jsonl", format: .auto)
        let replayed = WorkloadFile.naming(plain, name: "n", source: "s")
        #expect(try WorkloadFile.trace(path: write(replayed))?.arrivals == .replay)
        #expect(try WorkloadFile.trace(path: write(Self.laws)) == nil)
        #expect(throws: CatalogError.self) {
            try WorkloadFile.trace(path: write(replayed + "rounds: 3\n"))
        }
    }

    @Test(
        "what is wrong in a workload file is told with its place there",
        arguments: [
            ("kind: Workload", "kind: Case", "w/laws.yaml:2:7", "expected Workload"),
            ("apiVersion: ampd-plan/v1\n", "", "w/laws.yaml:1:1", "'apiVersion' is missing"),
            ("decode_tokens: 50", "decode_tokens: 0", "w/laws.yaml:12:16", "decode_tokens"),
            ("decode_tokens: 50", "decodes: 50", "w/laws.yaml:12:1", "decodes"),
            ("decode_tokens: 50", "file: x.yaml", "w/laws.yaml:12:1", "names no other"),
            ("arrivals: gamma", "arrivals: poisson", "w/laws.yaml:7:13", "arrival_cv"),
        ])
    func faults(part: String, fault: String, place: String, words: String) throws {
        let text = Self.laws.replacing(part, with: fault)
        _ = try write(text)
        for attempt in [{ _ = try draft("file: w/laws.yaml") }, { _ = try read(text) }] {
            do {
                try attempt()
                Issue.record("nothing was refused")
            } catch let error as CatalogError {
                #expect(error.description.hasPrefix(folder.path + "/" + place + ":"), "\(error)")
                #expect(error.description.contains(words), "\(error)")
            }
        }
    }

    @Test("a missing file, and laws where there is a trace, are refused")
    func missing() throws {
        #expect(throws: CatalogError.self) { try draft("file: w/none.yaml") }
        #expect(throws: CatalogError.self) {
            try read("apiVersion: ampd-plan/v1\nkind: Workload\ntrace: a.csv\n")
        }
    }

    @Test(
        "every workload of the library can be read, says where it comes from, and is one in a case")
    func library() throws {
        #expect(
            WorkloadLibrary.names == [
                "agent", "chat", "coding-agent", "dureader", "gaia", "hotpotqa", "rag",
                "single-shot",
                "toolbench",
            ])
        for name in WorkloadLibrary.names {
            let file = try #require(WorkloadLibrary.named(name))
            #expect(file.name == name && file.source.count > 30 && file.rate == nil)
            let draft = try draft("template: \(name)", "rate_per_s: 2")
            guard case .synthetic(let sessions, _) = draft.workload else { continue }
            #expect(sessions == file.sessions)
            let assumed = draft.assumptions.first { $0.key == "workload.length_reading" }
            #expect(assumed?.value == file.sessions.reading.rawValue)
            // Every reading of ambiguous lengths is a switch.
            for reading in Workload.LengthReading.allCases where name == "gaia" {
                let read = try self.draft(
                    "template: gaia", "rate_per_s: 2", "length_reading: \(reading.rawValue)")
                guard case .synthetic(let other, _) = read.workload else { continue }
                #expect(other.reading == reading && other.prefillTokens.mean == 6161.02)
            }
        }
        #expect(WorkloadLibrary.named("none") == nil)
    }

    @Test("the means of the paper's table 1 are those of its workloads")
    func table1() throws {
        for (name, rounds, prefill, decode) in [
            ("toolbench", 3.96, 703.79, 50.39), ("gaia", 11.32, 6161.02, 528.76),
            ("hotpotqa", 3, 1569.8, 80.03), ("dureader", 3, 3081.23, 150.1),
        ] {
            let sessions = try #require(WorkloadLibrary.named(name)).sessions
            #expect(sessions.reading == .perSession && sessions.rounds.mean == rounds)
            #expect(sessions.prefillTokens.mean == prefill && sessions.decodeTokens.mean == decode)
        }
    }

    @Test("the documentation's files are some")
    func documentation() throws {
        let root = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(
            contentsOf: root.appending(path: "docs/workloads.md"), encoding: .utf8)
        let blocks = text.components(separatedBy: "```").filter { $0.contains("kind: Workload") }
        try #require(blocks.count == 2)
        let files = blocks.map { String($0.dropFirst("yaml\n".count)) }
        #expect(try read(files[0]).arrivals == .gamma(cv: 1.7))
        let named = try #require(try WorkloadFile.trace(path: write(files[1])))
        #expect(named.arrivals == .gamma(cv: 1.7) && named.format == .sessionsJSONL)
        #expect(named.rate == Rate(sessionsPerSecond: 0.25))
    }
}
