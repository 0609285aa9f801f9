/// An operator shape as flat columns: the form in which stores and files keep it.
public struct OperatorRecord: Hashable, Sendable {
    /// `gemm`, `prefill_attention`, `decode_attention`, `mixed_decode_attention`,
    /// `uneven_decode_attention`, `prefill_recurrence`, `decode_recurrence`, `prefill_scores`, `decode_scores`, `experts`, the name of a collective,
    /// `point_to_point`, `norm`, `rope`, `activation`, `residual`, `embedding` or `host`.
    public let kind: String
    /// Number format, or empty where the kind has none.
    public let format: String
    /// Router distribution, path of a collective or component of host time; else empty.
    public let variant: String
    /// Dimensions in the order of `dimensionNames`.
    public let dimensions: [Int]

    public init(kind: String, format: String, variant: String, dimensions: [Int]) {
        self.kind = kind
        self.format = format
        self.variant = variant
        self.dimensions = dimensions
    }

    /// Every kind, in the order in which a step executes them.
    public static let kinds: [String] =
        ["embedding", "norm", "gemm", "rope", "prefill_attention", "decode_attention"]
        + ["mixed_decode_attention", "uneven_decode_attention"]
        + ["prefill_recurrence", "decode_recurrence", "prefill_scores", "decode_scores"]
        + ["activation", "experts", "residual"]
        + OperatorShape.Collective.allCases.map(\.rawValue) + ["point_to_point", "host"]

    /// Names of the dimensions of a kind, or nil for a kind that does not exist.
    public static func dimensionNames(of kind: String) -> [String]? {
        switch kind {
        case "gemm": return ["n", "k"]
        case "prefill_attention": return ["heads", "kv_heads", "head_dim", "window", "batch"]
        case "decode_attention", "mixed_decode_attention":
            return ["heads", "kv_heads", "head_dim", "window"]
        case "uneven_decode_attention":
            return ["heads", "kv_heads", "head_dim", "window", "variation_percent"]
        case "prefill_recurrence", "decode_recurrence":
            return ["key_heads", "value_heads", "key_dim", "value_dim", "state_bytes"]
        case "prefill_scores", "decode_scores": return ["index_heads", "index_dim"]
        case "experts": return ["hidden", "intermediate", "experts", "top_k", "tp", "ep"]
        case "point_to_point": return []
        case "host": return ["tp"]
        default:
            if OperatorShape.Collective(rawValue: kind) != nil { return ["gpus"] }
            return OperatorShape.Elementwise(rawValue: kind) == nil ? nil : ["width"]
        }
    }

    /// Least value of a dimension: a window or a deviation of 0 means that there is none.
    public static func least(ofDimension name: String) -> Int {
        ["window", "variation_percent"].contains(name) ? 0 : 1
    }

    /// Names of the axes of a kind: one or two, in the order x, y.
    public static func axisNames(of kind: String) -> [String] {
        switch kind {
        case "prefill_attention", "prefill_scores": ["new_tokens", "cached_tokens"]
        case "decode_attention", "mixed_decode_attention", "uneven_decode_attention",
            "decode_scores":
            ["batch", "context"]
        case "host", "decode_recurrence": ["batch"]
        case "prefill_recurrence": ["new_tokens"]
        case "point_to_point": ["bytes"]
        default: OperatorShape.Collective(rawValue: kind) == nil ? ["tokens"] : ["bytes"]
        }
    }
}

extension OperatorShape {
    public var record: OperatorRecord {
        switch self {
        case .gemm(let n, let k, let format):
            return .init(kind: "gemm", format: format.rawValue, variant: "", dimensions: [n, k])
        case .prefillAttention(let shape, let batch):
            return .init(
                kind: "prefill_attention", format: shape.kvFormat.rawValue, variant: "",
                dimensions: shape.dimensions + [batch])
        case .decodeAttention(let shape):
            return .init(
                kind: "decode_attention", format: shape.kvFormat.rawValue, variant: "",
                dimensions: shape.dimensions)
        case .mixedDecodeAttention(let shape):
            return .init(
                kind: "mixed_decode_attention", format: shape.kvFormat.rawValue, variant: "",
                dimensions: shape.dimensions)
        case .unevenDecodeAttention(let shape, let variation):
            return .init(
                kind: "uneven_decode_attention", format: shape.kvFormat.rawValue, variant: "",
                dimensions: shape.dimensions + [variation])
        case .prefillRecurrence(let shape):
            return .init(
                kind: "prefill_recurrence", format: "", variant: "", dimensions: shape.dimensions)
        case .decodeRecurrence(let shape):
            return .init(
                kind: "decode_recurrence", format: "", variant: "", dimensions: shape.dimensions)
        case .prefillScores(let shape):
            return .init(
                kind: "prefill_scores", format: "", variant: "",
                dimensions: [shape.heads, shape.dimension])
        case .decodeScores(let shape):
            return .init(
                kind: "decode_scores", format: "", variant: "",
                dimensions: [shape.heads, shape.dimension])
        case .experts(let shape):
            return .init(
                kind: "experts", format: shape.format.rawValue, variant: shape.distribution,
                dimensions: [
                    shape.hidden, shape.intermediate, shape.experts, shape.expertsPerToken,
                    shape.tensorDegree, shape.expertDegree,
                ])
        case .collective(let collective, let gpus, let path):
            return .init(
                kind: collective.rawValue, format: "", variant: path, dimensions: [gpus])
        case .pointToPoint(let path):
            return .init(kind: "point_to_point", format: "", variant: path, dimensions: [])
        case .elementwise(let kind, let width):
            return .init(kind: kind.rawValue, format: "", variant: "", dimensions: [width])
        case .host(let component, let degree):
            return .init(kind: "host", format: "", variant: component, dimensions: [degree])
        }
    }

    /// The shape that a record describes; nil where kind, format or dimensions do not fit.
    public init?(_ record: OperatorRecord) {
        let sizes = record.dimensions
        guard let names = OperatorRecord.dimensionNames(of: record.kind), names.count == sizes.count
        else { return nil }
        switch record.kind {
        case "gemm":
            guard let format = NumberFormat(rawValue: record.format) else { return nil }
            self = .gemm(n: sizes[0], k: sizes[1], format: format)
        case "prefill_attention":
            guard let shape = AttentionShape(record) else { return nil }
            self = .prefillAttention(shape, batch: sizes[4])
        case "decode_attention":
            guard let shape = AttentionShape(record) else { return nil }
            self = .decodeAttention(shape)
        case "mixed_decode_attention":
            guard let shape = AttentionShape(record) else { return nil }
            self = .mixedDecodeAttention(shape)
        case "uneven_decode_attention":
            guard let shape = AttentionShape(record) else { return nil }
            self = .unevenDecodeAttention(shape, variation: sizes[4])
        case "prefill_recurrence": self = .prefillRecurrence(RecurrenceShape(sizes))
        case "decode_recurrence": self = .decodeRecurrence(RecurrenceShape(sizes))
        case "prefill_scores":
            self = .prefillScores(ScoreShape(heads: sizes[0], dimension: sizes[1]))
        case "decode_scores":
            self = .decodeScores(ScoreShape(heads: sizes[0], dimension: sizes[1]))
        case "experts":
            guard let format = NumberFormat(rawValue: record.format) else { return nil }
            self = .experts(
                ExpertShape(
                    hidden: sizes[0], intermediate: sizes[1], experts: sizes[2],
                    expertsPerToken: sizes[3], tensorDegree: sizes[4], expertDegree: sizes[5],
                    distribution: record.variant, format: format))
        case "point_to_point": self = .pointToPoint(path: record.variant)
        case "host": self = .host(component: record.variant, degree: sizes[0])
        default:
            if let collective = Collective(rawValue: record.kind) {
                self = .collective(collective, gpus: sizes[0], path: record.variant)
            } else if let kind = Elementwise(rawValue: record.kind) {
                self = .elementwise(kind, width: sizes[0])
            } else {
                return nil
            }
        }
    }
}

extension AttentionShape {
    fileprivate var dimensions: [Int] { [heads, kvHeads, headDimension, window] }

    fileprivate init?(_ record: OperatorRecord) {
        guard let format = NumberFormat(rawValue: record.format) else { return nil }
        let sizes = record.dimensions
        self.init(
            heads: sizes[0], kvHeads: sizes[1], headDimension: sizes[2], window: sizes[3],
            kvFormat: format)
    }
}

extension RecurrenceShape {
    fileprivate var dimensions: [Int] {
        [keyHeads, valueHeads, keyDimension, valueDimension, stateWidth]
    }

    fileprivate init(_ sizes: [Int]) {
        self.init(
            keyHeads: sizes[0], valueHeads: sizes[1], keyDimension: sizes[2],
            valueDimension: sizes[3], stateWidth: sizes[4])
    }
}
