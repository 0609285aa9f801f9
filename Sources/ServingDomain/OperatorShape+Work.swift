/// Arithmetic and memory traffic of one execution of an operator on one GPU.
public struct Work: Hashable, Sendable {
    /// Floating-point operations; a multiply-add counts as two.
    public let flops: Double
    /// Bytes that must cross the memory interface at least once, or the message of a transfer.
    public let bytes: Double

    public init(flops: Double, bytes: Double) {
        self.flops = flops
        self.bytes = bytes
    }

    public static func + (lhs: Self, rhs: Self) -> Self {
        Self(flops: lhs.flops + rhs.flops, bytes: lhs.bytes + rhs.bytes)
    }

    public static func * (lhs: Self, factor: Double) -> Self {
        Self(flops: lhs.flops * factor, bytes: lhs.bytes * factor)
    }
}

extension OperatorShape {
    /// Work at one point of the curve; host activities have none.
    ///
    /// Activations are bf16. Of the routed experts, those are read that at least one of `x` tokens
    /// picks if every expert is equally likely: E (1 - (1 - k/E)^x).
    public func work(at point: OperatorPoint) -> Work {
        let x = Double(point.x)
        let y = Double(point.y)
        switch self {
        case .gemm(let n, let k, let format):
            let (n, k) = (Double(n), Double(k))
            return Work(
                flops: 2 * x * n * k, bytes: n * k * format.bytesPerValue + 2 * x * (n + k))
        case .prefillAttention(let shape, let batch):
            let seen = shape.pairsSeen(increment: x, history: y)
            let cached = shape.window > 0 ? min(y, Double(shape.window)) : y
            return shape.work(pairs: seen, queries: x, context: cached + x) * Double(batch)
        case .decodeAttention(let shape), .mixedDecodeAttention(let shape),
            .unevenDecodeAttention(let shape, _):
            let seen = shape.window > 0 ? min(y, Double(shape.window)) : y
            return shape.work(pairs: seen, queries: 1, context: seen) * x
        case .prefillRecurrence(let shape):
            return shape.prefillWork(tokens: x)
        case .decodeRecurrence(let shape):
            return shape.decodeWork(sequences: x)
        case .prefillScores(let shape):
            return shape.work(pairs: x * (y + (x + 1) / 2), queries: x, keys: x + y)
        case .decodeScores(let shape):
            return shape.work(pairs: y, queries: 1, keys: y) * x
        case .experts(let shape):
            return shape.work(tokens: x)
        case .collective(_, _, _), .pointToPoint:
            return Work(flops: 0, bytes: x)
        case .elementwise(let kind, let width):
            return Work(flops: 0, bytes: 2 * x * Double(width) * kind.passes)
        case .host:
            return Work(flops: 0, bytes: 0)
        }
    }

    /// Format that bounds the arithmetic of the operator.
    public var computeFormat: NumberFormat {
        switch self {
        case .gemm(_, _, let format): format.computeFormat
        case .experts(let shape): shape.format.computeFormat
        case .prefillScores, .decodeScores: .fp8
        default: .bf16
        }
    }

    /// Whether the bytes of `work` go over a link between GPUs instead of to memory.
    public var isTransfer: Bool {
        switch self {
        case .collective, .pointToPoint: true
        default: false
        }
    }
}

extension AttentionShape {
    /// Query-key pairs that causal attention of `increment` new tokens over `history` evaluates.
    @inlinable
    public func pairsSeen(increment: Double, history: Double) -> Double {
        let all = increment * (history + (increment + 1) / 2)
        guard window > 0 else { return all }
        let width = Double(window)
        let ramp = max(0, min(increment, width - history))
        return ramp * (history + (ramp + 1) / 2) + (increment - ramp) * width
    }

    fileprivate func work(pairs: Double, queries: Double, context: Double) -> Work {
        let dimension = Double(headDimension)
        return Work(
            flops: 4 * Double(heads) * dimension * pairs,
            bytes: 2 * Double(kvHeads) * dimension * context * kvFormat.bytesPerValue
                + 2 * 2 * Double(heads) * dimension * queries)
    }
}

extension ExpertShape {
    fileprivate func work(tokens: Double) -> Work {
        let matrix =
            3 * Double(hidden) * Double(intermediate) / Double(tensorDegree)
        return Work(
            flops: 2 * tokens * Double(expertsPerToken) / Double(expertDegree) * matrix,
            bytes: touchedExperts(tokens: tokens) * matrix * format.bytesPerValue
                + 4 * tokens * Double(hidden))
    }
}

extension OperatorShape.Elementwise {
    /// How often each value is read or written.
    fileprivate var passes: Double {
        switch self {
        case .norm, .rope, .embedding: 2
        case .activation, .residual: 3
        }
    }
}
