import DequeModule
import DiscreteEvents

/// What the coordinator knows of a worker.
struct WorkerFace {
    /// Waiting compute in nanoseconds, without the running task.
    var waitingWork: Int64
    /// End of the running prefill; in the past where none runs.
    var busyUntil: SimulatedTime
    /// Blocks that no session bound to the worker counts on; negative where they count on more
    /// than there are.
    var freeBlocks: Int
    /// Prefills that wait or run.
    var tasks: Int32 = 0
    /// Rounds on a serving worker that were released and have not ended.
    var unfinished: Int32 = 0
    /// Blocks of the prompts of the rounds that were released and have not ended.
    var activeBlocks = 0
    /// Prompt tokens of the prefills that wait or run.
    var tokens = 0

    /// A worker that has not reported yet.
    static let unknown = Self(waitingWork: 0, busyUntil: .zero, freeBlocks: .max)

    /// Nanoseconds of prefill ahead of a new task at `time`; before the run began there is none.
    func queuedWork(at time: SimulatedTime) -> Double {
        Double(waitingWork + max(0, busyUntil - max(time, .zero)))
    }
}

/// What workers have told the coordinator, so that it can be seen late.
struct Noticeboard<Face>: ~Copyable {
    struct Report {
        let time: SimulatedTime
        let face: Face
    }

    /// Nanoseconds after which a report is seen.
    let delay: Int64
    private var seen: Slab<Face>
    /// Reports on their way, by worker; empty without delay.
    private var coming: Slab<Deque<Report>>

    /// - Parameters:
    ///   - workers: how many report.
    ///   - delay: nanoseconds after which a report is seen.
    ///   - unknown: what is seen of a worker before its first report.
    init(workers: Int, delay: Int64, unknown: Face) {
        self.delay = delay
        seen = Slab(repeating: unknown, count: workers)
        coming = Slab(repeating: [], count: delay > 0 ? workers : 0)
    }

    /// What was known of a worker before anything happened.
    mutating func begin(_ face: Face, of worker: Int) { seen[worker] = face }

    @inline(__always)
    mutating func publish(_ face: Face, of worker: Int, at now: SimulatedTime) {
        if delay == 0 { seen[worker] = face } else { send(face, of: worker, at: now) }
    }

    private mutating func send(_ face: Face, of worker: Int, at now: SimulatedTime) {
        _ = self.face(of: worker, at: now)
        coming[worker].append(Report(time: now, face: face))
    }

    /// The worker as it was `delay` ago; times must not decrease from call to call.
    @inline(__always)
    mutating func face(of worker: Int, at now: SimulatedTime) -> Face {
        if delay > 0 { receive(from: worker, at: now) }
        return seen[worker]
    }

    private mutating func receive(from worker: Int, at now: SimulatedTime) {
        while let first = coming[worker].first, first.time <= now - delay {
            seen[worker] = first.face
            coming[worker].removeFirst()
        }
    }
}
