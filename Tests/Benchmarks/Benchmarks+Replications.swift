import Planning
import Scheduling
import ServingDomain
import Simulation

/// Independent runs on both cores; the drawing of the sessions is timed too.
extension Benchmarks {
    static func replications(_ costs: Costs) -> [Benchmark] {
        [precision(costs), speedUp(costs), tenMillionRounds(costs)]
    }

    /// P95 of TTFT to 2 %, at load 0.8 of the prefill workers, which are the bottleneck.
    private static func precision(_ costs: Costs) -> Benchmark {
        Benchmark(name: "precision-ttft-p95-4p4d", unit: .seconds, target: 0.5) {
            let setup = costs.cluster(.alwaysRemote, 4, 4)
            let rate = 0.8 * 4 / costs.meanPrefillSeconds
            let ttft = ServingStatistic.latency(.ttft, .p95)
            let length = RunLength(
                [.init(ttft, relativeHalfWidth: 0.02)], maxReplications: 1_000)
            let runs = costs.replications(
                Load.requests(rate: rate), .init(replications: 10, sessions: 10_000), jobs: 2)
            return {
                var report = ServingReport?.none
                let before = ProcessUse.processorTime
                let time = await seconds { report = await runs.report(setup, until: length) }
                guard let report, let outcome = report.precisions.first else {
                    return .init(value: time, isValid: false)
                }
                let used = ProcessUse.processorTime - before
                let width = outcome.estimate?.relativeHalfWidth ?? .infinity
                return .init(
                    value: time,
                    note: """
                        +-\(hundredths(width * 100)) % from \(report.replications) x 10,000 \
                        requests, \(hundredths(used)) s of processor time, prefill workers \
                        busy \(hundredths(report.prefillUtilisation))
                        """,
                    isValid: outcome.isReached)
            }
        }
    }

    /// The same replications on one thread and on two.
    private static func speedUp(_ costs: Costs) -> Benchmark {
        Benchmark(name: "speedup-2-threads", unit: .speedUp, target: 1.8) {
            let setup = costs.cluster(.ampd, 2, 2)
            let planning = Case.Planning(replications: 20, sessions: 10_000)
            let load = Load.sessions(rate: 1)
            return {
                var reports: [ServingReport] = []
                var times: [Double] = []
                for jobs in [1, 2] {
                    let runs = costs.replications(load, planning, jobs: jobs)
                    times.append(await seconds { reports.append(await runs.report(setup)) })
                }
                let isEqual = reports[0] == reports[1]
                return .init(
                    value: times[0] / times[1],
                    note: isEqual ? "the same results" : "different results", isValid: isEqual)
            }
        }
    }

    /// Ten million measured rounds of 64 workers.
    private static func tenMillionRounds(_ costs: Costs) -> Benchmark {
        Benchmark(name: "ten-million-rounds-16p48d", unit: .seconds, target: 40, runs: 1) {
            let setup = costs.cluster(.ampd, 16, 48)
            let runs = costs.replications(
                Load.sessions(rate: 8), .init(replications: 50, sessions: 50_000), jobs: 2)
            return {
                var rounds = 0
                let before = ProcessUse.processorTime
                let time = await seconds { rounds = await runs.report(setup).rounds }
                let used = ProcessUse.processorTime - before
                let memory = ProcessUse.peakMemory
                return .init(
                    value: time,
                    note: """
                        \(grouped(Double(rounds))) rounds, \(hundredths(used)) s of processor \
                        time, peak memory \(memory / 1_000_000) MB
                        """,
                    isValid: rounds >= 10_000_000 && memory < 500_000_000)
            }
        }
    }
}

extension Costs {
    /// Replications of a workload under the case's own targets.
    fileprivate func replications(
        _ workload: Workload, _ planning: Case.Planning, jobs: Int
    ) -> Replications {
        var question = LayoutQuestion(planningCase)
        question.workload = workload
        question.planning = planning
        return Replications(question, jobs: jobs)
    }
}
