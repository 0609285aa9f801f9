import DiscreteEvents
import Scheduling
import ServingDomain
import Testing

@testable import Simulation

@Suite("How a cluster follows its engine")
struct ClusterSetupTests {
    @Test("every setting of the engine is taken over")
    func follow() {
        var engine = EngineBehaviour()
        engine.localPrefill = .chunked
        engine.prefillBatch = .tokens(4096)
        engine.firstTokenSite = .prefillShipped
        engine.historySource = .recompute
        engine.retention = .pinned
        engine.prefixCaching = false
        engine.formsStepsAhead = true
        engine.dataParallelRanks = 3
        var setup = cluster(.alwaysRemote)
        setup.follow(engine)
        #expect(setup.localPrefill == .chunked && setup.prefillBatch == .tokens(4096))
        #expect(setup.firstTokenSite == .prefillShipped && setup.historySource == .recompute)
        #expect(setup.retention == .pinned && !setup.prefixCaching)
        #expect(setup.formsStepsAhead && setup.dataParallelRanks == 3)
    }

    @Test("a policy that forms steps itself has the last word")
    func policy() {
        var setup = cluster(.distserve)
        setup.follow(EngineBehaviour())
        #expect(setup.firstTokenSite == .prefillDirect && !setup.prefetchesHistory)
    }

    @Test("reports are seen after any delay, a nanosecond too")
    func shortDelay() {
        var board = Noticeboard(workers: 1, delay: 1, unknown: 0)
        board.begin(7, of: 0)
        board.publish(8, of: 0, at: SimulatedTime(nanoseconds: 10))
        #expect(board.face(of: 0, at: SimulatedTime(nanoseconds: 10)) == 7)
        #expect(board.face(of: 0, at: SimulatedTime(nanoseconds: 11)) == 8)
    }
}
