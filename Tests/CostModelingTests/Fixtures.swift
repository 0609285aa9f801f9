import CostModeling
import ServingDomain

/// A GPU with round figures: 1 PFLOP/s, 4 TB/s, 100 GB/s links.
let roundGPU = HardwareSpec(
    name: "round", peakFLOPS: [.bf16: 1e15, .fp8: 2e15], memory: Bytes(80_000_000_000),
    memoryBandwidth: Bandwidth(gigabytesPerSecond: 4000), reservedMemory: 0,
    intraNode: .init(
        bandwidth: Bandwidth(gigabytesPerSecond: 100), latency: .microseconds(10)),
    interNode: .init(
        bandwidth: Bandwidth(gigabytesPerSecond: 50), latency: .microseconds(10)),
    gpusPerNode: 8, power: 700, source: "invented for tests")

/// Llama-3.1-70B by its configuration.
let llama70B = ModelSpec(
    name: "llama-3.1-70b", architecture: "LlamaForCausalLM", layers: 80, hidden: 8192,
    attention: .grouped(heads: 64, kvHeads: 8, headDimension: 128), intermediate: 28672,
    vocabulary: 128_256, maxContext: 131_072)

/// Latent attention with the figures of DeepSeek-V3, on few layers without experts.
let latentModel = ModelSpec(
    name: "latent", architecture: "DeepseekV3ForCausalLM", layers: 4, hidden: 7168,
    attention: .latent(
        .init(
            heads: 128, queryRank: 1536, kvRank: 512, nopeDimension: 128, ropeDimension: 64,
            valueDimension: 128)), intermediate: 18432, vocabulary: 129_280, maxContext: 163_840)

func degree(_ value: Int) -> TensorParallelDegree { TensorParallelDegree(value) ?? .one }

func sample(_ shape: OperatorShape, _ x: Int, _ y: Int = 0, _ time: Double) -> TimingSample {
    TimingSample(shape: shape, point: OperatorPoint(x: x, y: y), nanoseconds: time)
}

/// A model with routed experts in each of four layers.
let smallMixture = ModelSpec(
    name: "m", architecture: "m", layers: 4, hidden: 2048,
    attention: .grouped(heads: 32, kvHeads: 4, headDimension: 128), intermediate: 4096,
    mixture: .init(experts: 64, expertsPerToken: 4, expertIntermediate: 1024),
    vocabulary: 1000, maxContext: 10_000)
