import Catalog
import Foundation
import Planning
import Reporting
import ServingDomain
import Simulation

/// The file of `--trace-out`.
struct TraceFile {
    let target: OutputFile
    /// The path as the user gave it.
    let name: String
    let request: TapeRequest

    /// Runs the first replication once more with a tape, and writes what is on it.
    func write(
        _ loaded: LoadedCase, _ simulation: DeploymentSimulation, _ layout: Deployment
    ) async throws {
        let tape = await simulation.record(layout, request)
        var bytes = Data()
        try TraceEventDocument(tape, origin: origin(loaded, layout)).write {
            bytes.append(contentsOf: $0.utf8)
        }
        try target.write(bytes)
        Console.say(
            "trace: replication 1 of \(loaded.question.planning.replications), "
                + "\(tape.sessions.count) sessions, \(tape.count) records in \(name)")
        warnings(tape).forEach { Console.say("warning: \($0)") }
    }

    private func origin(_ loaded: LoadedCase, _ layout: Deployment) -> TraceEventDocument.Origin {
        [
            "tool": "ampd-plan",
            "tool_version": .string(Version.current),
            "case": .string(loaded.draft.name),
            "model": JSONValue(loaded.planningCase?.model.name),
            "layout": .string(layout.description),
            "policy": .string(loaded.question.policy.name.rawValue),
            "seed": .integer(Int(clamping: loaded.question.planning.seed)),
            "replication": 1,
            "profile_digest": .string(loaded.origin.digest),
        ]
    }

    private func warnings(_ tape: Tape) -> [String] {
        if let filledAt = tape.filledAt {
            return [
                "the trace is full after \(request.limit) records: nothing that begins after "
                    + "\(seconds(filledAt)) is in it; narrow --trace-window or raise --trace-every."
            ]
        }
        guard tape.count == 0 else { return [] }
        return [
            "nothing happens in --trace-window: the run ends at \(seconds(tape.end)); "
                + "choose a window before that."
        ]
    }

    private func seconds(_ nanoseconds: Int64) -> String {
        "\(Double(nanoseconds / 1_000_000) / 1000) s"
    }
}
