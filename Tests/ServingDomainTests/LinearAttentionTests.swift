import ServingDomain
import Testing

@Suite("Layers with linear attention")
struct LinearAttentionTests {
    /// As those of Qwen3.5-397B-A17B: 45 of 60 layers.
    private let hybrid = ModelSpec(
        name: "hybrid", architecture: "m", layers: 60, hidden: 4096,
        attention: .grouped(heads: 32, kvHeads: 2, headDimension: 256), intermediate: 1024,
        vocabulary: 1000, queryKeyNorm: .perHead,
        linearAttention: .init(
            layers: 45, keyHeads: 16, valueHeads: 64, keyDimension: 128, valueDimension: 128,
            convolution: 4),
        hasOutputGate: true, maxContext: 262_144)

    private let shape = RecurrenceShape(
        keyHeads: 2, valueHeads: 4, keyDimension: 8, valueDimension: 16)

    @Test("a state of 64 matrices of 128 x 128 in 32 bits, and three tokens of 12,288 values in 16")
    func stateBytes() throws {
        let linear = try #require(hybrid.linearAttention)
        #expect(linear.mixedWidth == 12_288 && linear.valueWidth == 8192)
        #expect(linear.stateBytes == Bytes(45 * (64 * 128 * 128 * 4 + 3 * 12_288 * 2)))
        let half = LinearAttention(
            layers: 45, keyHeads: 16, valueHeads: 64, keyDimension: 128, valueDimension: 128,
            convolution: 4, stateFormat: .float16)
        #expect(half.stateBytes == Bytes(45 * (64 * 128 * 128 * 2 + 3 * 12_288 * 2)))
    }

    @Test("only the other layers keep a KV cache, with a gate in their query projection")
    func sizes() {
        #expect(hybrid.attentionLayers == 15)
        #expect(hybrid.kvBytesPerToken(.bf16) == Bytes(15 * 2 * 2 * 256 * 2))
        // 15 layers: queries and gates, output, keys and values, two norms of a head.
        let attention = 15 * (4096 * 256 * (64 + 32 + 4) + 512)
        // 45 layers: in and out, decays and rates, convolution, two values of each head, a norm.
        let linear = 45 * (4096 * 28_672 + 4096 * 128 + 4 * 12_288 + 128 + 128)
        let blocks = 60 * (3 * 4096 * 1024 + 2 * 4096)
        #expect(hybrid.parameterCount == 2 * 1000 * 4096 + attention + linear + blocks + 4096)
        // Of the linear layers' 4096 x 128 for decays, convolution, values and norms stay in 16 bits.
        let small = 45 * (4096 * 128 + 4 * 12_288 + 256) + 15 * 512 + 60 * 8192
        let whole = 2 * 1000 * 4096 + 4096 + small
        #expect(
            hybrid.weightBytes(.fp8) == Bytes(hybrid.parameterCount - whole + 2 * whole))
    }

    @Test("nvfp4 reaches nothing but the routed experts of a mixture with linear attention")
    func fourBits() {
        func model(_ mixture: ModelSpec.Mixture?) -> ModelSpec {
            ModelSpec(
                name: "m", architecture: "m", layers: 4, hidden: 1024,
                attention: .grouped(heads: 8, kvHeads: 2, headDimension: 128),
                intermediate: 1024, mixture: mixture, vocabulary: 1000,
                linearAttention: .init(
                    layers: 3, keyHeads: 4, valueHeads: 8, keyDimension: 128,
                    valueDimension: 128, convolution: 4),
                maxContext: 1024)
        }
        let sparse = model(
            .init(experts: 16, expertsPerToken: 2, expertIntermediate: 512, sharedIntermediate: 512)
        )
        for part in ModelSpec.MatrixPart.allCases {
            #expect(sparse.format(of: part, in: .nvfp4) == .bf16)
            #expect(sparse.format(of: part, in: .fp8) == .fp8)
            #expect(model(nil).format(of: part, in: .nvfp4) == .nvfp4)
        }
    }

    @Test("heads of both kinds have to be split evenly")
    func division() throws {
        #expect(try [1, 2, 4, 8, 16].allSatisfy { hybrid.divides(by: try degree($0)) })
        #expect(!hybrid.divides(by: try degree(32)))
    }

    @Test("blocks of weights of the linear projections are looked at too")
    func cutBlocks() throws {
        #expect(hybrid.cutBlocks(.fp8Block, degree: try degree(8)) == nil)
        let cut = try #require(hybrid.cutBlocks(.fp8Block, degree: try degree(16)))
        #expect(cut.part == .feedForward && cut.share == 64)
        let narrow = ModelSpec(
            name: "narrow", architecture: "m", layers: 4, hidden: 1024,
            attention: .grouped(heads: 8, kvHeads: 8, headDimension: 128), intermediate: 4096,
            vocabulary: 1000,
            linearAttention: .init(
                layers: 3, keyHeads: 4, valueHeads: 8, keyDimension: 64, valueDimension: 128,
                convolution: 4),
            maxContext: 1024)
        let keys = try #require(narrow.cutBlocks(.fp8Block, degree: try degree(4)))
        #expect(keys.part == .attention && keys.columns == 256 && keys.share == 64)
    }

    @Test("a sequence holds its states in blocks of the other layers, on each GPU its part")
    func capacity() throws {
        // 192,061,440 bytes of states; 30,720 of a token, of which from TP 2 on every GPU has one head.
        for (tensor, blocks) in [(1, 391), (2, 391), (4, 196), (8, 98)] {
            let beside = try #require(
                hybrid.keptBeside(.whole, .bf16, degree: try degree(tensor)))
            #expect(beside.blocks(of: 16) == blocks, "TP \(tensor)")
            #expect(beside.blocks(of: 16, reaching: 1) == blocks)
            #expect(beside.stepBlocks(8192, of: 16) == 0)
            #expect(beside.longestSequence(in: 1000, of: 16) == (1000 - blocks) * 16)
            #expect(beside.longestSequence(in: 10, of: 16) == 0)
        }
        let capacity = KVCapacity(
            model: hybrid, weightFormat: .fp8, kvFormat: .bf16, hardware: h20,
            engine: Engine(name: "e", overhead: .none), degree: try degree(4))
        #expect(capacity.tokens.value == capacity.bytesPerGPU / (15_360 * 16) * 16)
        #expect(capacity.longestSequence == capacity.tokens - Tokens(196 * 16))
        #expect(llama70B.keptBeside(.whole, .bf16, degree: try degree(4)) == nil)
    }

    @Test("one token of a sequence reads and writes its whole state")
    func decodeWork() {
        // 4 matrices of 8 x 16; query, key, value and output of a token are 2 x (2 x 16 + 2 x 64) bytes.
        let work = OperatorShape.decodeRecurrence(shape).work(at: OperatorPoint(x: 3))
        #expect(work == Work(flops: 3 * 7 * 512, bytes: 3 * (8 * 512 + 320)))
        let half = RecurrenceShape(
            keyHeads: 2, valueHeads: 4, keyDimension: 8, valueDimension: 16, stateWidth: 2)
        let less = OperatorShape.decodeRecurrence(half).work(at: OperatorPoint(x: 3))
        #expect(work.bytes - less.bytes == 3 * 4 * 512)
    }

    @Test("tokens of a prompt meet those of their chunk, and the state once for all")
    func prefillWork() {
        let work = OperatorShape.prefillRecurrence(shape).work(at: OperatorPoint(x: 100))
        let flops = 2 * (64 * 4 * (3 * 8 + 2 * 16) + 3 * 512)
        #expect(work == Work(flops: 100 * Double(flops), bytes: 100 * 320 + 8 * 512))
        // States of 512 values before every 64 tokens, and 4 heads of 8 + 2 x 16 values each.
        #expect(shape.prefillTraffic(tokens: 128) == 4 * (2 * 512 + 128 * 4 * 40))
    }
}
