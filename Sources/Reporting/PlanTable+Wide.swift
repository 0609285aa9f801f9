import Planning
import ServingDomain
import Simulation

/// Columns that only the wide table and CSV have.
extension PlanTable {
    static let furtherColumns: [TextTable.Column] = [
        ("ttft_p99_ms", .right), ("itl_p99_ms", .right), ("tpot_p50_ms", .right),
        ("tpot_p95_ms", .right), ("e2e_p50_ms", .right), ("e2e_p95_ms", .right),
        ("memory_wait_p95_ms", .right), ("transfer_p95_ms", .right), ("busy_prefill", .right),
        ("busy_decode", .right), ("kv_peak", .right), ("replications", .right),
        ("sessions", .right),
    ]

    static func furtherFigures(_ plan: RankedPlan) -> [String] {
        let report = plan.report
        return [
            milliseconds(report.ttft?.p99), milliseconds(report.itl?.p99),
            milliseconds(report.tpot?.p50), milliseconds(report.tpot?.p95),
            milliseconds(report.endToEnd?.p50), milliseconds(report.endToEnd?.p95),
            milliseconds(report.memoryWait?.p95), milliseconds(report.transferTime?.p95),
            figure(report.prefillUtilisation, 2), figure(report.decodeUtilisation, 2),
            figure(report.peakMemoryShare, 2), String(report.replications),
            String(report.sessions),
        ]
    }
}
