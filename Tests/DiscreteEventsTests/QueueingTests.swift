import DiscreteEvents
import Testing

@Suite("Queues with a known answer")
struct QueueingTests {
    @Test("M/M/1: the mean wait is rho s / (1 - rho)", arguments: [0.3, 0.6, 0.8])
    func singleServer(load: Double) throws {
        let queue = Queue(servers: 1, rate: load, service: .exponential(mean: 1))
        try expect(queue, toWait: load / (1 - load))
    }

    @Test("M/D/1: the mean wait is rho s / 2 (1 - rho)", arguments: [0.3, 0.6, 0.8])
    func constantService(load: Double) throws {
        let queue = Queue(servers: 1, rate: load, service: .constant(1))
        try expect(queue, toWait: load / (2 * (1 - load)))
    }

    @Test("M/M/c: the mean wait follows Erlang's C formula", arguments: [2, 4, 10])
    func manyServers(servers: Int) throws {
        let offered = 0.8 * Double(servers)
        let queue = Queue(servers: servers, rate: offered, service: .exponential(mean: 1))
        try expect(queue, toWait: erlangC(servers, offered) / (Double(servers) - offered))
    }

    @Test("Little's law holds in one run: mean queue length = rate times mean wait")
    func little() {
        let result = Queue(servers: 1, rate: 0.7, service: .exponential(mean: 1)).run(seed: 3)
        #expect(
            (result.meanQueue * result.span - result.totalWait).magnitude < 1e-6 * result.totalWait)
    }

    @Test("the same seed gives the same run, another seed another")
    func reproducible() {
        let queue = Queue(servers: 2, rate: 1.5, service: .lognormal(mean: 1, cv: 1))
        #expect(queue.run(seed: 1).meanWait == queue.run(seed: 1).meanWait)
        #expect(queue.run(seed: 1).meanWait != queue.run(seed: 2).meanWait)
    }

    /// Sixteen replications: the formula lies within four standard errors of their mean.
    private func expect(_ queue: Queue, toWait expected: Double) throws {
        let waits = (0..<16).map { queue.run(seed: UInt64($0)).meanWait }
        let interval = try #require(ConfidenceInterval.mean(of: waits))
        let standardError = (interval.high - interval.value) / 2.131
        #expect((interval.value - expected).magnitude < 4 * standardError)
        #expect(standardError < 0.06 * expected)
    }

    /// Probability that an arrival has to wait, from the recursion of Erlang's B formula.
    private func erlangC(_ servers: Int, _ offered: Double) -> Double {
        let blocking = (1...servers).reduce(1.0) { $0 * offered / (Double($1) + $0 * offered) }
        return blocking / (1 - offered / Double(servers) * (1 - blocking))
    }
}

/// First come, first served, with Poisson arrivals and any service law.
private struct Queue {
    enum Event {
        case arrival(Int)
        case departure
    }

    struct Outcome {
        var meanWait = 0.0
        var totalWait = 0.0
        var meanQueue = 0.0
        var span = 0.0
    }

    let servers: Int
    let rate: Double
    let service: Distribution
    let customers = 25_000
    let warmUp = 2_000

    func run(seed: UInt64) -> Outcome {
        let gaps = RandomStream(seed: seed, named: "arrivals")
        let services = RandomStream(seed: seed, named: "services")
        var events = EventQueue<Event>()
        var (waiting, next, idle, waits) = ([SimulatedTime](), 0, servers, [Double]())
        var (length, now) = (TimeWeighted(), SimulatedTime.zero)
        events.push(at: .zero, rank: 1, event: .arrival(0))
        while let (time, event) = events.pop() {
            now = time
            switch event {
            case .arrival(let customer):
                waiting.append(time)
                guard customer + 1 < customers else { break }
                let gap = Distribution.exponential(mean: 1e9 / rate).sample(
                    unit: gaps.unit(customer))
                events.push(at: time + Int64(gap), rank: 1, event: .arrival(customer + 1))
            case .departure: idle += 1
            }
            while idle > 0, next < waiting.count {
                let duration = service.sample(unit: services.unit(next)) * 1e9
                events.push(at: time + Int64(duration), rank: 0, event: .departure)
                waits.append(Double(time - waiting[next]) / 1e9)
                (idle, next) = (idle - 1, next + 1)
            }
            length.change(to: Double(waiting.count - next), at: time)
        }
        return Outcome(
            meanWait: waits.dropFirst(warmUp).reduce(0, +) / Double(customers - warmUp),
            totalWait: waits.reduce(0, +), meanQueue: length.mean(until: now), span: now.seconds)
    }
}
