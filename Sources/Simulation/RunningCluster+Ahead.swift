import DequeModule
import DiscreteEvents

/// Asynchronous scheduling: a step is formed while the one before it runs, so that whoever comes
/// meanwhile is not in it.
extension RunningCluster {
    /// Whether steps are formed ahead; not where the policy forms them itself.
    var formsStepsAhead: Bool { setup.formsStepsAhead && setup.decodeTokenCap == nil }

    /// Somebody has come from outside: a round to be prefilled, or a sequence that may decode.
    mutating func noteNewcomer(_ worker: Int) { workers[worker].lastNewcomer = now }

    /// A step has ended: who had come when it began is in the next one.
    mutating func lookAhead(_ worker: Int) {
        guard formsStepsAhead else { return }
        let run = workers[worker].entry.run
        workers[worker].seenUntil =
            workers[worker].decodes ? run.end(after: run.steps - 1) : workers[worker].promptsBegan
    }

    /// A worker with nothing else to do sees everybody; false where there is nobody to see.
    mutating func lookAtNewcomers(_ worker: Int) -> Bool {
        guard hasUnseen(worker) else { return false }
        workers[worker].seenUntil = now
        return true
    }

    /// Whether somebody has come whom the present step does not know.
    func hasUnseen(_ worker: Int) -> Bool {
        formsStepsAhead && workers[worker].lastNewcomer > workers[worker].seenUntil
    }

    /// Whether whoever came at `time` may be in the step that is formed.
    func isSeen(_ time: SimulatedTime, by worker: Int) -> Bool {
        !formsStepsAhead || time <= workers[worker].seenUntil
    }

    /// Lets those into the batch who were seen; the others keep their places.
    mutating func joinSeen(_ worker: Int) {
        for _ in 0..<workers[worker].joining.count {
            guard let slot = workers[worker].joining.popFirst() else { return }
            if hasSeat(worker), isSeen(slots[Int(slot)].ready, by: worker) {
                admitToBatch(Int(slot), worker)
            } else {
                workers[worker].joining.append(slot)
            }
        }
    }
}
