import DiscreteEvents

/// The running sequences of one serving worker.
///
/// Nothing is touched per sequence and step: a sequence that joins at step s with m tokens to go
/// ends at step s + m, and the sum of contexts is kept as a running number.
struct DecodeBatch: ~Copyable {
    /// A sequence's place in the order of endings; void once it has left another way.
    struct Member {
        let slot: Int32
        let ticket: UInt32
    }

    private var endings = EventQueue<Member>(minimumCapacity: 16)
    private var tickets: UInt32 = 0
    private(set) var count = 0
    /// Steps executed so far.
    private(set) var step = 0
    /// When the last step ended, in ticks: the time of the previous token of whoever was in it.
    private(set) var clock: Int128 = 0
    /// Tokens that the next step attends to, over all sequences.
    private(set) var totalContext = 0
    /// Sum of the squares of these tokens.
    private var squares = 0
    /// Steps that were longer, for those who stayed, than the target for a gap between tokens.
    var longSteps: Int64 = 0
    /// The same of each tenant, and the members that it has; empty where no tenant is told.
    var tenants: Slab<TenantMembers>
    /// Sequences of measured sessions.
    private(set) var measured = 0
    private(set) var growth: BlockGrowth

    /// - Parameters:
    ///   - blockSize: tokens of a KV block.
    ///   - tenants: how many are told apart; 0 for none.
    init(blockSize: Int, tenants: Int = 0) {
        growth = BlockGrowth(blockSize: blockSize)
        self.tenants = Slab(repeating: TenantMembers(), count: tenants)
    }

    /// Steps so far that were too long for those of a tenant who stayed.
    func longSteps(of tenant: Int32) -> Int64 {
        tenants.isEmpty ? longSteps : tenants[Int(tenant)].longSteps
    }

    /// Adds a sequence whose KV cache is `length` tokens long before its first step.
    mutating func join(_ slot: Int, _ state: inout SessionState, length: Int, steps: Int) {
        tickets &+= 1
        state.ticket = tickets
        (state.joinStep, state.joinLength, state.joinSteps) = (step, length, steps)
        endings.push(
            at: SimulatedTime(nanoseconds: Int64(step + steps)), rank: 0,
            tie: UInt64(state.session), event: Member(slot: Int32(slot), ticket: tickets))
        growth.change(by: 1, length: length, step: step)
        totalContext += length + 1
        squares &+= (length + 1) &* (length + 1)
        count += 1
        if state.isMeasured { measured += 1 }
        countMember(state, 1)
    }

    /// Takes a sequence out: it ended, or it has to give way.
    // Inlined, as what follows: a state that is handed over is copied first.
    @inline(__always)
    mutating func leave(_ state: SessionState) {
        growth.change(by: -1, length: state.joinLength, step: state.joinStep)
        let context = length(of: state) + 1
        totalContext -= context
        squares &-= context &* context
        count -= 1
        if state.isMeasured { measured -= 1 }
        countMember(state, -1)
    }

    @inline(__always)
    private mutating func countMember(_ state: SessionState, _ change: Int) {
        guard !tenants.isEmpty else { return }
        tenants[Int(state.tenant)].count += change
        if state.isMeasured { tenants[Int(state.tenant)].measured += change }
    }

    /// Present length of a member's KV cache in tokens.
    @inline(__always)
    func length(of state: SessionState) -> Int { state.joinLength + step - state.joinStep }

    /// Standard deviation of the contexts; it stays as it is while nobody joins or leaves.
    var contextDeviation: Double {
        guard count > 1 else { return 0 }
        // Deviations from the whole number below the mean: their sums are exact, small, and the same
        // after every step. What wraps around on the way comes back.
        let pivot = totalContext / count
        let rest = Double(totalContext - pivot * count) / Double(count)
        let moved = squares &- pivot &* (2 &* totalContext &- count &* pivot)
        return max(0, Double(moved) / Double(count) - rest * rest).squareRoot()
    }

    /// Step with which the next sequence ends, void ones included; nil for none.
    var nextEnding: (step: Int, member: Member)? {
        endings.first.map { (Int($0.time.nanoseconds), $0.event) }
    }

    mutating func dropNextEnding() { _ = endings.pop() }

    /// Executes a run: in each step every sequence grows by one token.
    mutating func advance(_ run: StepRun) {
        step += run.steps
        squares &+= run.steps &* (2 &* totalContext &+ count &* run.steps)
        totalContext += count * run.steps
        clock = run.clock(after: run.steps)
    }
}
