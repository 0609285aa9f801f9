import DequeModule
import DiscreteEvents

/// What the coordinator knows of a serving worker's steps and of the prompts that wait there.
struct BatchFace {
    /// Sequences of the batch, which grow by a token in every step of the run.
    var members = 0
    /// Sequences that join at the next step boundary.
    var joining = 0
    /// Tokens that the first step of the run attends to, those of who joins after it included.
    var context = 0
    /// Prompt tokens to compute here that no step has taken yet.
    var promptTokens = 0
    /// Sequences in the batch, about to join, or with their prompt still to be computed here.
    var seats = 0
    /// The run of decode steps that goes on.
    var run: StepRun?
    /// End of a step in which nothing decodes; in the past where there is none.
    var busyUntil = SimulatedTime.zero

    /// Sequences that will decode in the next step, as far as is known.
    var sequences: Int { members + joining }

    /// The next step boundary at or after `time`.
    ///
    /// - Parameters:
    ///   - time: the instant that is seen.
    ///   - isPast: whether it is over, so that a step that began in it goes on.
    /// - Returns: nanoseconds until the boundary, and the tokens that its step will attend to.
    func boundary(after time: SimulatedTime, isPast: Bool) -> (wait: Int64, context: Int) {
        // Before the run began nothing was going on.
        guard let run else { return (max(0, busyUntil - max(time, .zero)), context) }
        let begun = isPast ? min(run.steps, run.ended(by: time) + 1) : run.begun(before: time)
        return (max(0, run.end(after: begun) - time), context + members * begun)
    }
}

extension RunningCluster {
    /// The steps of a serving worker as they are now.
    func batchFace(of worker: Int) -> BatchFace {
        var face = BatchFace()
        face.members = workers[worker].batch.count
        face.joining = workers[worker].joining.count
        face.context = workers[worker].batch.totalContext
        for slot in workers[worker].joining {
            face.context += slots[Int(slot)].promptTokens + (slots[Int(slot)].hasFirstToken ? 1 : 0)
        }
        face.promptTokens = workers[worker].queue.queuedTokens
        for slot in workers[worker].partials {
            face.promptTokens += localShape(Int(slot)).increment - Int(slots[Int(slot)].chunked)
        }
        for chunk in workers[worker].chunks { face.promptTokens -= chunk.tokens }
        face.seats = workers[worker].seatsTaken + workers[worker].queue.count
        guard workers[worker].isBusy else { return face }
        if workers[worker].decodes {
            face.run = workers[worker].entry.run
        } else {
            face.busyUntil = workers[worker].busyUntil
        }
        return face
    }
}
