import ServingDomain
import Testing

@Suite("What lies between a client and the engine")
struct FirstTokenLatencyTests {
    @Test(
        "a prompt takes the base and its tokens",
        arguments: [(0, 9_000_000), (1, 9_001_700), (50_000, 94_000_000)])
    func tokens(count: Int, nanoseconds: Int64) {
        let latency = FirstTokenLatency(
            base: .milliseconds(9), perPromptToken: .nanoseconds(1_700))
        #expect(latency.nanoseconds(promptTokens: count) == nanoseconds)
    }

    @Test("of two engines each part is that of the slower one")
    func joining() {
        let (far, slow) = (
            FirstTokenLatency(base: .milliseconds(3)),
            FirstTokenLatency(base: .milliseconds(1), perPromptToken: .microseconds(2))
        )
        let joined = FirstTokenLatency(
            base: .milliseconds(3), perPromptToken: .microseconds(2))
        #expect(far.joined(with: slow) == joined && slow.joined(with: far) == joined)
    }

    @Test("what engine files may say does not overflow with the longest prompt")
    func bounds() {
        let latency = FirstTokenLatency(perPromptToken: .seconds(1))
        #expect(latency.nanoseconds(promptTokens: Int(Int32.max)) == 2_147_483_647_000_000_000)
    }
}
