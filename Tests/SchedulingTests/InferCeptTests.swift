import Testing

@testable import Scheduling

/// Wastes of memory over time, in token nanoseconds.
@Suite("Wastes that InferCept weighs")
struct InferCeptTests {
    @Test("keeping wastes the history for as long as the call has taken")
    func keeping() {
        let call = Interception(elapsed: 500, context: 40, others: 7, chunk: 10)
        #expect(call.wasteOfKeeping == 20_000)
    }

    @Test("computing anew wastes half the history and what all others hold meanwhile")
    func discarding() {
        // 41 tokens in chunks of ten: five parts of nine tokens. 100 ns per token and 50 per part.
        let call = Interception(elapsed: 0, context: 41, others: 7, chunk: 10)
        let waste = call.wasteOfDiscarding { Double($0) * 100 + 50 }
        #expect(waste == 85_075 + 33_250)
    }

    @Test("a history that fits into one chunk is computed at once")
    func oneChunk() {
        let call = Interception(elapsed: 0, context: 10, others: 3, chunk: 10)
        #expect(call.wasteOfDiscarding { Double($0) } == 80)
    }
}
