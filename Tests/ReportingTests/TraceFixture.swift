import CostModeling
import Foundation
import ServingDomain
import Simulation
import Testing

@testable import Reporting

/// Small runs, and their traces read back.
enum TraceFixture {
    static let worker = WorkerCosts(
        degree: .one,
        prefill: PhaseCosts(
            linear: .line(intercept: 0, slope: 1000), attention: [], fittedTokens: .infinity),
        decode: PhaseCosts(
            linear: .line(intercept: 500, slope: 100), attention: [], fittedTokens: .infinity),
        firstToken: FirstTokenLatency(base: .nanoseconds(70), perPromptToken: .nanoseconds(2)))

    /// Two workers of each kind, memory for a few sessions, and links that are felt.
    static func setup(_ policy: String, capacity: Int = 900) -> ClusterSetup {
        let seat = ClusterSetup.DecodeSeat(costs: worker, capacity: Tokens(capacity))
        var setup = ClusterSetup(
            prefill: .workers([worker, worker]), decode: .workers([seat, seat]),
            transfer: TransferCosts(
                latency: .nanoseconds(2000), bandwidth: Bandwidth(bytesPerSecond: 1e7),
                bytesPerToken: 3),
            policy: ServingPolicy(name: .init(rawValue: policy)),
            service: ServiceLevel(ttft: .milliseconds(1), itl: .microseconds(10)), blockSize: 16)
        setup.localPrefill = .chunked
        setup.tokenBudget = 100
        return setup
    }

    /// Sessions of one to three rounds that arrive faster than they are served.
    static func sessions(_ count: Int) -> SessionTable {
        var table = SessionTable()
        for session in 0..<count {
            let rounds = (0...session % 3).map { round in
                RoundScript(
                    newTokens: 20 + (session * 37 + round * 53) % 150,
                    outputTokens: 1 + (session * 5 + round * 3) % 40,
                    delayAfter: Int64(20_000 * ((session + round) % 4)))
            }
            table.append(arrival: Int64(session * 41_003), rounds: rounds)
        }
        return table
    }

    static func record(
        _ setup: ClusterSetup, sessions: Int = 40, _ request: TapeRequest = TapeRequest()
    ) -> (result: SimulationResult, tape: Tape) {
        ServingSimulation.record(
            setup, sessions: Self.sessions(sessions),
            measured: MeasuredSessions(first: 0, end: sessions), request, keepsRounds: true)
    }

    static func text(_ tape: Tape) throws -> String {
        var text = ""
        try TraceEventDocument(tape, origin: ["case": "a \"quoted\" name"]).write { text += $0 }
        return text
    }
}

/// A trace file as a reader sees it; times in nanoseconds.
struct ReadTrace {
    struct Event {
        let phase: String
        let name: String
        let process: Int
        let thread: Int?
        let id: Int?
        let time: Int64
        let duration: Int64
        let arguments: [String: JSONValue]
    }

    let events: [Event]
    let origin: [String: JSONValue]

    init(_ text: String) throws {
        let document = try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
        guard case .array(let events)? = document["traceEvents"],
            case .object(let origin)? = document["otherData"]
        else { throw CocoaError(.fileReadCorruptFile) }
        self.origin = origin
        self.events = events.map(Event.init)
    }

    /// Events of one kind, in the order of the file.
    func events(_ phases: String...) -> [Event] { events.filter { phases.contains($0.phase) } }
}

extension ReadTrace.Event {
    fileprivate init(_ value: JSONValue) {
        phase = value["ph"]?.plainText ?? ""
        name = value["name"]?.plainText ?? ""
        process = value["pid"]?.whole ?? -1
        thread = value["tid"]?.whole
        id = value["id"]?.whole
        time = value["ts"]?.nanoseconds ?? 0
        duration = value["dur"]?.nanoseconds ?? 0
        arguments = if case .object(let members)? = value["args"] { members } else { [:] }
    }

    var end: Int64 { time + duration }
}

extension JSONValue {
    var whole: Int? { if case .integer(let value) = self { value } else { nil } }

    /// Microseconds as whole nanoseconds.
    var nanoseconds: Int64? {
        switch self {
        case .integer(let value): Int64(value) * 1000
        case .number(let value): Int64((value * 1000).rounded())
        default: nil
        }
    }
}
