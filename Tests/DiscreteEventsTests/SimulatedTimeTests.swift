import DiscreteEvents
import Testing

@Suite("Simulated time")
struct SimulatedTimeTests {
    @Test("differences and sums are exact to the nanosecond")
    func exact() {
        let time = SimulatedTime(nanoseconds: 9_007_199_254_740_993)
        #expect((time + 1) - time == 1)
        #expect((time - 3).nanoseconds == 9_007_199_254_740_990)
    }

    @Test("never stays never, and no sum wraps around")
    func saturates() {
        #expect(SimulatedTime.never + 1 == .never)
        #expect(SimulatedTime.never + .max == .never)
        #expect(SimulatedTime(nanoseconds: .min) - 1 == SimulatedTime(nanoseconds: .min))
        #expect(SimulatedTime.never - SimulatedTime(nanoseconds: -5) == .max)
        #expect(SimulatedTime.zero - Int64.min == .never)
    }

    @Test("a time reads as seconds")
    func description() {
        #expect(SimulatedTime(nanoseconds: 1_500_000_000).description == "1.5 s")
        #expect(SimulatedTime.never.description == "never")
    }
}
