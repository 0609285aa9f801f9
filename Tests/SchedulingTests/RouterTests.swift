import ServingDomain
import Testing

@testable import Scheduling

/// Given numbers of a worker, in nanoseconds.
private struct Worker {
    var queued = 0.0
    var latency = 0.0
    var prefill = 100.0
    var transfer = 110.0
    var tasks = 0
    var tokens = 0
}

private func view(
    _ round: RoutingView.Round = .init(), home: Worker = .init(), _ prefill: [Worker]
) -> RoutingView {
    var view = RoutingView()
    view.round = round
    view.home.queuedWork = home.queued
    view.home.windowedITL = home.latency
    view.home.compute = home.prefill
    for worker in prefill {
        var seen = RoutingView.PrefillWorker()
        seen.queuedWork = worker.queued
        seen.windowedTTFT = worker.latency
        seen.compute = worker.prefill
        seen.transfer = worker.transfer
        seen.tasks = worker.tasks
        seen.tokens = worker.tokens
        view.prefill.append(seen)
    }
    return view
}

private func rule(_ name: ServingPolicy.Name, _ change: (inout ServingPolicy) -> Void = { _ in })
    -> RoutingRule
{
    var policy = ServingPolicy(name: name)
    policy[.prefillSlack] = 0.5
    policy[.decodeSlack] = 0.5
    change(&policy)
    return policy.definition.rule(
        policy, ServiceLevel(ttft: .nanoseconds(800), itl: .nanoseconds(20)))
}

private func route(
    _ name: ServingPolicy.Name, home: Worker = .init(), _ prefill: Worker...
) -> Route {
    rule(name)(view(home: home, prefill))
}

@Suite("Adaptive routing (Algorithm 1, §4.1)")
struct RouterTests {
    @Test("a prefill worker with TTFT slack is preferred, even where local is cheaper")
    func slackWins() {
        let route = route(
            .ampd, home: .init(prefill: 1), .init(latency: 401), .init(queued: 5000, latency: 400))
        #expect(route == .remote(1))
    }

    @Test("of several workers with slack the cheapest by Eq. 2 is taken, the lowest index at a tie")
    func cheapestWithSlack() {
        #expect(route(.ampd, .init(queued: 9), .init(queued: 4)) == .remote(1))
        #expect(route(.ampd, .init(), .init()) == .remote(0))
    }

    @Test("without prefill slack a decode worker with ITL slack takes the task")
    func localOnSlack() {
        #expect(route(.ampd, home: .init(queued: 1e9, latency: 10), .init(latency: 500)) == .local)
    }

    @Test("without any slack the smaller of Eq. 1 and Eq. 2 decides, local at a tie")
    func noSlack() {
        // Local: 300 + 100. Remote: queue + 100 + 110 for the KV cache.
        func decide(_ queued: Double) -> Route {
            route(
                .ampd, home: .init(queued: 300, latency: 11), .init(queued: queued, latency: 500))
        }
        #expect(decide(189) == .remote(0))
        #expect(decide(190) == .local)
        #expect(decide(191) == .local)
    }

    @Test("Eq. 2 counts queue, computation and transfers; Eq. 1 queue and computation")
    func costs() {
        let view = view(
            home: .init(queued: 5, prefill: 30),
            [.init(queued: 7, prefill: 100, transfer: 170)])
        #expect(view.remoteCost(0) == 7 + 100 + 170)
        #expect(view.localCost == 35)
    }

    @Test("the constant policies do not look at slack")
    func constants() {
        let full = Worker(queued: 1e9, latency: 1e9)
        #expect(route(.alwaysRemote, full) == .remote(0))
        #expect(route(.alwaysLocal, home: full, .init()) == .local)
        #expect(route(.alwaysRemoteLegacy, full) == .shared)
    }

    @Test("after the first round a conversation stays where it decodes")
    func conversation() {
        let rule = rule(.alwaysLocalAfterFirst)
        #expect(rule(view(.init(number: 0), [.init()])) == .remote(0))
        #expect(rule(view(.init(number: 1), [.init()])) == .local)
    }
}

@Suite("Conditional disaggregation")
struct DynamoConditionalTests {
    @Test("the first generation sends long increments to a short queue, strictly above the length")
    func firstGeneration() {
        func decide(_ increment: Int, _ queue: Int) -> Route {
            var view = view(.init(number: 1, history: 5000, increment: increment), [.init()])
            view.sharedTasks = queue
            return rule(.dynamoConditionalV0)(view)
        }
        #expect(decide(1000, 0) == .local)
        #expect(decide(1001, 0) == .shared)
        #expect(decide(1001, 1) == .shared)
        #expect(decide(1001, 2) == .local)
    }

    @Test("the second generation keeps short increments on long histories local")
    func secondGeneration() {
        func decide(_ history: Int, _ increment: Int) -> Route {
            rule(.dynamoConditionalV1)(
                view(.init(number: 1, history: history, increment: increment), [.init()]))
        }
        #expect(decide(4000, 2047) == .local)
        #expect(decide(4000, 2048) == .remote(0))
        // 699 of 999 is below seven tenths, 700 of 1,000 is not; a first round never is.
        #expect(decide(300, 699) == .local)
        #expect(decide(300, 700) == .remote(0))
        #expect(decide(0, 10) == .remote(0))
    }

    @Test("by load the chosen prefill worker's tokens decide, unless the decode worker is full")
    func byLoad() {
        func decide(_ tokens: Int, memory: Double = 0) -> Route {
            var view = view(.init(history: 0, increment: 9000), [.init(tokens: tokens)])
            view.home.memoryInUse = memory
            return rule(.dynamoConditionalV1) {
                $0[PolicyDefinition.dynamoConditionalV1.knobs[0]] = 1
                $0[PolicyDefinition.dynamoConditionalV1.knobs[4]] = 0.9
            }(view)
        }
        #expect(decide(16_384) == .remote(0))
        #expect(decide(16_385) == .local)
        #expect(decide(16_385, memory: 0.91) == .remote(0))
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
