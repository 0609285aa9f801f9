import CostModeling
import Scheduling
import ServingDomain
import Testing

/// A worker whose prefill takes `perToken` nanoseconds per new token.
private func candidate(
    tp: Int = 1, perToken: Double = 1, queued: Double = 0, latency: Double = 0
) -> Router.Candidate {
    let prefill = PhaseCosts(
        linear: .line(intercept: 0, slope: perToken), attention: [], fittedTokens: .infinity)
    let decode = PhaseCosts(linear: .constant(1), attention: [], fittedTokens: .infinity)
    let costs = WorkerCosts(
        degree: TensorParallelDegree(tp) ?? .one, prefill: prefill, decode: decode)
    return Router.Candidate(
        costs: costs, snapshot: WorkerSnapshot(queuedWork: queued, windowedLatency: latency))
}

private func router(_ name: ServingPolicy.Name) -> Router {
    Router(
        policy: ServingPolicy(name: name, prefillSlack: 0.5, decodeSlack: 0.5),
        service: ServiceLevel(ttft: .nanoseconds(800), itl: .nanoseconds(20)),
        transfer: TransferCosts(
            latency: .nanoseconds(10), bandwidth: Bandwidth(bytesPerSecond: 1e9), bytesPerToken: 1))
}

@Suite("Adaptive routing (Algorithm 1, §4.1)")
struct RouterTests {
    let task = PrefillTask(history: 0, increment: 100)

    @Test("a prefill worker with TTFT slack is preferred, even where local is cheaper")
    func slackWins() {
        let route = router(.ampd).route(
            task, decode: candidate(perToken: 0.01),
            prefill: [candidate(latency: 401), candidate(queued: 5000, latency: 400)])
        #expect(route == .remote(1))
    }

    @Test("of several workers with slack the cheapest by Eq. 2 is taken, the lowest index at a tie")
    func cheapestWithSlack() {
        let decode = candidate()
        #expect(
            router(.ampd).route(
                task, decode: decode, prefill: [candidate(queued: 9), candidate(queued: 4)])
                == .remote(1))
        #expect(
            router(.ampd).route(task, decode: decode, prefill: [candidate(), candidate()])
                == .remote(0))
    }

    @Test("without prefill slack a decode worker with ITL slack takes the task")
    func localOnSlack() {
        let route = router(.ampd).route(
            task, decode: candidate(queued: 1e9, latency: 10), prefill: [candidate(latency: 500)])
        #expect(route == .local)
    }

    @Test("without any slack the smaller of Eq. 1 and Eq. 2 decides, local at a tie")
    func noSlack() {
        // Local: 300 + 100. Remote: queue + 100 + (10 + 100) for the increment's way back.
        let decode = candidate(queued: 300, latency: 11)
        func route(_ queued: Double) -> Route {
            router(.ampd).route(
                task, decode: decode, prefill: [candidate(queued: queued, latency: 500)])
        }
        #expect(route(189) == .remote(0))
        #expect(route(190) == .local)
        #expect(route(191) == .local)
    }

    @Test("Eq. 2 counts the history there and the increment back")
    func remoteCost() {
        let cost = router(.ampd).remoteCost(
            PrefillTask(history: 50, increment: 100), candidate(), candidate(queued: 7))
        #expect(cost == 7 + 100 + (10 + 50) + (10 + 100))
    }

    @Test("the constant policies do not look at slack")
    func constants() {
        let full = candidate(queued: 1e9, latency: 1e9)
        #expect(
            router(.alwaysRemote).route(task, decode: candidate(), prefill: [full]) == .remote(0))
        #expect(router(.alwaysLocal).route(task, decode: full, prefill: [candidate()]) == .local)
    }
}

@Suite("Prefill reordering (Algorithm 2, §4.2)")
struct PrefillReorderingTests {
    func waiting(
        _ age: Double, _ compute: Double, _ postponements: Int = 0, transfer: Double = 0
    ) -> PrefillReordering.Waiting {
        .init(age: age, compute: compute, transfer: transfer, postponements: postponements)
    }

    @Test("a long task steps back where that saves two short ones")
    func longStepsBack() {
        let reordering = PrefillReordering(window: 3, maxPostponements: 5, target: 100)
        let order = reordering.order([waiting(0, 90), waiting(0, 20), waiting(0, 30)])
        #expect(order == [1, 2, 0])
    }

    @Test("equal counts keep the order of arrival")
    func ties() {
        let reordering = PrefillReordering(window: 3, maxPostponements: 5, target: 1000)
        #expect(reordering.order([waiting(0, 90), waiting(0, 20), waiting(0, 30)]) == [0, 1, 2])
    }

    @Test("the rest of what runs now delays every task alike")
    func remainder() {
        let reordering = PrefillReordering(window: 2, maxPostponements: 5, target: 100)
        let queue = [waiting(0, 60), waiting(0, 40)]
        #expect(reordering.order(queue) == [0, 1])
        // After 30 only one order leaves anyone in time twice: none; the short one first gives one
        // at 70 and one at 130, the long one first one at 90 and one at 130. A tie keeps arrival.
        #expect(reordering.order(queue, after: 30) == [0, 1])
        // After 50 the long one ends at 110 whatever happens, the short one alone is in time.
        #expect(reordering.order(queue, after: 50) == [1, 0])
    }

    @Test("a task's transfers delay itself and nobody behind it")
    func transfers() {
        let reordering = PrefillReordering(window: 2, maxPostponements: 5, target: 100)
        // 50 + 45 = 95 and 90 + 5 = 95: both in time only because the first one's transfer does not
        // hold up the second.
        let queue = [waiting(0, 40, transfer: 5), waiting(0, 50, transfer: 45)]
        #expect(reordering.order(queue) == [1, 0])
    }

    @Test("a task that was postponed often enough keeps its place")
    func postponementLimit() {
        let reordering = PrefillReordering(window: 3, maxPostponements: 2, target: 100)
        let order = reordering.order([waiting(0, 90, 2), waiting(0, 20), waiting(0, 30)])
        #expect(order.first == 0)
    }

    @Test("only the window is looked at")
    func window() {
        let reordering = PrefillReordering(window: 2, maxPostponements: 5, target: 100)
        let order = reordering.order([waiting(0, 90), waiting(0, 200), waiting(0, 1)])
        #expect(order == [0, 1])
    }

    @Test("the chosen order is the best among all allowed ones", arguments: 0..<40)
    func bruteForce(_ seed: Int) {
        var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 &+ 1
        func next(_ bound: UInt64) -> Double {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Double((state >> 33) % bound)
        }
        let queue = (0..<4).map { _ in waiting(next(80), next(60) + 1, Int(next(3))) }
        let reordering = PrefillReordering(window: 4, maxPostponements: 2, target: 120)
        func onTime(_ order: [Int]) -> Int {
            var finish = 0.0
            return order.count { index in
                finish += queue[index].compute
                return queue[index].age + finish <= 120
            }
        }
        func permutations(_ rest: [Int]) -> [[Int]] {
            rest.isEmpty
                ? [[]]
                : rest.flatMap { head in
                    permutations(rest.filter { $0 != head }).map { [head] + $0 }
                }
        }
        let allowed = permutations([0, 1, 2, 3]).filter { order in
            order.enumerated().allSatisfy { $0 <= $1 || queue[$1].postponements < 2 }
        }
        #expect(onTime(reordering.order(queue)) == allowed.map(onTime).max())
    }
}

@Suite("Binding to a decode worker (§4.1)")
struct DecodeBindingTests {
    @Test("most free KV memory wins, the lowest index at a tie, nobody among none")
    func binding() {
        #expect(DecodeBinding.choose(freeTokens: [5, 9, 9]) == 1)
        #expect(DecodeBinding.choose(freeTokens: []) == nil)
    }
}
