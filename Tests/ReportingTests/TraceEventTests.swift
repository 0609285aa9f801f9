import Simulation
import Testing

@testable import Reporting

@Suite("A run as trace events")
struct TraceEventTests {
    private static let policies: [String] = ["always_remote", "always_local", "ampd"]

    private func trace(
        _ policy: String, _ request: TapeRequest = TapeRequest()
    ) throws -> ReadTrace {
        try ReadTrace(
            TraceFixture.text(TraceFixture.record(TraceFixture.setup(policy), request).tape))
    }

    @Test("slices of a thread follow one another", arguments: policies)
    func threads(policy: String) throws {
        let slices = try trace(policy).events("X")
        let threads = Dictionary(grouping: slices) { [$0.process, $0.thread ?? -1] }
        #expect(threads.count >= 2)
        for slices in threads.values {
            for (one, next) in zip(slices, slices.dropFirst()) { #expect(one.end <= next.time) }
        }
    }

    @Test("async events of a session nest, and every begin has its end", arguments: policies)
    func nesting(policy: String) throws {
        let sessions = Dictionary(grouping: try trace(policy).events("b", "e", "n")) { $0.id ?? -1 }
        #expect(Set(sessions.keys) == Set(0..<40))
        for events in sessions.values {
            var open: [String] = []
            var last = Int64.min
            for event in events {
                #expect(event.time >= last)
                last = event.time
                switch event.phase {
                case "b": open.append(event.name)
                case "e": #expect(open.popLast() == event.name)
                default: #expect(open.first?.hasPrefix("session") == true)
                }
            }
            #expect(open == [])
        }
    }

    @Test("each round's times can be read from the file alone", arguments: policies)
    func rounds(policy: String) throws {
        let (result, tape) = TraceFixture.record(TraceFixture.setup(policy))
        let trace = try ReadTrace(TraceFixture.text(tape))
        let read = try FollowedRounds(trace)
        #expect(result.rounds.count > 60)
        for round in result.rounds {
            let found = try #require(read.rounds[[round.session, round.round]])
            #expect(found.released == round.released)
            #expect(found.length("wait for memory") == round.memoryWait)
            let first = try #require(found.marks["first token"])
            let last = try #require(found.marks["last token"])
            let latency = read.latency.base + read.latency.perPromptToken * found.promptTokens
            #expect(first - found.released + latency == round.ttft)
            #expect(last - first == round.decodeTime)
            let prefill = try #require(
                found.phases.last { $0.name == "prefill" && $0.end <= first })
            #expect([prefill.start, prefill.end] == [round.prefillStarted, round.prefillEnded])
            #expect(found.outputTokens == round.outputTokens)
            #expect(found.prefillWorker.hasPrefix("D") == round.isLocal)
        }
    }

    @Test("a flow has one start and one end, each on a slice of its worker")
    func flows() throws {
        let trace = try trace("always_remote")
        let (starts, ends) = (trace.events("s"), trace.events("f"))
        #expect(starts.count > 60)
        #expect(Set(starts.map(\.id)).count == starts.count)
        #expect(Set(starts.map(\.id)) == Set(ends.map(\.id)))
        #expect(ends.count == starts.count)
        let slices = Dictionary(grouping: trace.events("X")) { [$0.process, $0.thread ?? -1] }
        for event in starts + ends {
            let thread = slices[[event.process, event.thread ?? -1]] ?? []
            let slice = try #require(thread.first { $0.time == event.time })
            #expect(slice.name == event.name)
        }
        let targets = Dictionary(uniqueKeysWithValues: ends.map { ($0.id, $0.process) })
        for start in starts { #expect(targets[start.id] != start.process) }
    }

    @Test("worker, thread and session tracks are named, and their nodes shown")
    func names() throws {
        var setup = TraceFixture.setup("always_remote")
        setup.placement = .nodes(prefill: [0, 0], serving: [0, 1])
        let trace = try ReadTrace(TraceFixture.text(TraceFixture.record(setup).tape))
        let metadata = trace.events("M")
        let processes = metadata.filter { $0.name == "process_name" }.map { $0.arguments["name"] }
        #expect(processes == ["sessions", "P0 TP1", "P1 TP1", "D0 TP1", "D1 TP1"])
        let labels = metadata.filter { $0.name == "process_labels" }
        #expect(labels.map { $0.arguments["labels"] } == ["node 0", "node 0", "node 0", "node 1"])
        let named = Set(
            metadata.filter { $0.name == "thread_name" }.map { [$0.process, $0.thread ?? -1] })
        for slice in trace.events("X") {
            #expect(named.contains([slice.process, slice.thread ?? -1]))
        }
    }

    @Test("counters show the blocks that are held, and end at none")
    func counters() throws {
        let trace = try trace("always_remote")
        let blocks = trace.events("C").filter { $0.name == "KV blocks" }
        let sums = blocks.map { $0.arguments.values.reduce(0) { $0 + ($1.whole ?? 0) } }
        #expect(sums.max() ?? 0 > 20)
        #expect((sums.max() ?? 0) <= 900 / 16)
        #expect(sums.allSatisfy { $0 >= 0 })
        #expect(
            trace.events("C").contains {
                $0.name == "batch" && ($0.arguments["sequences"]?.whole ?? 0) > 1
            })
        #expect(
            trace.events("C").contains {
                $0.name == "queue" && ($0.arguments["memory"]?.whole ?? 0) > 1
            })
    }

    @Test("a window and a sample are parts of the whole file")
    func parts() throws {
        let setup = TraceFixture.setup("ampd")
        let whole = try ReadTrace(TraceFixture.text(TraceFixture.record(setup).tape))
        let request = TapeRequest(window: 400_000..<900_000, everySession: 4)
        let part = try ReadTrace(TraceFixture.text(TraceFixture.record(setup, request).tape))
        let window: Range<Int64> = 400_000..<900_000
        let steps = whole.events("X").filter {
            $0.thread == 1 && $0.time < window.upperBound && $0.end >= window.lowerBound
        }
        #expect(part.events("X").filter { $0.thread == 1 }.map(\.time) == steps.map(\.time))
        #expect(!steps.isEmpty)
        let marks = whole.events("n").filter {
            window.contains($0.time) && ($0.id ?? 1).isMultiple(of: 4)
        }
        #expect(part.events("n").map(\.time) == marks.map(\.time))
        #expect(!marks.isEmpty)
        #expect(part.origin["window_from_us"] == 400)
        #expect(part.origin["every_session"] == 4)
        #expect(part.origin["filled_at_us"] == .null)
    }

    @Test("a file that is full says so")
    func full() throws {
        let trace = try trace("ampd", TapeRequest(limit: 100))
        let filledAt = try #require(trace.origin["filled_at_us"]?.nanoseconds)
        #expect(filledAt > 0)
        #expect(trace.events("X", "b", "n").allSatisfy { $0.time <= filledAt })
    }

    @Test("the same run gives the same bytes, in pieces of any number")
    func determinism() throws {
        let texts = try (0..<2).map { _ in
            try TraceFixture.text(TraceFixture.record(TraceFixture.setup("ampd")).tape)
        }
        #expect(texts[0] == texts[1])
        #expect(texts[0].utf8.count > 1 << 16)
    }

    @Test(
        "times are microseconds, exact to the nanosecond",
        arguments: [
            (0, "0"), (1, "0.001"), (1_000, "1"), (1_020, "1.020"), (123_456_789, "123456.789"),
        ])
    func microseconds(nanoseconds: Int64, text: String) {
        #expect(TraceEvent.microseconds(nanoseconds) == text)
    }
}

/// Rounds put together again from the async events of a trace.
private struct FollowedRounds {
    struct Phase {
        let name: String
        let start: Int64
        let end: Int64
    }

    struct Round {
        var released: Int64 = 0
        var promptTokens: Int64 = 0
        var outputTokens = 0
        var prefillWorker = ""
        var phases: [Phase] = []
        var marks: [String: Int64] = [:]

        func length(_ name: String) -> Int64 {
            phases.reduce(0) { $1.name == name ? $0 + $1.end - $1.start : $0 }
        }
    }

    let latency: (base: Int64, perPromptToken: Int64)
    private(set) var rounds: [[Int]: Round] = [:]

    init(_ trace: ReadTrace) throws {
        let base = trace.origin["first_token_latency_us"]?.nanoseconds
        let slope = trace.origin["first_token_latency_us_per_prompt_token"]?.nanoseconds
        latency = (try #require(base), try #require(slope))
        var open: [Int: [ReadTrace.Event]] = [:]
        for event in trace.events("b", "e", "n") {
            let session = try #require(event.id)
            if event.phase == "b" { open[session, default: []].append(event) }
            if event.phase == "n", let round = event.arguments["round"]?.whole {
                rounds[[session, round], default: Round()].marks[event.name] = event.time
            }
            if event.phase == "e", let begin = open[session]?.popLast() { add(begin, event.time) }
        }
    }

    private mutating func add(_ begin: ReadTrace.Event, _ end: Int64) {
        guard let session = begin.id, let number = begin.arguments["round"]?.whole else { return }
        var round = rounds[[session, number]] ?? Round()
        if begin.name.hasPrefix("round") {
            round.released = begin.time
            round.promptTokens = Int64(begin.arguments["prompt_tokens"]?.whole ?? 0)
            round.outputTokens = begin.arguments["output_tokens"]?.whole ?? 0
            round.prefillWorker = begin.arguments["prefill"]?.plainText ?? ""
        } else {
            round.phases.append(Phase(name: begin.name, start: begin.time, end: end))
        }
        rounds[[session, number]] = round
    }
}
