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

    /// The degrees that a search considers unless told otherwise: 1, 2, 4, 8.
    public static let usual: [Self] = [1, 2, 4, 8].map(Self.init(unchecked:))
}

extension TensorParallelDegree: CustomStringConvertible {
    public var description: String { String(value) }
}

/// How one replica of a model is spread over GPUs.
///
/// Only tensor parallelism is varied by this version; the other degrees are always 1 and are kept
/// in every file so that their readers need not change when they vary.
public struct Parallelism: Hashable, Sendable {
    public let tensor: TensorParallelDegree
    public let pipeline: Int
    public let data: Int
    public let expert: Int

    public init(tensor: TensorParallelDegree, pipeline: Int = 1, data: Int = 1, expert: Int = 1) {
        self.tensor = tensor
        self.pipeline = pipeline
        self.data = data
        self.expert = expert
    }

    /// GPUs that one replica occupies; expert parallelism reuses the same GPUs.
    public var gpus: GPUs { GPUs(tensor.value * pipeline * data) }
}

/// The two halves of serving one round.
public enum Phase: String, Hashable, Sendable, CaseIterable, Codable {
    case prefill
    case decode
}
