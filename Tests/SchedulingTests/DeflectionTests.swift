import ServingDomain
import Testing

@testable import Scheduling

@Suite("Load-aware deflection (kairos)")
struct DeflectionTests {
    /// Remote: 50 in the queue, 100 to compute, 10 to move, and a first step of 40: 200.
    private func view(_ hosts: (Int, Double)...) -> RoutingView {
        var view = RoutingView()
        for queued in [90.0, 50] {
            var worker = RoutingView.PrefillWorker()
            (worker.queuedWork, worker.compute, worker.transfer) = (queued, 100, 10)
            view.prefill.append(worker)
        }
        view.home.firstStep = 40
        for (worker, time) in hosts { view.hosts.append(.init(worker: worker, firstToken: time)) }
        return view
    }

    private func route(_ view: RoutingView, factor: Double = 1) -> Route {
        var policy = ServingPolicy(name: .kairos)
        policy[.deflectionFactor] = factor
        let service = ServiceLevel(ttft: .seconds(1), itl: .seconds(1))
        return policy.definition.rule(policy, service)(view)
    }

    @Test("a prefill is deflected only where its first token comes strictly sooner")
    func strictlySooner() {
        #expect(route(view((3, 199.9))) == .serving(3))
        #expect(route(view((3, 200))) == .remote(1))
    }

    @Test("the factor lets the serving worker be so much later")
    func factor() {
        #expect(route(view((3, 299)), factor: 1.5) == .serving(3))
        #expect(route(view((3, 300)), factor: 1.5) == .remote(1))
    }

    @Test("the soonest host is taken, the first of equal ones")
    func soonest() {
        #expect(route(view((2, 150), (0, 120), (1, 120))) == .serving(0))
    }

    @Test(
        "where no schedule is safe the prefill goes to the best prefill worker, whatever its queue")
    func unsafe() {
        #expect(route(view((3, .infinity)), factor: 1000) == .remote(1))
        #expect(route(view(), factor: 1000) == .remote(1))
    }

    @Test("without prefill workers it stays, on a host if one is safe")
    func withoutPrefillWorkers() {
        var view = view((3, 1e12))
        view.prefill = []
        #expect(route(view) == .serving(3))
        view.hosts[0].firstToken = .infinity
        #expect(route(view) == .local)
    }
}

@Suite("Chunks that keep steps short")
struct SafeChunksTests {
    @Test("the largest chunk is the last that stays within the target", arguments: 0...60)
    func largest(target: Int) {
        let step = { (tokens: Int) in Int64(7 + 3 * tokens) }
        let chunks = SafeChunks(target: Int64(target))
        let expected = (0...12).last { $0 == 0 || step($0) <= Int64(target) }
        #expect(chunks.largest(12, step: step) == expected)
    }

    @Test("a step that gets shorter with more tokens is never taken for safe where it is not")
    func notMonotone() {
        for target in 0..<40 {
            for seed in 0..<50 {
                let step = { (tokens: Int) in Int64((tokens * 29 + seed * 31) % 37) }
                let found = SafeChunks(target: Int64(target)).largest(20, step: step)
                #expect(found == 0 || step(found) <= Int64(target))
            }
        }
    }

    /// A decode step takes 10 and one more each time; a token adds 5, and 1 where it has a history.
    private func time(
        _ prompt: SafeChunks.Prompt, target: Int64 = 30, budget: Int = 100, limit: Int64 = .max
    ) -> Int64? {
        SafeChunks(target: target).timeToFirstToken(
            prompt, budget: budget, limit: limit, decode: { Int64(10 + $0) },
            added: { history, tokens in Int64((history > 0 ? 6 : 5) * tokens) })
    }

    @Test("a prompt takes as many steps as its largest safe chunks need")
    func schedule() {
        // 10 + 4 x 5 = 30; then 11 + 3 x 6 = 29 and 12 + 3 x 6 = 30.
        #expect(time(.init(increment: 10)) == 89)
        #expect(time(.init(increment: 4)) == 30)
        #expect(time(.init(history: 1, increment: 4)) == 45)
    }

    @Test("prompts ahead are computed first, as if they had this one's history")
    func ahead() {
        // 10 + 20 for the four ahead; 11 + 15 for three of its own, 12 + 6 for the last.
        #expect(time(.init(ahead: 4, increment: 4)) == 74)
        // 10 + 18, 11 + 18, 12 + 12.
        #expect(time(.init(ahead: 4, history: 9, increment: 4)) == 81)
    }

    @Test("the token budget bounds a chunk too")
    func budget() {
        #expect(time(.init(increment: 4), budget: 2) == 43)
    }

    @Test("there is no schedule where a step has no room for a token, or it takes too long")
    func none() {
        #expect(time(.init(increment: 1), target: 14) == nil)
        #expect(time(.init(increment: 10), target: 16) == nil, "the second step is too long")
        #expect(time(.init(increment: 1), budget: 0) == nil)
        #expect(time(.init(increment: 10), limit: 89) == 89)
        #expect(time(.init(increment: 10), limit: 88) == nil)
    }
}
