import Testing

@testable import Simulation

/// What is said of the sessions that fill the cluster, from series made up by hand.
@Suite("The check of the filling")
struct WarmUpCheckTests {
    /// Two runs of 200 sessions in groups of 5, `filling` of which are not measured.
    ///
    /// TTFT of a round is 900 ns in the first `transient` sessions, then 100 ns or a few more.
    private func check(filling: Int, transient: Int) -> WarmUpCheck {
        check(filling: filling) { $0 < transient ? 900 : 100 + $1 }
    }

    /// The same with a TTFT by session, and what a run adds to it.
    private func check(filling: Int, _ ttft: (Int, Int64) -> Int64) -> WarmUpCheck {
        let runs = [3, 7].map { stretch in
            var result = SimulationResult()
            result.arrivals = ArrivalSeries(filling..<200)
            for session in 0..<200 {
                result.arrivals.record(
                    session: session, ttft: ttft(session, Int64(session / 5 % stretch)))
            }
            return result
        }
        return WarmUpCheck(runs)
    }

    @Test("a transient that ends within the filling is told in sessions, and no fault")
    func enough() {
        let check = check(filling: 40, transient: 20)
        #expect(check.dropped == 40)
        #expect(check.detected == 20)
        #expect(!check.isIncomplete)
    }

    @Test("a transient that reaches into what is measured is a fault where both runs show it")
    func tooLittle() {
        let check = check(filling: 10, transient: 20)
        #expect(check.detected == 20)
        #expect(check.isIncomplete)
    }

    @Test("a filling up to the end of the transient is enough, groups that it cuts included")
    func justEnough() {
        #expect(!check(filling: 20, transient: 20).isIncomplete)
        #expect(!check(filling: 18, transient: 20).isIncomplete)
    }

    @Test("a run that does not settle is judged by its halves")
    func unsettled() {
        let check = check(filling: 40) { session, more in 1_000 - 4 * Int64(session) + more }
        #expect(check.detected == nil)
        #expect(check.isIncomplete)
    }

    @Test("the halves of what is measured are compared, whatever either is made of")
    func halves() {
        // From the hundredth session on everybody waits for 1,000 ns. Of the groups from the eighth
        // on eight have 500, four 2,000 and four 1,000: 1,000 on average.
        let check = check(filling: 40) { session, _ in
            session >= 100 ? 1_000 : session >= 80 ? 2_000 : 500
        }
        #expect(check.detected == nil)
        #expect(!check.isIncomplete)
    }

    @Test("without filling nothing is missing, and without sessions nothing is told")
    func nothing() {
        #expect(!check(filling: 0, transient: 20).isIncomplete)
        let empty = WarmUpCheck([SimulationResult()])
        #expect(empty.detected == nil && !empty.isIncomplete && empty.dropped == 0)
    }
}
