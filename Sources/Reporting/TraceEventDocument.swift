import ServingDomain
public import Simulation

/// A tape as trace-event JSON, which Perfetto and older trace viewers open.
///
/// Workers are processes: their computations and KV transfers are slices on threads, what they hold
/// is counters. Sessions are async events with their rounds and phases inside. Times are
/// microseconds with nanoseconds as decimals. The same tape gives the same bytes.
public struct TraceEventDocument: Sendable {
    /// What the file says of its origin, beside what the tape knows.
    public typealias Origin = [String: JSONValue]

    /// Bytes after which text goes on to the reader.
    private static let pieceSize = 1 << 16

    let tape: Tape
    private let origin: Origin

    public init(_ tape: Tape, origin: Origin) {
        self.tape = tape
        self.origin = origin
    }

    /// Writes the document piece by piece.
    ///
    /// - Throws: what `sink` throws, and what the encoding of `origin` does.
    public func write(to sink: (String) throws -> Void) throws {
        let header: JSONValue = [
            "displayTimeUnit": "ns", "otherData": .object(origin.merging(facts) { own, _ in own }),
        ]
        var piece = String(try header.json().dropLast("\n}\n".count))
        piece += ",\n  \"traceEvents\": [\n"
        var isFirst = true
        for event in metadata + events {
            piece += isFirst ? "" : ",\n"
            isFirst = false
            piece += event.text(self)
            guard piece.utf8.count >= Self.pieceSize else { continue }
            try sink(piece)
            piece.removeAll(keepingCapacity: true)
        }
        try sink(piece + "\n]}\n")
    }

    /// What the tape says of itself.
    private var facts: Origin {
        let window = tape.request.window
        return [
            "first_token_latency_us": Self.exact(tape.firstTokenLatency.base.inNanoseconds),
            "first_token_latency_us_per_prompt_token": Self.exact(
                tape.firstTokenLatency.perPromptToken.inNanoseconds),
            "run_end_us": Self.exact(tape.end),
            "window_from_us": Self.exact(window.lowerBound),
            "window_to_us": window.upperBound == .max ? .null : Self.exact(window.upperBound),
            "every_session": .integer(tape.request.everySession),
            "records": .integer(tape.count),
            "record_limit": .integer(tape.request.limit),
            "filled_at_us": tape.filledAt.map(Self.exact) ?? .null,
        ]
    }

    private static func exact(_ nanoseconds: Int64) -> JSONValue {
        nanoseconds.isMultiple(of: 1000)
            ? .integer(Int(nanoseconds / 1000)) : .number(Double(nanoseconds) / 1000)
    }

    /// Everything that happened, in order of time; what is simultaneous on a track stays in the
    /// order in which it nests.
    private var events: [TraceEvent] {
        let events = sessionEvents + stepEvents + transferEvents + loadEvents
        let order = events.indices.sorted {
            (events[$0].time, $0) < (events[$1].time, $1)
        }
        return order.map { events[$0] }
    }
}

extension TraceEventDocument {
    static var shape: DocumentShape {
        .object([
            "displayTimeUnit": .const("ns"), "otherData": .anything,
            "traceEvents": .list(event),
        ])
    }

    /// Any event; what a kind of event has beside is in its arguments (docs/trace-events.md).
    private static var event: DocumentShape {
        .object(
            [
                "ph": .oneOf(["M", "b", "e", "n", "X", "s", "f", "C"]), "name": .text,
                "pid": .count,
            ],
            optional: [
                "tid": .count, "ts": .amount, "dur": .amount, "cat": .text, "id": .count,
                "bp": .text, "args": .anything, "s": .text,
            ])
    }
}
