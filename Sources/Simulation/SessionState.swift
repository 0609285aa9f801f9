import DiscreteEvents
import ServingDomain

/// Where one living session stands.
struct SessionState {
    /// What a session is waiting for, and what may happen to its KV cache meanwhile.
    enum Stage: UInt8 {
        /// Waits for its tool.
        case idle
        /// Released, in a queue; what it holds is not in use.
        case waiting
        /// Prefill selected or running, KV in transfer, or about to join a batch.
        case active
        /// In a decode batch.
        case decoding
        /// All rounds done, or refused.
        case ended
    }

    /// The session's number in order of arrival.
    var session: Int
    var isMeasured: Bool
    /// Place of its tenant among the targets: 0 where none is told.
    var tenant: Int32 = 0
    var stage = Stage.active
    /// Whether the round has been in a decode batch.
    var hasJoined = false
    /// Whether the round had to give its memory up.
    var wasPreempted = false
    /// Whether the round came back while its history was pinned, and still has it.
    var isPinned = false
    /// Whether the round's history was evicted before its prefill began.
    var hasLostHistory = false
    /// Whether a round of the session missed the TTFT target.
    var missedTTFT = false
    var arrived: SimulatedTime

    // MARK: The present round
    /// Index of the session's first round in the table, and how many it has.
    var firstRound: Int
    var rounds: Int32
    var round: Int32 = 0
    var script: RoundScript
    /// Place in the table of the round that was released last.
    var servedRound = 0
    var released = SimulatedTime.zero
    var admitted = SimulatedTime.zero
    var prefillStarted = SimulatedTime.zero
    var prefillEnded = SimulatedTime.zero
    /// When the round's first token was sampled; `.never` until then.
    var firstToken = SimulatedTime.never
    /// What the first token takes outside the steps, in nanoseconds.
    var firstTokenLatency: Int64 = 0
    /// When the first token or one of a later prefill was sampled, or a batch was left early.
    var lastToken = SimulatedTime.zero
    /// When the round before ended.
    var roundEnded = SimulatedTime.zero
    /// When the round came to its worker complete, or with its history copied from host memory; older
    /// or `.zero` for others.
    var ready = SimulatedTime.zero
    /// Nanoseconds that the round's KV transfers have taken.
    var transferTime: Int64 = 0
    /// Prefill worker that executed the round; negative for a local prefill.
    var executor: Int32 = -1
    /// Gaps of the round so far that are longer than the target, without those in the present batch.
    var gapsOver: Int64 = 0
    /// Long steps of the batch before the session's first gap there.
    var longStepsBefore: Int64 = 0
    /// Output tokens that exist already and are part of the prompt now, after a preemption.
    var generated: Int32 = 0
    /// Prompt tokens computed so far by the chunks of an unfinished prefill.
    var chunked: Int32 = 0

    // MARK: Memory
    /// Serving worker that the session is bound to; negative before its arrival.
    var worker: Int32 = -1
    /// Tokens of the conversation whose KV cache has been computed once.
    var context = 0
    /// Tokens of the conversation behind the context whose KV cache never existed: the last one of an
    /// answer that the prompt still holds.
    var unread: Int32 = 0
    /// Tokens of the context that are still resident on the worker.
    var resident = 0
    /// Blocks that the session alone holds, except in a batch, where they follow from its length.
    var blocks = 0
    /// Blocks that the session holds beside those of its tokens (`KeptBeside`).
    var besideBlocks: Int32 = 0
    /// Segments at the beginning of the prompt that the round uses; negative while it is not served.
    var sharedSegments: Int32 = -1
    /// Blocks of those segments.
    var sharedBlocks: Int32 = 0
    /// What the session has on workers that do not serve it; negative for nothing.
    var entry: Int32 = -1
    /// What prefill workers have kept of the session's prompts; negative for nothing.
    var cachedPrompt: Int32 = -1
    /// Blocks that the coordinator counts for the session.
    var pledged = 0
    /// Neighbours in the list of sessions of this kind on the worker; negative at its ends.
    var next: Int32 = -1
    var previous: Int32 = -1

    /// Tokens that are copied from host memory before the prefill.
    var loading: Int32 = 0
    /// Whether the prefill after that takes place on the serving worker.
    var loadsForServing = false

    // MARK: Decode
    /// Which entry of the batch's endings is this session's.
    var ticket: UInt32 = 0
    /// Step of the batch before which the session joined.
    var joinStep = 0
    /// Length of its KV cache when it joined.
    var joinLength = 0
    /// Steps that it stays.
    var joinSteps = 0

    // MARK: All rounds
    var gaps = GapTotals()

    /// Tokens of the prompt: the conversation so far and what is new.
    ///
    /// The last token of the previous answer, whose KV cache does not exist yet, is prefilled too,
    /// where the prompt still holds it; so is everything that a preempted round had generated.
    var promptTokens: Int {
        context + Int(script.newTokens) + Int(unread) + Int(generated)
    }

    var outputTokens: Int { Int(script.outputTokens) }
    var hasFirstToken: Bool { firstToken != .never }
}

/// Sessions in a fixed order, linked through their states; a session is in one list at most.
struct SessionList {
    private(set) var first: Int32 = -1
    private(set) var last: Int32 = -1

    mutating func append(_ slot: Int, in slots: inout SessionSlots) {
        slots[slot].previous = last
        slots[slot].next = -1
        if last >= 0 { slots[Int(last)].next = Int32(slot) } else { first = Int32(slot) }
        last = Int32(slot)
    }

    mutating func prepend(_ slot: Int, in slots: inout SessionSlots) {
        slots[slot].previous = -1
        slots[slot].next = first
        if first >= 0 { slots[Int(first)].previous = Int32(slot) } else { last = Int32(slot) }
        first = Int32(slot)
    }

    mutating func remove(_ slot: Int, in slots: inout SessionSlots) {
        let (previous, next) = (slots[slot].previous, slots[slot].next)
        if previous >= 0 { slots[Int(previous)].next = next } else { first = next }
        if next >= 0 { slots[Int(next)].previous = previous } else { last = previous }
    }
}

/// The living sessions; places are used again, so that memory follows the sessions alive at once.
struct SessionSlots: ~Copyable {
    private var states = Slab<SessionState>(minimumCapacity: 256)
    private var free: [Int] = []

    subscript(slot: Int) -> SessionState {
        _read { yield states[slot] }
        _modify { yield &states[slot] }
    }

    /// Places that were ever used.
    var indices: Range<Int> { states.indices }

    mutating func insert(_ state: SessionState) -> Int {
        guard let slot = free.popLast() else {
            states.append(state)
            return states.count - 1
        }
        states[slot] = state
        return slot
    }

    mutating func remove(_ slot: Int) {
        states[slot].stage = .ended
        free.append(slot)
    }
}
