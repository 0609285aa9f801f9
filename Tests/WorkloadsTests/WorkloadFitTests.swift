import ServingDomain
import Testing
import Workloads

@Suite("Laws of a trace")
struct WorkloadFitTests {
    private static func fit(_ lines: [String]) throws -> WorkloadFit {
        WorkloadFit(try TraceReader.read(lines.joined(separator: "\n")).statistics)
    }

    private static func session(_ arrival: Double, _ rounds: [(Int, Int, Double)]) -> String {
        let parts = rounds.map {
            #"{"new_tokens": \#($0.0), "output_tokens": \#($0.1), "delay_after_s": \#($0.2)}"#
        }
        return #"{"arrival_s": \#(arrival), "rounds": [\#(parts.joined(separator: ", "))]}"#
    }

    @Test("each quantity has a law, first prompts their own")
    func quantities() throws {
        let fit = try Self.fit([
            Self.session(0, [(100, 5, 2), (10, 5, 0)]), Self.session(4, [(100, 5, 2), (10, 5, 0)]),
            Self.session(8, [(100, 5, 2), (10, 5, 0)]),
        ])
        #expect(fit.laws.map(\.quantity) == WorkloadFit.Quantity.allCases)
        let sessions = fit.sessions
        #expect(sessions.reading == .perRound && sessions.rounds == .constant(2))
        #expect(sessions.firstPrefillTokens == .constant(100))
        #expect(sessions.prefillTokens == .constant(10))
        #expect(sessions.decodeTokens == .constant(5) && sessions.environmentDelay == .constant(2))
        #expect(fit.arrivals?.rate == Rate(sessionsPerSecond: 3.0 / 8))
    }

    @Test("single requests need no law of later prompts or delays")
    func single() throws {
        let fit = try Self.fit([Self.session(0, [(100, 5, 0)]), Self.session(1, [(300, 5, 0)])])
        #expect(fit.laws.map(\.quantity) == [.rounds, .firstPrefillTokens, .decodeTokens])
        #expect(fit.sessions.firstPrefillTokens == nil)
        #expect(fit.sessions.prefillTokens.mean == 200)
        #expect(fit.sessions.environmentDelay == .constant(0))
    }

    @Test("arrivals: Poisson's near a variation of one, else gamma gaps of that variation")
    func arrivals() throws {
        // Gaps of 1 and 9 seconds in turn: mean 5, deviation 4.
        let times = (0..<101).map { (place: Int) -> Double in Double(place / 2 * 10 + place % 2) }
        let uneven = try Self.fit(times.map { Self.session($0, [(10, 5, 0)]) })
        #expect(uneven.arrivals?.arrivals == .gamma(cv: 0.8))
        #expect(uneven.arrivals?.reason.contains("gaps") == true)
        // Gaps of 1 and 27.6 squared-away seconds: close to one.
        let bursts = (0..<200).map { (place: Int) -> Double in
            Double(place / 2) * 20 + (place % 2 == 0 ? 0 : 0.2)
        }
        let near = try Self.fit(bursts.map { Self.session($0, [(10, 5, 0)]) })
        #expect(near.arrivals?.arrivals == .poisson)
        // Many sessions on the same second: what is counted in ten seconds tells.
        let seconds = (0..<40).flatMap { (second: Int) -> [Double] in
            Array(repeating: Double(second), count: second / 10 % 2 == 0 ? 4 : 8)
        }
        let coarse = try Self.fit(seconds.map { Self.session($0, [(10, 5, 0)]) })
        // Bins of 40, 80 and 40; the last partial one is left out: variance 355.6 over mean 53.3.
        #expect(coarse.arrivals?.arrivals == .gamma(cv: 2.582))
        #expect(coarse.arrivals?.reason.contains("share a timestamp") == true)
    }

    @Test("bursts are found again, with their length and how much busier they are")
    func bursts() throws {
        let law = Workload.Bursts(ratio: 6, share: 0.5, duration: 30)
        let rate = Rate(sessionsPerSecond: 4)
        let sessions = Workload.Synthetic(
            rounds: .constant(1), reading: .perRound, prefillTokens: .constant(10),
            decodeTokens: .constant(5), environmentDelay: .constant(0))
        let arrivals = SessionGenerator(
            workload: Workload(
                sessions: .synthetic(sessions), rate: rate, arrivals: .markovModulated(law)),
            seed: 9
        ).sessions(count: 14_000, rate: rate).arrivals
        let fit = try Self.fit(arrivals.map { Self.session(Double($0) / 1e9, [(10, 5, 0)]) })
        guard case .markovModulated(let found) = fit.arrivals?.arrivals else {
            Issue.record("\(String(describing: fit.arrivals))")
            return
        }
        // An hour has sixty bursts: figures are good to a quarter or so. The rate's deviation over its
        // mean is 5/7.
        #expect(found.share == 0.5)
        let variation = (found.ratio - 1) / (found.ratio + 1)
        #expect((variation * 7 / 5 - 1).magnitude < 0.4)
        #expect((found.duration / 30 - 1).magnitude < 0.5)
    }

    @Test("what is left out is said")
    func notes() throws {
        let fit = try Self.fit([
            #"{"arrival_s": 0, "rounds": [{"new_tokens": 9, "output_tokens": 2}, {"new_tokens": 3, "output_tokens": 2}]}"#
        ])
        #expect(fit.arrivals == nil)
        #expect(fit.sessions.environmentDelay.mean == 0)
    }

    @Test("limits of contexts are Kaplan and Meier's estimate")
    func limits() throws {
        // Longest prompts: 50 (never compacted), 100, 200 and 300 (compacted), 400 (never).
        func session(_ longest: Int, isShort: Bool) -> String {
            let last = #"{"new_tokens": 10, "output_tokens": 1, "history_tokens": 20}"#
            return """
                {"arrival_s": 0, "rounds": [{"new_tokens": \(longest), "output_tokens": 1}\
                \(isShort ? ", " + last : "")]}
                """
        }
        let fit = try Self.fit([
            session(50, isShort: false), session(100, isShort: true), session(200, isShort: true),
            session(300, isShort: true), session(400, isShort: false),
        ])
        let compaction = try #require(fit.sessions.compaction)
        #expect(compaction.history == .constant(20) && compaction.newTokens == .constant(10))
        guard case .quantiles(let probabilities, let values) = compaction.limit else {
            Issue.record("\(compaction.limit)")
            return
        }
        // Of four at risk one dies at 100, of three at 200, of two at 300; half of a half is left.
        #expect(Set(values) == [100, 200, 300, 1e7])
        for (limit, below) in [(100.0, 0.0), (200, 0.25), (300, 0.5), (1e7, 0.75)] {
            let place = try #require(values.firstIndex(of: limit))
            #expect((probabilities[place] - below).magnitude < 2e-4)
        }
        // Compacted prompts are not among those of later rounds.
        #expect(!fit.laws.contains { $0.quantity == .prefillTokens })
    }

    @Test("what no workload file may hold is cut, and even gaps are even")
    func bounds() throws {
        let fit = try Self.fit(
            (0..<40).map {
                Self.session(Double($0), [(2_147_483_647, 2_147_483_647, 1_728_000), (5, 5, 0)])
            })
        #expect(
            fit.sessions.decodeTokens.mean < 1e7 && fit.notes.contains { $0.contains("10,000,000") }
        )
        #expect(fit.sessions.firstPrefillTokens == .constant(1e7))
        #expect(fit.sessions.environmentDelay == .constant(1e6))
        #expect(fit.arrivals?.arrivals == .deterministic)
        let together = try Self.fit((0..<40).map { _ in Self.session(0, [(10, 5, 0)]) })
        #expect(together.arrivals == nil)
        // Prompts of single requests are what their law says.
        let none = try Self.fit((0..<40).map { Self.session(Double($0), [(0, 0, 0)]) })
        #expect(!none.notes.contains { $0.contains("depend on each other") })
    }
}
