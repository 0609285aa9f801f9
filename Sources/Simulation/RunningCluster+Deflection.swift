import CostModeling
import DiscreteEvents
import Scheduling
import ServingDomain

/// Prefills on serving workers, in chunks that leave the steps of decoding sequences short.
extension RunningCluster {
    /// Tells the view when the round's first token would exist on each worker that may compute it.
    ///
    /// A first round may still be bound to any worker that can hold its session, and finds there
    /// what that has of shared segments.
    mutating func lookAtHosts(_ slot: Int, _ deflection: PrefillDeflection) {
        let home = Int(slots[slot].worker)
        view.home.firstStep = setup.firstTokenSite == .decode ? firstStep(slot, home) : 0
        var limit = deflection.factor * view.remoteFirstToken
        view.hosts.removeAll(keepingCapacity: true)
        addHost(home, localShape(slot), &limit)
        guard slots[slot].round == 0 else { return }
        let needed = blocks(sessions.contexts(of: slots[slot].session).longest, of: slot)
        for worker in workers.indices
        where worker != home && needed <= workers[worker].pool.capacity {
            addHost(worker, firstShape(slot, on: worker), &limit)
        }
    }

    /// Sizes of the prefill of a session's first round on another worker than its own.
    private mutating func firstShape(_ slot: Int, on worker: Int) -> PrefillShape {
        // Steps that have begun may have evicted what is looked for.
        if !segments.isEmpty { settle(worker) }
        let resident = lookUp(slot, on: worker).reached.tokens
        return PrefillShape(
            read: 0, history: resident, increment: slots[slot].promptTokens - resident, back: 0)
    }

    /// Adds a worker to the view; nobody looks at one that is not sooner than `limit`.
    private mutating func addHost(_ worker: Int, _ shape: PrefillShape, _ limit: inout Double) {
        let time = firstToken(on: worker, shape, within: limit)
        limit = min(limit, time)
        view.hosts.append(.init(worker: worker, firstToken: time))
    }

    /// Nanoseconds of the step in which a round that was prefilled elsewhere would join the batch.
    private mutating func firstStep(_ slot: Int, _ worker: Int) -> Double {
        let seenAt = now - batchBoard.delay
        let face = batchBoard.face(of: worker, at: now)
        let boundary = face.boundary(after: seenAt, isPast: batchBoard.delay > 0)
        let ticks = decodeTicks(
            worker, face.sequences + 1, boundary.context + slots[slot].promptTokens)
        return Ticks.exactNanoseconds(Ticks.wide(ticks))
    }

    /// Nanoseconds until a prompt's first token if it is computed on a serving worker, behind the
    /// prompts there; infinite where no chunks are safe, or beyond `limit`.
    private mutating func firstToken(
        on worker: Int, _ shape: PrefillShape, within limit: Double
    ) -> Double {
        let seenAt = now - batchBoard.delay
        let face = batchBoard.face(of: worker, at: now)
        guard face.seats < setup.maxSequences else { return .infinity }
        let batch = face.sequences
        let boundary = face.boundary(after: seenAt, isPast: batchBoard.delay > 0)
        let (wait, costs) = (Double(boundary.wait), workers[worker].costs)
        guard wait <= limit, let safeChunks = policy.safeChunks else { return .infinity }
        let chunks = batch > 0 ? safeChunks : SafeChunks(target: .max)
        let ticks = chunks.timeToFirstToken(
            .init(ahead: face.promptTokens, history: shape.history, increment: shape.increment),
            budget: setup.tokenBudget - batch,
            // A nanosecond more, so that rounding hides nothing that is within the limit.
            limit: Ticks.rounding(nanoseconds: limit - wait + 1),
            decode: { batch > 0 ? decodeTicks(worker, batch, boundary.context + batch * $0) : 0 },
            added: { history, tokens in
                Ticks.rounding(
                    nanoseconds: costs.timeAdded(
                        by: CollectionOfOne((history, tokens)), beside: batch,
                        context: boundary.context))
            })
        return ticks.map { wait + Ticks.exactNanoseconds(Ticks.wide($0)) } ?? .infinity
    }

    /// Ticks of a decode step.
    private mutating func decodeTicks(_ worker: Int, _ batch: Int, _ context: Int) -> Int64 {
        stepLines.piece(kind: workers[worker].kind, batch: batch, context: context)
            .piece.ticks(context)
    }

    /// Binds a session that holds no memory to another serving worker.
    mutating func rebind(_ slot: Int, to worker: Int) {
        let (home, pledged) = (Int(slots[slot].worker), slots[slot].pledged)
        guard worker != home else { return }
        precondition(slots[slot].blocks == 0, "INV-4: KV cache stays where it is")
        pledge(slot, 0)
        workers[home].unfinished -= 1
        workers[home].activeBlocks -= pledged
        publishServing(home)
        slots[slot].worker = Int32(worker)
        pledge(slot, pledged)
        workers[worker].unfinished += 1
        workers[worker].activeBlocks += pledged
    }
}
