import Catalog
import CostModeling
import Foundation
import Planning
import ServingDomain
import Synchronization

/// Whole plans of one question at several sizes, `Examples/scale`, and what each stage of them costs.
extension Benchmarks {
    static func plans() -> [Benchmark] {
        [(32, 1.0), (256, 3), (1024, 10), (4096, 30)].map { gpus, target in
            plan("plan-\(gpus)-gpus", gpus, .proposals, target)
        } + [
            plan("plan-256-gpus-exhaustive", 256, .exhaustive, 15),
            program("program-256-gpus", 256, 0.1), program("program-4096-gpus", 4096, 1),
        ]
    }

    private static func plan(
        _ name: String, _ gpus: Int, _ survey: Planner.Survey, _ target: Double
    ) -> Benchmark {
        var benchmark = Benchmark(name: name, unit: .seconds, target: target) {
            let (planningCase, costs) = try scaled(gpus)
            return {
                let clock = StageClock()
                var layouts = 0
                let time = try await seconds {
                    let result = try await Planner(
                        planningCase: planningCase, costs: costs, jobs: 2
                    ) {
                        clock.note($0)
                    }.plan(survey)
                    layouts = result.screen?.layouts ?? result.plans.count
                }
                return .init(value: time, note: "\(layouts) layouts; \(clock.shares)")
            }
        }
        if gpus > 1000 || survey != .proposals { benchmark.runs = 1 }
        return benchmark
    }

    /// The integer program of a plan alone, when all is known that it needs: the first solve for the
    /// certificate, and those of all aims for each of the best layouts.
    private static func program(_ name: String, _ gpus: Int, _ target: Double) -> Benchmark {
        var benchmark = Benchmark(name: name, unit: .seconds, target: target) {
            let (planningCase, costs) = try scaled(gpus)
            return {
                let clock = StageClock()
                _ = try await Planner(planningCase: planningCase, costs: costs, jobs: 2) {
                    clock.note($0)
                }.plan(.proposals)
                return .init(
                    value: clock.solving,
                    note: "\(planningCase.planning.finalists) layouts, each by several aims")
            }
        }
        if gpus > 1000 { benchmark.runs = 1 }
        return benchmark
    }

    private static func scaled(_ gpus: Int) throws -> (Case, CostModel) {
        let file = URL(filePath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Examples/scale/\(gpus)-gpus.yaml")
        let text = try String(contentsOf: file, encoding: .utf8)
        let draft = try CaseFile.parse(text: text, fileName: file.path(), catalog: Catalog())
        guard let planningCase = draft.resolved else {
            throw Benchmark.Skipped(reason: "\(file.path()) leaves something open")
        }
        let costs = CostModel.build(
            planningCase, degrees: planningCase.planning.degrees,
            resolver: CurveResolver(
                fit: ProfileFit(trust: .analytic, entries: []),
                roofline: Roofline(hardware: planningCase.hardware)),
            overhead: planningCase.engine.overhead)
        return (planningCase, costs)
    }
}

/// Time from each change of the stage to the next.
private final class StageClock: Sendable {
    private struct State {
        var stage: PlanningProgress.Stage?
        var since = ContinuousClock.now
        var spent: [PlanningProgress.Stage: Duration] = [:]
        var solving = Duration.zero
    }

    private let state = Mutex(State())

    func note(_ progress: PlanningProgress?) {
        state.withLock { state in
            let now = ContinuousClock.now
            let length = now - state.since
            if let last = state.stage { state.spent[last, default: .zero] += length }
            // A search tells when it builds its last program, and has words for the answer.
            if progress?.stage == .program, progress?.text != nil { state.solving = length }
            (state.stage, state.since) = (progress?.stage, now)
        }
    }

    /// Seconds that the last program took.
    var solving: Double { state.withLock { $0.solving.inSeconds } }

    /// Seconds of each stage.
    var shares: String {
        note(nil)
        let spent = state.withLock(\.spent)
        return PlanningProgress.Stage.allCases.compactMap { stage in
            spent[stage].map { "\(stage.rawValue) \(hundredths($0.inSeconds)) s" }
        }.joined(separator: ", ")
    }
}
