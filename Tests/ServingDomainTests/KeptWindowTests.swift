import ServingDomain
import Testing

@Suite("Layers that keep a window")
struct KeptWindowTests {
    /// 36 layers, every second of which sees 128 tokens, 8 key-value heads of 64, as gpt-oss-120b.
    private let alternating = ModelSpec(
        name: "alternating", architecture: "m", layers: 36, hidden: 2880,
        attention: .grouped(heads: 64, kvHeads: 8, headDimension: 64), intermediate: 2880,
        vocabulary: 1000, slidingWindow: .init(tokens: 128, layers: 18), maxContext: 131_072)

    @Test("half of the layers: half of the bytes per token, and nine blocks per sequence")
    func half() throws {
        #expect(alternating.kvBytesPerToken(.bf16) == Bytes(73_728))
        #expect(alternating.kvBytesPerToken(.bf16, keeping: .window) == Bytes(36_864))
        #expect(alternating.windowBytesPerToken(.bf16, keeping: .window) == Bytes(36_864))
        #expect(alternating.windowBytesPerToken(.bf16, keeping: .whole) == .zero)
        for (tensor, bytes) in [(1, 36_864), (4, 9216), (16, 4608)] {
            let perGPU = alternating.kvBytesPerTokenPerGPU(
                .bf16, degree: try degree(tensor), keeping: .window)
            #expect(perGPU == Bytes(bytes))
        }
        let window = try #require(alternating.keptWindow(.window))
        #expect(window.blocks(of: 16) == 9)
        #expect(window.blocks(of: 32) == 5)
        #expect(window.stepBlocks(8192, of: 16) == 512)
        #expect(window.blocks(of: 16, reaching: 100) == 7)
        #expect(alternating.keptWindow(.whole) == nil)
    }

    @Test("five windowed layers to each other one: five times its blocks, rounded up")
    func more() throws {
        let model = ModelSpec(
            name: "m", architecture: "m", layers: 62, hidden: 512,
            attention: .grouped(heads: 8, kvHeads: 4, headDimension: 64), intermediate: 1024,
            vocabulary: 1000, slidingWindow: .init(tokens: 1024, layers: 52), maxContext: 131_072)
        let window = try #require(model.keptWindow(.window))
        // 65 blocks in 52 layers are 338 of 10 layers.
        #expect(window.blocks(of: 16) == 338)
        #expect(window.stepBlocks(2048, of: 16) == 666)
    }

    @Test("where all layers have a window, or none has, nothing is told apart")
    func alike() {
        let all = ModelSpec(
            name: "m", architecture: "m", layers: 2, hidden: 512,
            attention: .grouped(heads: 8, kvHeads: 4, headDimension: 64), intermediate: 1024,
            vocabulary: 1000, slidingWindow: .init(tokens: 1024, layers: 2), maxContext: 131_072)
        #expect(all.keptWindow(.window) == nil)
        #expect(all.kvBytesPerToken(.bf16, keeping: .window) == all.kvBytesPerToken(.bf16))
        #expect(llama70B.keptWindow(.window) == nil)
    }

    @Test("capacity: whole blocks of the other layers, less those for the prompts of a step")
    func capacity() throws {
        var engine = Engine(name: "e", tokenBudget: 8192, overhead: .none)
        func tokens() throws -> (KVCapacity, Int) {
            let capacity = KVCapacity(
                model: alternating, weightFormat: .fp8, kvFormat: .bf16, hardware: h20,
                engine: engine, degree: try degree(1))
            return (capacity, capacity.tokens.value)
        }
        let (whole, wholeTokens) = try tokens()
        #expect(wholeTokens == whole.bytesPerGPU / (73_728 * 16) * 16)
        engine.behaviour.slidingWindowKV = .window
        let (window, windowTokens) = try tokens()
        #expect(window.bytesPerGPU == whole.bytesPerGPU)
        #expect(windowTokens == (whole.bytesPerGPU / (36_864 * 16) - 512) * 16)
        #expect(whole.longestSequence == whole.tokens)
        #expect(window.longestSequence == window.tokens - Tokens(9 * 16))
        // No prompt is longer than the model's context.
        engine = Engine(name: "e", tokenBudget: 10_000_000, overhead: .none)
        engine.behaviour.slidingWindowKV = .window
        #expect(try tokens().1 == (whole.bytesPerGPU / (36_864 * 16) - 8192) * 16)
    }
}
