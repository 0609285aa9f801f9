import DequeModule
import DiscreteEvents

/// What a worker has told the coordinator, with the times, so that routing can see it late.
struct PublishedState {
    struct Report {
        var time: SimulatedTime
        /// Waiting compute in nanoseconds, without the running task.
        var waitingWork: Int64
        /// End of the running prefill; in the past where none runs.
        var busyUntil: SimulatedTime
        var freeTokens: Int
    }

    private var reports: Deque<Report> = []
    private var seen = Report(time: .zero, waitingWork: 0, busyUntil: .zero, freeTokens: .max)

    /// Records a change; `delay` tells how long old reports are still needed.
    mutating func publish(_ report: Report, delay: Int64) {
        guard delay > 0 else {
            seen = report
            return
        }
        _ = asOf(SimulatedTime(nanoseconds: report.time.nanoseconds - delay))
        reports.append(report)
    }

    /// The state as it was at `time`; times must not decrease from call to call.
    mutating func asOf(_ time: SimulatedTime) -> Report {
        while let first = reports.first, first.time <= time {
            seen = first
            reports.removeFirst()
        }
        return seen
    }
}

extension PublishedState.Report {
    /// Nanoseconds of prefill ahead of a new task at `time`.
    func queuedWork(at time: SimulatedTime) -> Double {
        Double(waitingWork + max(0, busyUntil.nanoseconds - time.nanoseconds))
    }
}
