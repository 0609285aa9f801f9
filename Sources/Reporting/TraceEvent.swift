import Simulation

/// One event of a trace: where and when, and the record of the tape that it is rendered from.
struct TraceEvent {
    /// What is shown; numbers are places on the tape.
    enum Content {
        case metadata(name: StaticString, argument: String)
        case session(Int, Edge)
        case round(Int, Edge)
        case phase(Int, Edge)
        case mark(Int)
        case step(Int)
        case transfer(Int)
        case flow(Int, isStart: Bool)
        case counter(Counter, Tape.Load.Levels)
    }

    enum Edge {
        case begin
        case end
    }

    enum Counter: CaseIterable {
        case blocks
        case batch
        case queue
    }

    /// Nanoseconds from the start of the run.
    let time: Int64
    let process: Int
    var thread: Int?
    let content: Content
}

extension TraceEvent {
    /// The event as a JSON object on one line.
    func text(_ document: TraceEventDocument) -> String {
        let tape = document.tape
        return switch content {
        case .metadata(let name, let argument):
            "{\"ph\":\"M\",\"name\":\"\(name)\",\"pid\":\(process)"
                + (thread.map { ",\"tid\":\($0)" } ?? "") + ",\"args\":{\(argument)}}"
        case .session(let place, let edge): line(tape.sessions[place], edge, tape)
        case .round(let place, let edge): line(tape.rounds[place], edge, tape)
        case .phase(let place, let edge): line(tape.phases[place], edge, tape)
        case .mark(let place): line(tape.marks[place])
        case .step(let place): line(tape.steps[place], tape)
        case .transfer(let place): line(tape.transfers[place], tape)
        case .flow(let place, let isStart): line(tape.transfers[place], isStart: isStart)
        case .counter(let counter, let levels): line(counter, levels)
        }
    }

    // MARK: Sessions

    private func line(_ session: Tape.Session, _ edge: Edge, _ tape: Tape) -> String {
        let home = session.worker < 0 ? "" : ",\"worker\":\"\(tape.name(session.worker))\""
        return async(
            edge, "session \(session.session)", session.session,
            "\"measured\":\(session.isMeasured)" + home
                + (session.parent < 0 ? "" : ",\"started_by\":\(session.parent)")
                + Self.cut(session.span))
    }

    private func line(_ round: Tape.Round, _ edge: Edge, _ tape: Tape) -> String {
        let place =
            round.prefillWorker < 0 ? "" : ",\"prefill\":\"\(tape.name(round.prefillWorker))\""
        return async(
            edge, "round \(round.round)", round.session,
            "\"round\":\(round.round),\"prompt_tokens\":\(round.promptTokens)"
                + ",\"new_tokens\":\(round.newTokens),\"output_tokens\":\(round.outputTokens)"
                + place + Self.cut(round.span))
    }

    private func line(_ phase: Tape.Phase, _ edge: Edge, _ tape: Tape) -> String {
        let place = phase.worker < 0 ? "" : ",\"worker\":\"\(tape.name(phase.worker))\""
        return async(
            edge, phase.kind.title, phase.session,
            "\"round\":\(phase.round)" + place + Self.cut(phase.span))
    }

    private func line(_ mark: Tape.Mark) -> String {
        head("n", mark.kind.title) + ",\"cat\":\"session\",\"id\":\(mark.session)"
            + ",\"args\":{\"round\":\(mark.round)}}"
    }

    /// Details stand at the beginning of an async event; its end repeats the name alone.
    private func async(
        _ edge: Edge, _ name: String, _ session: Int32, _ details: @autoclosure () -> String
    ) -> String {
        head(edge == .begin ? "b" : "e", name) + ",\"cat\":\"session\",\"id\":\(session)"
            + (edge == .begin ? ",\"args\":{\(details())}}" : "}")
    }

    // MARK: Workers

    private func line(_ step: Tape.Step, _ tape: Tape) -> String {
        let prompts = tape.prompts[step.prompts]
        var details: [String] = []
        if step.batch > 0 {
            details += [
                "\"batch\":\(step.batch)", "\"steps\":\(step.steps)",
                "\"context_tokens\":\(step.context)",
            ]
        }
        if !prompts.isEmpty {
            let list = prompts.map {
                "{\"session\":\($0.session),\"round\":\($0.round)"
                    + ",\"history_tokens\":\($0.history),\"tokens\":\($0.tokens)}"
            }
            details.append("\"prompts\":[\(list.joined(separator: ","))]")
        }
        let name =
            prompts.isEmpty ? "decode" : step.batch > 0 ? "decode and prefill" : "prefill"
        return slice(
            name, "compute", step.span, details.joined(separator: ",") + Self.cut(step.span))
    }

    private func line(_ transfer: Tape.Transfer, _ tape: Tape) -> String {
        slice(
            transfer.part.title, "kv", transfer.span,
            "\"session\":\(transfer.session),\"round\":\(transfer.round)"
                + ",\"tokens\":\(transfer.tokens),\"from\":\"\(tape.name(transfer.source))\""
                + ",\"to\":\"\(tape.name(transfer.target))\"" + Self.cut(transfer.span))
    }

    private func line(_ transfer: Tape.Transfer, isStart: Bool) -> String {
        head(isStart ? "s" : "f", transfer.part.title) + ",\"cat\":\"kv\",\"id\":\(transfer.number)"
            + (isStart ? "}" : ",\"bp\":\"e\"}")
    }

    private func slice(
        _ name: String, _ category: String, _ span: Tape.Span, _ details: String
    ) -> String {
        head("X", name) + ",\"dur\":\(Self.microseconds(span.end - span.start))"
            + ",\"cat\":\"\(category)\",\"args\":{\(details)}}"
    }

    private func line(_ counter: Counter, _ levels: Tape.Load.Levels) -> String {
        let values = counter.values(levels).map { "\"\($0.name)\":\($0.value)" }
        return head("C", counter.title) + ",\"args\":{\(values.joined(separator: ","))}}"
    }

    // MARK: Parts

    private func head(_ phase: String, _ name: String) -> String {
        "{\"ph\":\"\(phase)\",\"name\":\"\(name)\",\"pid\":\(process)"
            + (thread.map { ",\"tid\":\($0)" } ?? "") + ",\"ts\":\(Self.microseconds(time))"
    }

    /// Says that the run was over first.
    private static func cut(_ span: Tape.Span) -> String {
        span.isCut ? ",\"unfinished\":true" : ""
    }

    /// Microseconds, exact to the nanosecond; no time of a trace is negative.
    static func microseconds(_ nanoseconds: Int64) -> String {
        let (whole, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1000)
        guard rest > 0 else { return String(whole) }
        let digits = String(rest)
        return "\(whole)." + String(repeating: "0", count: 3 - digits.count) + digits
    }
}
