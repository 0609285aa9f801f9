import ServingDomain
import Testing
import Workloads

@Suite("Requests with arrivals for one per second")
struct RequestTraceTests {
    private let text = """
        request_id,arrival_unit_rate_s,prompt_tokens,decode_steps
        a,0.000000,500,64
        b,0.765432,100,0
        c,2.100000,7,1
        """

    @Test("a request is a session of one round with one token more than decode steps")
    func rows() throws {
        let trace = try TraceReader.read(text)
        #expect(trace.format == .requestsCSV)
        #expect(trace.sessions.arrivals == [0, 765_432_000, 2_100_000_000])
        #expect(trace.sessions.rounds.map(\.outputTokens) == [65, 1, 2])
        #expect(trace.sessions.rounds.map(\.newTokens) == [500, 100, 7])
        #expect(trace.notes.contains { $0.contains("request_id") })
    }

    @Test("a rate divides the arrivals, whatever their mean gap is", arguments: [0.5, 1, 4, 7])
    func rate(rate: Double) throws {
        let trace = try TraceReader.read(text)
        #expect(trace.sessions.meanRate == Rate(sessionsPerSecond: 1))
        let arrivals = SessionGenerator(
            workload: Workload(
                sessions: .recorded(trace.sessions), rate: Rate(sessionsPerSecond: rate)), seed: 1
        ).sessions(count: 3, rate: Rate(sessionsPerSecond: rate)).arrivals
        let expected = trace.sessions.arrivals.map { Int64((Double($0) / rate).rounded()) }
        #expect(zip(arrivals, expected).allSatisfy { abs($0 - $1) <= 1 })
    }

    @Test("repeated, a pattern longer than its nominal time never goes back")
    func laps() throws {
        let trace = try TraceReader.read(
            "arrival_unit_rate_s,prompt_tokens,decode_steps\n0,1,1\n9,1,1")
        let arrivals = SessionGenerator(
            workload: Workload(
                sessions: .recorded(trace.sessions), rate: Rate(sessionsPerSecond: 1)), seed: 1
        ).sessions(count: 7, rate: Rate(sessionsPerSecond: 1)).arrivals
        #expect(arrivals == arrivals.sorted())
        #expect(arrivals[2] == 18_000_000_000)
    }

    @Test(
        "broken rows are named",
        arguments: [
            ("500", "-1", "prompt_tokens"), ("64", "6.5", "decode_steps"),
            ("0.765432", "soon", "arrival_unit_rate_s"),
            ("prompt_tokens", "prompt", "prompt_tokens"),
            ("100,0", "100", "3 fields"), ("request_id", "decode_steps", "two columns"),
        ])
    func broken(old: String, new: String, words: String) {
        let error = #expect(throws: WorkloadError.self) {
            try TraceReader.read(text.replacing(old, with: new))
        }
        #expect(error.map { "\($0)".contains(words) } == true)
    }
}
