/// Tensor-parallel degree: a power of two (AMPD §5), from 1 to 64.
public struct TensorParallelDegree: Hashable, Comparable, Sendable {
    public let value: Int

    /// Fails for anything but 1, 2, 4, 8, 16, 32 and 64.
    public init?(_ value: Int) {
        guard (1...64).contains(value), value & (value - 1) == 0 else { return nil }
        self.value = value
    }

    private init(unchecked value: Int) { self.value = value }

    /// No sharding.
    public static let one = Self(unchecked: 1)

    public static func < (lhs: Self, rhs: Self) -> Bool { lhs.value < rhs.value }

    /// Every degree there is.
    public static let all: [Self] = (0...6).map { Self(unchecked: 1 << $0) }

    /// The degrees that a search considers unless told otherwise: 1, 2, 4, 8.
    public static let usual: [Self] = [1, 2, 4, 8].map(Self.init(unchecked:))
}

extension TensorParallelDegree: CustomStringConvertible {
    public var description: String { String(value) }
}

/// How one replica of a model is spread over GPUs.
///
/// Workers of one pipeline stage alone are simulated.
public struct Parallelism: Hashable, Sendable {
    public let tensor: TensorParallelDegree
    public let pipeline: Int
    /// Data-parallel ranks, each with attention and KV cache of its own, that form their steps together.
    public let data: Int
    /// GPUs that routed experts are dealt out over whole.
    public let expert: Int

    public init(tensor: TensorParallelDegree, pipeline: Int = 1, data: Int = 1, expert: Int = 1) {
        self.tensor = tensor
        self.pipeline = pipeline
        self.data = data
        self.expert = expert
    }

    /// GPUs that one replica occupies; expert parallelism reuses the same GPUs.
    public var gpus: GPUs { GPUs(tensor.value * pipeline * data) }

    /// How its GPUs share the model, where it says more than a tensor-parallel degree; nil where it leaves
    /// that to the engine.
    public var split: ModelSplit? {
        data > 1 || expert > 1 ? ModelSplit(ranks: data, expertDegree: expert) : nil
    }
}

extension Parallelism: CustomStringConvertible {
    /// The tensor-parallel degree, and further ones where they are not 1: `4`, `1dp8ep8`.
    public var description: String {
        "\(tensor)" + (data > 1 ? "dp\(data)" : "") + (expert > 1 ? "ep\(expert)" : "")
    }

    /// Reads the notation of `description`, with ranks and expert degrees up to 1,024; fails for anything
    /// else.
    public init?(notation: some StringProtocol) {
        var rest = Substring(notation)
        func number(_ mark: String) -> Int? {
            guard rest.hasPrefix(mark) else { return nil }
            let digits = rest.dropFirst(mark.count).prefix { $0.isASCII && $0.isNumber }
            guard let number = Int(digits), (1...1024).contains(number) else { return nil }
            rest = rest.dropFirst(mark.count + digits.count)
            return number
        }
        guard let tensor = number("").flatMap(TensorParallelDegree.init) else { return nil }
        let data = number("dp") ?? 1
        let expert = number("ep") ?? 1
        guard rest.isEmpty else { return nil }
        self.init(tensor: tensor, data: data, expert: expert)
    }
}

/// The two halves of serving one round.
public enum Phase: String, Hashable, Sendable, CaseIterable, Codable {
    case prefill
    case decode
}
