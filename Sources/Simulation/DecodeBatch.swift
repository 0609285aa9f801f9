import HeapModule

/// The running sequences of one decode worker.
///
/// Nothing is touched per sequence and step: a sequence that joins at step s with m tokens to go
/// ends at step s + m, and the sum of contexts is kept as a running number.
struct DecodeBatch {
    private struct Ending: Comparable {
        let step: Int
        let session: Int

        static func < (lhs: Self, rhs: Self) -> Bool {
            (lhs.step, lhs.session) < (rhs.step, rhs.session)
        }
    }

    private var endings = Heap<Ending>()
    /// Steps executed so far.
    private(set) var step = 0
    /// When the last step ended, in ticks: the time of the previous token of whoever was in it.
    private(set) var clock: Int128 = 0
    /// Tokens that the next step attends to, over all sequences.
    private(set) var totalContext = 0
    /// Sequences of measured sessions.
    private(set) var measured = 0

    var count: Int { endings.count }

    /// Adds a sequence that attends to `context` tokens in its first step.
    mutating func join(session: Int, context: Int, steps: Int, isMeasured: Bool) {
        endings.insert(Ending(step: step + steps, session: session))
        totalContext += context
        if isMeasured { measured += 1 }
    }

    /// Steps until the first sequence ends; 0 for an empty batch.
    var stepsToFirstEnding: Int { endings.min.map { $0.step - step } ?? 0 }

    /// Executes a run: in each step every sequence grows by one token.
    mutating func advance(_ run: StepRun) {
        step += run.steps
        totalContext += endings.count * run.steps
        clock = run.clock(after: run.steps)
    }

    /// Takes a sequence that ended with the last step; the caller says how long it had become.
    mutating func popEnded() -> Int? {
        guard let first = endings.min, first.step <= step else { return nil }
        endings.removeMin()
        return first.session
    }

    /// Takes an ended sequence's tokens out of the sum.
    mutating func release(context: Int, isMeasured: Bool) {
        totalContext -= context
        if isMeasured { measured -= 1 }
    }
}
