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
            throw .meta("it is no JSON of a run (\(error)); expected `model` and `engine_kwargs`.")
        }
        let arguments = meta.arguments
        guard let model = meta.model ?? arguments?.model else {
            throw .meta("found no model; name it under `model`.")
        }
        let (tensor, data) = (arguments?.tensor ?? 1, arguments?.data ?? 1)
        let pipeline = arguments?.pipeline ?? 1
        let counts = [
            tensor, data, pipeline, arguments?.maxSequences ?? 1, arguments?.tokenBudget ?? 1,
            arguments?.blockSize ?? 1,
        ]
        guard counts.allSatisfy({ (1...1_000_000).contains($0) }), tensor * data <= 1024 else {
            throw .meta("found degrees or limits \(counts), expected numbers above 0.")
        }
        return RequestLog.Engine(
            model: model, version: meta.version,
            shards: MeasuredRow.Shards(
                tensor: tensor, pipeline: pipeline, data: data,
                expert: arguments?.sharesExperts == true ? tensor * data : 1),
            maxSequences: arguments?.maxSequences, tokenBudget: arguments?.tokenBudget,
            kvFormat: arguments?.kvFormat,
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
