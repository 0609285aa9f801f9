import ServingDomain

/// Writes a tape while a run goes on.
///
/// Only what has not ended yet is kept beside the tape, so that memory follows the sessions alive at
/// once and the limit of the request.
struct TapeRecorder {
    /// A living session, by its place among the slots.
    struct Following {
        var session: Int32
        var parent: Int32
        var isMeasured: Bool
        var isFollowed: Bool
        var arrived: Int64
        var round: Int32 = 0
        /// Release of the present round; nil between rounds.
        var released: Int64?
        var phase: (kind: Tape.Phase.Kind, start: Int64, worker: Int32)?
        var transfer: Carrying?
    }

    /// A transfer under way; a session has one at most.
    struct Carrying {
        let number: Int
        let part: Tape.Transfer.Part
        let source: Int32
        let target: Int32
        let tokens: Int
        let asked: Int64
    }

    /// What a worker computes now.
    struct Computing {
        let start: Int64
        var batch = 0
        var context = 0
        var prompts: [Tape.Prompt] = []
    }

    var tape: Tape
    /// Nothing that begins from here on is kept.
    private var closesAt: Int64
    var following: ContiguousArray<Following?> = []
    var computing: ContiguousArray<Computing?>
    var loads: ContiguousArray<(since: Int64, levels: Tape.Load.Levels)>
    var transfersAsked = 0

    init(
        _ request: TapeRequest, workers: [Tape.Worker], firstTokenLatency: FirstTokenLatency
    ) {
        tape = Tape(request, workers: workers, firstTokenLatency: firstTokenLatency)
        closesAt = request.window.upperBound
        computing = ContiguousArray(repeating: nil, count: workers.count)
        loads = ContiguousArray(repeating: (0, Tape.Load.Levels()), count: workers.count)
    }

    /// Whether something that lasted so long is kept.
    func keeps(_ start: Int64, _ end: Int64) -> Bool {
        start < closesAt && end >= tape.request.window.lowerBound
    }

    /// Ends the window after this instant when the tape is full; what began before still comes.
    ///
    /// Spans are enough to look at: marks may lie in the past, and a span follows each soon.
    mutating func countRecords(_ now: Int64) {
        guard tape.filledAt == nil, now < closesAt, tape.count >= tape.request.limit else { return }
        closesAt = now + 1
        tape.filledAt = now
    }

    // MARK: Sessions

    mutating func begin(
        _ slot: Int, session: Int, parent: Int?, isMeasured: Bool, at now: Int64
    ) {
        while following.count <= slot { following.append(nil) }
        following[slot] = Following(
            session: Int32(session), parent: Int32(parent ?? -1), isMeasured: isMeasured,
            isFollowed: session.isMultiple(of: tape.request.everySession), arrived: now)
    }

    mutating func release(_ slot: Int, round: Int32, at now: Int64) {
        endPhase(slot, at: now)
        following[slot]?.round = round
        following[slot]?.released = now
    }

    /// Ends the phase before and begins another, unless it goes on.
    mutating func enter(_ kind: Tape.Phase.Kind, _ slot: Int, worker: Int32, at now: Int64) {
        if let phase = following[slot]?.phase, phase.kind == kind, phase.worker == worker {
            return
        }
        endPhase(slot, at: now)
        following[slot]?.phase = (kind, now, worker)
    }

    private mutating func endPhase(_ slot: Int, at now: Int64, isCut: Bool = false) {
        guard let state = following[slot], let phase = state.phase else { return }
        following[slot]?.phase = nil
        guard state.isFollowed, phase.start < now, keeps(phase.start, now) else { return }
        tape.phases.append(
            Tape.Phase(
                session: state.session, round: state.round, kind: phase.kind,
                span: Tape.Span(start: phase.start, end: now, isCut: isCut),
                worker: phase.worker))
        countRecords(now)
    }

    mutating func mark(_ kind: Tape.Mark.Kind, _ slot: Int, at time: Int64) {
        guard let state = following[slot], state.isFollowed, keeps(time, time) else { return }
        tape.marks.append(
            Tape.Mark(session: state.session, round: state.round, kind: kind, time: time))
    }

    /// What is known of a round's sizes and places.
    struct RoundFacts {
        let promptTokens: Int
        let newTokens: Int
        let outputTokens: Int
        let prefillWorker: Int32
    }

    mutating func endRound(_ slot: Int, _ facts: RoundFacts, at now: Int64, isCut: Bool = false) {
        endPhase(slot, at: now, isCut: isCut)
        guard let state = following[slot], let released = state.released else { return }
        following[slot]?.released = nil
        guard state.isFollowed, keeps(released, now) else { return }
        tape.rounds.append(
            Tape.Round(
                session: state.session, round: state.round,
                span: Tape.Span(start: released, end: now, isCut: isCut),
                promptTokens: facts.promptTokens, newTokens: facts.newTokens,
                outputTokens: facts.outputTokens, prefillWorker: facts.prefillWorker))
        countRecords(now)
    }

    mutating func end(_ slot: Int, worker: Int32, at now: Int64, isCut: Bool = false) {
        endPhase(slot, at: now, isCut: isCut)
        guard let state = following[slot] else { return }
        following[slot] = nil
        guard state.isFollowed, keeps(state.arrived, now) else { return }
        tape.sessions.append(
            Tape.Session(
                session: state.session, parent: state.parent,
                span: Tape.Span(start: state.arrived, end: now, isCut: isCut),
                isMeasured: state.isMeasured, worker: worker))
        countRecords(now)
    }

    /// The living session of a slot.
    func session(in slot: Int) -> Following? { slot < following.count ? following[slot] : nil }
}
