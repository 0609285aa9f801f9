import ServingDomain
import Testing

/// Llama-3.1-70B: 80 layers, 8,192 wide, 64 heads and 8 key-value heads of 128.
let llama70B = ModelSpec(
    name: "llama-3.1-70b", architecture: "LlamaForCausalLM", layers: 80, hidden: 8192,
    attention: .grouped(heads: 64, kvHeads: 8, headDimension: 128), intermediate: 28672,
    vocabulary: 128_256, maxContext: 131_072)

/// 96 GB of memory, of which 3.5 GiB and 392 MiB are reserved.
let h20 = HardwareSpec(
    name: "h20", peakFLOPS: [.bf16: 148e12, .fp8: 296e12], memory: Bytes(96_000_000_000),
    memoryBandwidth: Bandwidth(gigabytesPerSecond: 4000), reservedMemory: Bytes(4_169_138_176),
    intraNode: .init(bandwidth: Bandwidth(gigabytesPerSecond: 450), latency: .microseconds(10)),
    interNode: .init(bandwidth: Bandwidth(gigabytesPerSecond: 50), latency: .microseconds(10)),
    gpusPerNode: 8, power: 500, source: "test")

func degree(_ value: Int) throws -> TensorParallelDegree {
    try #require(TensorParallelDegree(value))
}

@Suite("Sizes of a model by hand")
struct ModelSizeTests {
    @Test("the parameters of Llama-3.1-70B: 70.55 billion")
    func parameters() {
        // Embedding and head 2 · 128,256 · 8,192; per layer attention 8,192 · 128 · (2 · 64 + 2 · 8),
        // feed-forward 3 · 8,192 · 28,672 and two norms; one norm at the end.
        let perLayer = 8192 * 128 * 144 + 3 * 8192 * 28672 + 2 * 8192
        #expect(llama70B.parameterCount == 2 * 128_256 * 8192 + 80 * perLayer + 8192)
        #expect(llama70B.parameterCount == 70_553_706_496)
        #expect(llama70B.activeParameterCount == llama70B.parameterCount)
    }

    @Test("weights: two bytes per parameter in bf16; in fp8 the layers' matrices take one")
    func weights() throws {
        #expect(llama70B.weightBytes(.bf16) == Bytes(2 * 70_553_706_496))
        let matrices = 80 * (8192 * 128 * 144 + 3 * 8192 * 28672)
        #expect(llama70B.weightBytes(.fp8) == Bytes(2 * 70_553_706_496 - matrices))
        let eighth = llama70B.weightBytesPerGPU(.bf16, degree: try degree(8))
        #expect(eighth == Bytes(2 * 70_553_706_496 / 8))
    }

    @Test("each rank has all but the routed experts, which the GPUs of all ranks share")
    func weightsOfRanks() throws {
        let mixture = ModelSpec(
            name: "m", architecture: "m", layers: 2, hidden: 64,
            attention: .grouped(heads: 8, kvHeads: 8, headDimension: 8), intermediate: 0,
            mixture: .init(experts: 16, expertsPerToken: 2, expertIntermediate: 32),
            vocabulary: 100, maxContext: 100)
        let experts = 2 * 2 * 16 * 3 * 64 * 32
        let rest = mixture.weightBytes(.bf16).value - experts
        for (tensor, ranks) in [(1, 4), (2, 4), (4, 1)] {
            let bytes = mixture.weightBytesPerGPU(
                .bf16, degree: try degree(tensor), split: ModelSplit(ranks: ranks))
            #expect(bytes == Bytes(experts / (tensor * ranks) + rest / tensor))
        }
    }

    @Test("one token of KV cache is 320 KiB, sharded down to one head per GPU and not further")
    func kvPerToken() throws {
        #expect(llama70B.kvBytesPerToken(.bf16) == Bytes(327_680))
        for (tensor, bytes) in [(1, 327_680), (2, 163_840), (8, 40_960), (16, 40_960)] {
            let perGPU = llama70B.kvBytesPerTokenPerGPU(.bf16, degree: try degree(tensor))
            #expect(perGPU == Bytes(bytes))
        }
        #expect(llama70B.kvBytesPerToken(.fp8) == Bytes(163_840))
    }

    @Test("a mixture counts idle experts in memory and not in arithmetic")
    func mixture() {
        let model = ModelSpec(
            name: "mixture", architecture: "Test", layers: 2, hidden: 4,
            attention: .grouped(heads: 2, kvHeads: 1, headDimension: 2), intermediate: 0,
            mixture: .init(experts: 8, expertsPerToken: 2, expertIntermediate: 3), vocabulary: 10,
            tiedEmbeddings: true, maxContext: 100)
        // Embedding 40; per layer attention 4 · 2 · (4 + 2) = 48, norms 8, router 32 and eight
        // experts of 36; norm 4.
        #expect(model.parameterCount == 40 + 2 * (48 + 8 + 32 + 8 * 36) + 4)
        #expect(model.activeParameterCount == model.parameterCount - 2 * 6 * 36)
    }

    @Test("a latent cache is stored whole on every GPU")
    func latent() throws {
        let model = ModelSpec(
            name: "latent", architecture: "Test", layers: 61, hidden: 7168,
            attention: .latent(
                .init(
                    heads: 128, queryRank: 1536, kvRank: 512, nopeDimension: 128,
                    ropeDimension: 64, valueDimension: 128)), intermediate: 18432,
            vocabulary: 129_280, maxContext: 163_840)
        for tensor in [1, 8] {
            let perGPU = model.kvBytesPerTokenPerGPU(.bf16, degree: try degree(tensor))
            #expect(perGPU == Bytes(61 * 576 * 2))
        }
    }

    @Test("what tensor parallelism does not split is on every GPU whole")
    func wholeMatrices() throws {
        func bytes(_ sparse: SparseAttention?, _ tensor: Int) throws -> Int {
            ModelSpec(
                name: "latent", architecture: "Test", layers: 3, hidden: 1024,
                attention: .latent(
                    .init(
                        heads: 16, queryRank: 256, kvRank: 128, nopeDimension: 64,
                        ropeDimension: 64, valueDimension: 64, sparse: sparse)),
                intermediate: 4096, vocabulary: 1024, maxContext: 4096
            ).weightBytesPerGPU(.bf16, degree: try degree(tensor)).value
        }
        // Down to the latents of queries, keys and values: 448 columns.
        let down = 3 * 1024 * 448 * 2
        let (whole, half) = (try bytes(nil, 1), try bytes(nil, 2))
        #expect(half == (whole - down) / 2 + down)
        // Queries of four heads of 32, a key and weights of the heads, in two layers; four bytes of a key's norm.
        let sparse = SparseAttention(tokens: 64, heads: 4, dimension: 32, layers: 2)
        let index = 2 * (256 * 128 + 1024 * 36) * 2
        #expect(try bytes(sparse, 1) == whole + index + 2 * 64 * 2)
        #expect(try bytes(sparse, 2) == half + index + 64 * 2)
    }

    @Test("a degree divides the heads evenly, or repeats each key-value head equally often")
    func divides() throws {
        #expect(try [1, 2, 4, 8, 16, 64].allSatisfy { llama70B.divides(by: try degree($0)) })
        let odd = ModelSpec(
            name: "odd", architecture: "Test", layers: 1, hidden: 1,
            attention: .grouped(heads: 40, kvHeads: 10, headDimension: 1), intermediate: 1,
            vocabulary: 1, maxContext: 1)
        #expect(odd.divides(by: try degree(2)))
        #expect(!odd.divides(by: try degree(4)))
        #expect(!odd.divides(by: try degree(16)))
    }
}

@Suite("KV capacity by hand")
struct KVCapacityTests {
    private func engine(blockSize: Int = 16) -> Engine {
        Engine(name: "test", memoryUtilization: 0.9, blockSize: blockSize, overhead: .none)
    }

    private func capacity(_ tensor: Int, blockSize: Int = 16) throws -> KVCapacity {
        KVCapacity(
            model: llama70B, weightFormat: .bf16, kvFormat: .bf16, hardware: h20,
            engine: engine(blockSize: blockSize), degree: try degree(tensor))
    }

    @Test("Llama-3.1-70B on H20 at TP 2: 11.7 GB per GPU for KV, about 71,000 tokens")
    func tensorTwo() throws {
        // 0.9 · 96 GB − 70.55 GB − 4.17 GB, in blocks of 16 · 163,840 bytes.
        let left = 86_400_000_000 - 70_553_706_496 - 4_169_138_176
        #expect(try capacity(2).bytesPerGPU == left)
        #expect(try capacity(2).tokens == Tokens(71_264))
    }

    @Test("where the weights do not fit the capacity is zero and the missing bytes are told")
    func tooLarge() throws {
        #expect(try capacity(1).tokens == .zero)
        #expect(try capacity(1).bytesPerGPU < 0)
    }

    @Test("capacity is whole blocks, and grows with the degree")
    func wholeBlocks() throws {
        #expect(try capacity(4, blockSize: 48).tokens.value.isMultiple(of: 48))
        #expect(try capacity(2).tokens < capacity(4).tokens)
        #expect(try capacity(4).tokens < capacity(8).tokens)
    }
}
