/// What workers and links do, complete whatever sessions are followed.
extension TapeRecorder {
    mutating func begin(_ step: Computing, on worker: Int) { computing[worker] = step }

    mutating func endStep(_ worker: Int, steps: Int, at now: Int64, isCut: Bool = false) {
        guard let step = computing[worker] else { return }
        computing[worker] = nil
        guard keeps(step.start, now) else { return }
        let first = tape.prompts.count
        tape.prompts += step.prompts
        tape.steps.append(
            Tape.Step(
                worker: Int32(worker), span: Tape.Span(start: step.start, end: now, isCut: isCut),
                steps: steps, batch: step.batch, context: step.context,
                prompts: first..<tape.prompts.count))
        countRecords(now)
    }

    mutating func ask(
        _ part: Tape.Transfer.Part, _ slot: Int, tokens: Int, from source: Int, to target: Int,
        at now: Int64
    ) {
        following[slot]?.transfer = Carrying(
            number: transfersAsked, part: part, source: Int32(source), target: Int32(target),
            tokens: tokens, asked: now)
        transfersAsked += 1
    }

    mutating func endTransfer(_ slot: Int, at now: Int64, isCut: Bool = false) {
        guard let state = following[slot], let transfer = state.transfer else { return }
        following[slot]?.transfer = nil
        guard keeps(transfer.asked, now) else { return }
        tape.transfers.append(
            Tape.Transfer(
                number: transfer.number, session: state.session, round: state.round,
                part: transfer.part, source: transfer.source, target: transfer.target,
                tokens: transfer.tokens,
                span: Tape.Span(start: transfer.asked, end: now, isCut: isCut)))
        countRecords(now)
    }

    /// Levels that last only for a part of an instant leave no trace.
    mutating func note(_ levels: Tape.Load.Levels, of worker: Int, at now: Int64) {
        guard levels != loads[worker].levels else { return }
        endLoad(worker, at: now)
        loads[worker] = (now, levels)
    }

    mutating func endLoad(_ worker: Int, at now: Int64, isCut: Bool = false) {
        let load = loads[worker]
        guard load.since < now, keeps(load.since, now) else { return }
        tape.loads.append(
            Tape.Load(
                worker: Int32(worker), span: Tape.Span(start: load.since, end: now, isCut: isCut),
                levels: load.levels))
        countRecords(now)
    }

    /// The tape of a run that is over, its last loads included.
    mutating func finish(at end: Int64) -> Tape {
        for worker in loads.indices { endLoad(worker, at: end, isCut: true) }
        tape.end = end
        return tape
    }
}
