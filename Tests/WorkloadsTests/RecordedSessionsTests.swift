import ServingDomain
import Testing
import Workloads

@Suite("Recorded sessions")
struct RecordedSessionsTests {
    private let second: Int64 = 1_000_000_000

    @Test("sessions come in their order, wrap around, and keep the pattern of their gaps")
    func wraps() {
        // Three sessions in 3 s: gaps of 1 s and 2 s, and a mean gap of 1.5 s to the next lap.
        let table = sessions(at: [5, 6, 8], rate: 2 / 3.0, count: 7)
        #expect(table.arrivals.map { Double($0) / 1e9 } == [0, 1, 3, 4.5, 5.5, 7.5, 9])
        #expect(table.rounds.map(\.newTokens) == [10, 11, 12, 10, 11, 12, 10])
    }

    @Test("a recording may begin with any of its jobs, and goes on over its end")
    func startingAt() {
        let table = generator(recorded(at: [5, 6, 8]))
            .sessions(count: 4, rate: Rate(sessionsPerSecond: 2 / 3.0), startingAt: 2)
        #expect(table.arrivals.map { Double($0) / 1e9 } == [0, 1.5, 2.5, 4.5])
        #expect(table.rounds.map(\.newTokens) == [12, 10, 11, 12])
    }

    @Test("the mean rate over whole laps is the one asked for", arguments: [0.01, 1, 250])
    func rate(wanted: Double) {
        let table = sessions(at: [0, 0, 1, 7], rate: wanted, count: 4_001)
        #expect(
            table.arrivals.last.map { Double($0) / 1e9 * wanted }.map {
                ($0 - 4_000).magnitude < 1e-6
            } == true)
    }

    @Test("a table's own rate leaves its arrivals as they are")
    func ownRate() throws {
        let table = recorded(at: [0, 3, 4])
        let rate = try #require(table.meanRate)
        let generated = generator(table).sessions(count: 3, rate: rate)
        #expect(generated.arrivals == table.arrivals)
    }

    @Test("every k-th arrival of the faster stream keeps the rate")
    func everyKth() {
        // At 2 sessions/s the stream comes at 0, 1/3, 1, 1.5, 1 5/6, …; every second of it remains.
        let table = generator(recorded(at: [0, 1, 3])).sessions(
            count: 4, rate: Rate(sessionsPerSecond: 1), arrivals: .everyKth(2))
        let expected = [0, 1, 1.5 + 1 / 3.0, 3]
        for (arrival, time) in zip(table.arrivals, expected) {
            #expect((Double(arrival) / 1e9 - time).magnitude < 1e-8)
        }
        #expect(table.rounds.map(\.newTokens) == [10, 11, 12, 10])
    }

    @Test("sessions that all arrive at one instant take the law's arrivals")
    func noPattern() {
        let table = recorded(at: [4, 4, 4])
        #expect(table.meanRate == nil)
        let rate = Rate(sessionsPerSecond: 1)
        let even = SessionGenerator(
            workload: Workload(sessions: .recorded(table), rate: rate, arrivals: .deterministic),
            seed: 1
        ).sessions(count: 3, rate: rate)
        #expect(even.arrivals == [second, 2 * second, 3 * second])
        let poisson = generator(table).sessions(count: 3, rate: Rate(sessionsPerSecond: 1))
        #expect(Set(poisson.arrivals).count == 3)
    }

    @Test("an empty table gives no sessions")
    func empty() {
        let table = generator(SessionTable()).sessions(
            count: 5, rate: Rate(sessionsPerSecond: 1))
        #expect(table.count == 0)
    }

    private func sessions(at seconds: [Int64], rate: Double, count: Int) -> SessionTable {
        generator(recorded(at: seconds)).sessions(
            count: count, rate: Rate(sessionsPerSecond: rate))
    }

    private func generator(_ table: SessionTable) -> SessionGenerator {
        SessionGenerator(
            workload: Workload(sessions: .recorded(table), rate: Rate(sessionsPerSecond: 1)),
            seed: 1)
    }

    private func recorded(at seconds: [Int64]) -> SessionTable {
        var table = SessionTable()
        for (index, arrival) in seconds.enumerated() {
            let round = RoundScript(newTokens: 10 + index, outputTokens: 1, delayAfter: 0)
            table.append(arrival: arrival * second, rounds: [round])
        }
        return table
    }
}
