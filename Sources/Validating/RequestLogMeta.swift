import Foundation
import ServingDomain

/// What `meta.json` says of the engine of a log.
struct RequestLogMeta: Decodable {
    struct Arguments: Decodable {
        let model: String?
        let tensor: Int?
        let pipeline: Int?
        let data: Int?
        let sharesExperts: Bool?
        let maxSequences: Int?
        let tokenBudget: Int?
        let kvFormat: String?
        let blockSize: Int?
        let memoryShare: Double?
        let quantization: String?

        enum CodingKeys: String, CodingKey {
            case model
            case tensor = "tensor_parallel_size"
            case pipeline = "pipeline_parallel_size"
            case data = "data_parallel_size"
            case sharesExperts = "enable_expert_parallel"
            case maxSequences = "max_num_seqs"
            case tokenBudget = "max_num_batched_tokens"
            case kvFormat = "kv_cache_dtype"
            case blockSize = "block_size"
            case memoryShare = "gpu_memory_utilization"
            case quantization
        }
    }

    let model: String?
    let gpu: String?
    let hardware: String?
    let version: String?
    let arguments: Arguments?

    enum CodingKeys: String, CodingKey {
        case model, gpu, hardware
        case version = "vllm_version"
        case arguments = "engine_kwargs"
    }

    static func engine(_ bytes: Data) throws(RequestLogError) -> RequestLog.Engine {
        let meta: Self
        do {
            meta = try JSONDecoder().decode(Self.self, from: bytes)
        } catch {
            throw .meta("\(DecodingFault(error)); expected `model` and `engine_kwargs` of a run.")
        }
        let arguments = meta.arguments
        guard let model = meta.model ?? arguments?.model else {
            throw .meta("found no model; name it under `model`.")
        }
        let (tensor, data) = (arguments?.tensor ?? 1, arguments?.data ?? 1)
        let pipeline = arguments?.pipeline ?? 1
        let numbers = [
            ("tensor_parallel_size", tensor, 64), ("pipeline_parallel_size", pipeline, 1024),
            ("data_parallel_size", data, 1024),
            ("max_num_seqs", arguments?.maxSequences ?? 1, 1_000_000),
            ("max_num_batched_tokens", arguments?.tokenBudget ?? 1, 1_000_000),
            ("block_size", arguments?.blockSize ?? 1, 4096),
        ]
        for (name, value, most) in numbers where !(1...most).contains(value) {
            throw .meta("engine_kwargs.\(name): found \(value), expected 1 to \(most).")
        }
        if let share = arguments?.memoryShare, !(share > 0 && share <= 1) {
            throw .meta(
                "engine_kwargs.gpu_memory_utilization: found \(share), expected above 0 up to 1.")
        }
        return RequestLog.Engine(
            model: model, version: meta.version,
            shards: MeasuredRow.Shards(
                tensor: tensor, pipeline: pipeline, data: data,
                expert: arguments?.sharesExperts == true ? tensor * data : 1),
            maxSequences: arguments?.maxSequences, tokenBudget: arguments?.tokenBudget,
            kvFormat: arguments?.kvFormat, quantization: arguments?.quantization,
            memoryShare: arguments?.memoryShare,
            kvCapacity: StatedCapacity(bytes, blockSize: arguments?.blockSize ?? 16).tokens,
            gpu: meta.gpu ?? meta.hardware)
    }
}

/// KV cache of one rank, under whichever name a log has it: engines write it down in tokens or blocks.
///
/// The configurations of other simulators are no statement of the engine.
private struct StatedCapacity {
    private(set) var tokens: Tokens?

    init(_ bytes: Data, blockSize: Int) {
        guard let root = try? JSONSerialization.jsonObject(with: bytes) else { return }
        tokens = Self.find(in: root, blockSize)
    }

    private static func find(in value: Any, _ blockSize: Int) -> Tokens? {
        guard let members = value as? [String: Any] else { return nil }
        let names = members.keys.sorted().filter { !$0.contains("simulator") }
        for name in names {
            guard let number = members[name] as? Int, (1...1_000_000_000).contains(number) else {
                continue
            }
            let words = name.lowercased()
            if words.contains("kv"), words.contains("token") { return Tokens(number) }
            if words.contains("gpu_blocks") || (words.contains("kv") && words.contains("blocks")) {
                return Tokens(number * blockSize)
            }
        }
        for name in names {
            if let found = members[name].flatMap({ find(in: $0, blockSize) }) { return found }
        }
        return nil
    }
}
