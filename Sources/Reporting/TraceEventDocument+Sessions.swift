import Simulation

extension TraceEventDocument {
    /// The process that the sessions belong to; workers come after it.
    static let sessionProcess = 1

    /// Sessions one after the other, each in order of time with what is inside it.
    var sessionEvents: [TraceEvent] {
        let rounds = Self.bySession(tape.rounds.map(\.session))
        let phases = Self.bySession(tape.phases.map(\.session))
        let marks = Self.bySession(tape.marks.map(\.session))
        let order = tape.sessions.indices.sorted {
            tape.sessions[$0].session < tape.sessions[$1].session
        }
        return order.flatMap { place in
            let session = tape.sessions[place].session
            let inside = inside(rounds[session] ?? [], phases[session] ?? [])
            let points = (marks[session] ?? []).map { event(.mark($0), tape.marks[$0].time) }
            return around(.session(place, .begin), .session(place, .end), tape.sessions[place].span)
            { inside + points }
        }
    }

    /// Rounds with their phases, and the tool calls between them.
    private func inside(_ rounds: [Int], _ phases: [Int]) -> [TraceEvent] {
        var phases = phases[...]
        func next(_ condition: (Tape.Phase) -> Bool) -> [TraceEvent] {
            let own = phases.prefix { condition(tape.phases[$0]) }
            phases = phases.dropFirst(own.count)
            return own.flatMap {
                around(.phase($0, .begin), .phase($0, .end), tape.phases[$0].span) { [] }
            }
        }
        var events: [TraceEvent] = []
        for place in rounds {
            let round = tape.rounds[place]
            events += next { $0.round < round.round }
            events += around(.round(place, .begin), .round(place, .end), round.span) {
                next { $0.round == round.round && $0.kind != .tool }
            }
        }
        return events + next { _ in true }
    }

    private func around(
        _ begin: TraceEvent.Content, _ end: TraceEvent.Content, _ span: Tape.Span,
        _ inside: () -> [TraceEvent]
    ) -> [TraceEvent] {
        [event(begin, span.start)] + inside() + [event(end, span.end)]
    }

    private func event(_ content: TraceEvent.Content, _ time: Int64) -> TraceEvent {
        TraceEvent(time: time, process: Self.sessionProcess, content: content)
    }

    /// Places of the records of each session, in their order.
    private static func bySession(_ sessions: [Int32]) -> [Int32: [Int]] {
        Dictionary(grouping: sessions.indices) { sessions[$0] }
    }
}
