import Scheduling
import ServingDomain
import Testing

@testable import Simulation

@Suite("What is on the tape of a run")
struct TapeTests {
    private static let policies: [ServingPolicy.Name] = [
        .alwaysRemote, .alwaysLocal, .ampd, .alwaysRemoteLegacy,
    ]

    private static func scenario(_ seed: Int) -> Scenario {
        Scenario(
            seed: UInt64(seed), policy: policies[seed % policies.count], load: .of(seed / 4))
    }

    private func record(
        _ scenario: Scenario, _ request: TapeRequest = TapeRequest()
    ) -> (result: SimulationResult, tape: Tape) {
        ServingSimulation.record(
            scenario.setup, sessions: scenario.sessions,
            measured: MeasuredSessions(first: 0, end: scenario.sessions.count), request,
            keepsRounds: true)
    }

    @Test("an infinite prefill server reads, computes and sends, and the tape shows it")
    func infinitePrefill() {
        var setup = cluster(.alwaysRemote)
        setup.prefill = .unlimited(plainWorker)
        let (_, tape) = ServingSimulation.record(
            setup, sessions: table((0, [(10, 2, 5000), (3, 1, 0)])),
            measured: MeasuredSessions(first: 0, end: 1), TapeRequest())
        let kinds = tape.phases.filter { $0.round == 1 }.map(\.kind)
        #expect(
            kinds.filter { [.readHistory, .prefill, .writeBack].contains($0) }
                == [.readHistory, .prefill, .writeBack])
    }

    @Test("the tape of a replication goes on behind the measured sessions")
    func wholeReplication() {
        let load = OverloadTests()
        let replications = load.replications(load: 0.5, sessions: 30)
        let tape = replications.record(load.setup, TapeRequest())
        let last = tape.sessions.map(\.session).max() ?? 0
        #expect(Int(last) > replications.filling + 30)
    }

    @Test("a tape changes nothing, and every round's times can be read off it", arguments: 0..<80)
    func rounds(seed: Int) throws {
        let scenario = Self.scenario(seed)
        let (result, tape) = record(scenario)
        let rounds = run(scenario.setup, scenario.sessions).rounds
        #expect(result.rounds == rounds)
        let read = try tape.rounds.map { try FollowedRound($0, on: tape) }
        #expect(read == rounds.map(FollowedRound.init))
        #expect(tape.sessions.count == scenario.sessions.count)
        #expect(tape.marks.count { $0.kind == .refusal } == result.refusedSessions)
        #expect(tape.marks.count { $0.kind == .preemption } == result.preemptions)
        #expect(tape.marks.count { $0.kind == .eviction } == result.evictions)
    }

    @Test(
        "phases follow one another from release to release, rounds lie in sessions",
        arguments: 0..<40)
    func nesting(seed: Int) throws {
        let tape = record(Self.scenario(seed)).tape
        for session in tape.sessions where session.worker >= 0 {
            let phases = tape.phases.filter { $0.session == session.session }
            #expect(phases.first?.span.start == session.span.start)
            #expect(phases.last?.span.end == session.span.end)
            for (one, next) in zip(phases, phases.dropFirst()) {
                #expect(one.span.end == next.span.start)
            }
            for round in tape.rounds where round.session == session.session {
                let own = phases.filter { $0.round == round.round && $0.kind != .tool }
                #expect(own.first?.span.start == round.span.start)
                #expect(own.last?.span.end == round.span.end)
            }
        }
    }

    @Test(
        "no worker does two things at once, and each remote prompt travels back", arguments: 0..<40)
    func workers(seed: Int) {
        let tape = record(Self.scenario(seed)).tape
        for worker in tape.workers.indices {
            let steps = tape.steps.filter { $0.worker == worker }
            for (one, next) in zip(steps, steps.dropFirst()) {
                #expect(one.span.end <= next.span.start)
            }
        }
        let sent = tape.rounds.filter { tape.workers[Int($0.prefillWorker)].role == .prefill }
        let back = tape.transfers.filter { $0.part == .increment }
        #expect(Set(back.map { [$0.session, $0.round] }).count == back.count)
        #expect(
            Set(back.map { [$0.session, $0.round] }) == Set(sent.map { [$0.session, $0.round] }))
        for transfer in tape.transfers {
            let into = transfer.part == .history ? transfer.target : transfer.source
            #expect(tape.workers[Int(into)].role == .prefill)
        }
    }

    @Test("a window keeps what overlaps it, whole, and nothing else", arguments: 0..<40)
    func window(seed: Int) {
        let scenario = Self.scenario(seed)
        let whole = record(scenario).tape
        let window = whole.end / 4..<whole.end / 2
        let part = record(scenario, TapeRequest(window: window)).tape
        #expect(part.content == whole.content(in: window))
        #expect(part.filledAt == nil)
    }

    @Test("every third session is followed, workers stay whole", arguments: 0..<20)
    func sampling(seed: Int) {
        let scenario = Self.scenario(seed)
        let whole = record(scenario).tape
        let part = record(scenario, TapeRequest(everySession: 3)).tape
        #expect(part.content == whole.content { $0.isMultiple(of: 3) })
        #expect(part.steps == whole.steps)
        #expect(part.transfers == whole.transfers)
        #expect(part.loads == whole.loads)
        #expect(
            part.sessions.map(\.session).sorted()
                == (0..<Int32(scenario.sessions.count)).filter { $0 % 3 == 0 })
    }

    @Test("a full tape ends its window and says when", arguments: 0..<20)
    func limit(seed: Int) throws {
        let scenario = Self.scenario(seed)
        let whole = record(scenario).tape
        let part = record(scenario, TapeRequest(limit: whole.count / 2)).tape
        let filledAt = try #require(part.filledAt)
        #expect(part.content == whole.content(in: 0..<filledAt + 1))
        // Only what was under way at that instant comes on top.
        let workers = scenario.setup.tapeWorkers.count
        #expect(part.count <= whole.count / 2 + 4 * scenario.sessions.count + 20 * workers)
        #expect(record(scenario, TapeRequest(limit: whole.count + 1)).tape.filledAt == nil)
    }

    @Test(
        "sessions that a round starts name who started them, and the round waits in its tool call")
    func jobs() {
        var sessions = table((0, [(10, 1, 5_000), (5, 1, 0)]))
        sessions.append(
            startedByRound: 0,
            rounds: [RoundScript(newTokens: 20, outputTokens: 1, delayAfter: 0)])
        let (_, tape) = ServingSimulation.record(
            cluster(.alwaysLocal), sessions: sessions,
            measured: MeasuredSessions(first: 0, end: 1), TapeRequest())
        // The child computes 20 tokens from 10,000 on; the delay was over at 15,000.
        #expect(tape.sessions.map { [$0.session, $0.parent] } == [[1, 0], [0, -1]])
        let tools = tape.phases.filter { $0.kind == .tool }
        #expect(tools.map(\.span) == [Tape.Span(start: 10_000, end: 30_000)])
    }

    @Test("what has not ended when the measured sessions have is cut there")
    func cut() {
        let setup = cluster(.alwaysRemote)
        let (_, tape) = ServingSimulation.record(
            setup, sessions: table((0, [(10, 2, 0)]), (1, [(100, 3, 0)])),
            measured: MeasuredSessions(first: 0, end: 1), TapeRequest())
        // The first: compute 10,000, write back 2,030, two steps of 600.
        #expect(tape.end == 13_230)
        #expect(
            tape.sessions.map(\.span) == [
                Tape.Span(start: 0, end: 13_230), Tape.Span(start: 1, end: 13_230, isCut: true),
            ])
        #expect(tape.rounds.map(\.span.isCut) == [false, true])
        #expect(tape.steps.last?.span == Tape.Span(start: 10_000, end: 13_230, isCut: true))
        #expect(tape.sessions.map(\.isMeasured) == [true, false])
    }
}

/// The times of a round, from its outcome or from a tape.
private struct FollowedRound: Hashable {
    let place: [Int]
    let released: Int64
    let memoryWait: Int64
    let prefill: [Int64]
    let ttft: Int64
    let decodeTime: Int64
    let outputTokens: Int
    let isLocal: Bool

    init(_ outcome: RoundOutcome) {
        place = [outcome.session, outcome.round]
        released = outcome.released
        memoryWait = outcome.memoryWait
        prefill = [outcome.prefillStarted, outcome.prefillEnded]
        ttft = outcome.ttft
        decodeTime = outcome.decodeTime
        outputTokens = outcome.outputTokens
        isLocal = outcome.isLocal
    }

    init(_ round: Tape.Round, on tape: Tape) throws {
        func mark(_ kind: Tape.Mark.Kind) throws -> Int64 {
            let marks = tape.marks.filter {
                $0.session == round.session && $0.round == round.round && $0.kind == kind
            }
            try #require(marks.count == 1, "one \(kind) in a round")
            return marks[0].time
        }
        let (first, last) = (try mark(.firstToken), try mark(.lastToken))
        let phases = tape.phases.filter {
            $0.session == round.session && $0.round == round.round
        }
        let prefill = phases.last { $0.kind == .prefill && $0.span.end <= first }?.span
        place = [Int(round.session), Int(round.round)]
        released = round.span.start
        memoryWait = phases.reduce(0) {
            $1.kind == .memoryWait ? $0 + $1.span.end - $1.span.start : $0
        }
        self.prefill = prefill.map { [$0.start, $0.end] } ?? []
        ttft =
            first - round.span.start
            + tape.firstTokenLatency.nanoseconds(promptTokens: round.promptTokens)
        decodeTime = last - first
        outputTokens = round.outputTokens
        isLocal = tape.workers[Int(round.prefillWorker)].role != .prefill
    }
}

/// Everything on a tape, without the places of prompts.
private struct TapeContent: Equatable {
    var sessions: [Tape.Session]
    var rounds: [Tape.Round]
    var phases: [Tape.Phase]
    var marks: [Tape.Mark]
    var steps: [[Int64]]
    var prompts: [Tape.Prompt]
    var transfers: [Tape.Transfer]
    var loads: [Tape.Load]
}

extension Tape {
    fileprivate var content: TapeContent { content { _ in true } }

    /// What overlaps a window.
    fileprivate func content(in window: Range<Int64>) -> TapeContent {
        func overlaps(_ span: Span) -> Bool {
            span.start < window.upperBound && span.end >= window.lowerBound
        }
        let steps = steps.filter { overlaps($0.span) }
        return TapeContent(
            sessions: sessions.filter { overlaps($0.span) },
            rounds: rounds.filter { overlaps($0.span) },
            phases: phases.filter { overlaps($0.span) },
            marks: marks.filter { window.contains($0.time) },
            steps: steps.map(Self.figures),
            prompts: steps.flatMap { prompts[$0.prompts] },
            transfers: transfers.filter { overlaps($0.span) },
            loads: loads.filter { overlaps($0.span) })
    }

    /// What is left where only some sessions are followed.
    fileprivate func content(of follows: (Int32) -> Bool) -> TapeContent {
        TapeContent(
            sessions: sessions.filter { follows($0.session) },
            rounds: rounds.filter { follows($0.session) },
            phases: phases.filter { follows($0.session) },
            marks: marks.filter { follows($0.session) }, steps: steps.map(Self.figures),
            prompts: prompts, transfers: transfers, loads: loads)
    }

    private static func figures(_ step: Step) -> [Int64] {
        [Int64(step.worker), step.span.start, step.span.end]
            + [step.steps, step.batch, step.context, step.prompts.count].map(Int64.init)
    }
}
