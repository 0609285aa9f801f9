public import ServingDomain

/// The shapes that have timings, and which of them may stand for another.
///
/// A neighbour has the same kind and is the nearest in the product of its dimension ratios; its
/// times are carried over by the ratio of both rooflines (`NeighbourCurve`). Number formats are never crossed within one kind of kernel.
public struct MeasuredShapes: Sendable {
    public enum Relation: Hashable, Sendable {
        case same
        /// The same transfer over the same GPUs by another path.
        case equivalent
        /// Times are to be multiplied by the ratio of both rooflines.
        case neighbour
    }

    public struct StandIn: Hashable, Sendable {
        public let shape: OperatorShape
        public let relation: Relation
    }

    private let shapes: Set<OperatorShape>
    /// By kind, each in the given order, which decides between equal distances.
    private let byKind: [String: [OperatorShape]]

    public init(_ shapes: [OperatorShape]) {
        self.shapes = Set(shapes)
        byKind = Dictionary(grouping: shapes) { $0.record.kind }
    }

    /// Whether experts in another format were timed themselves, or as the same block that stands for the first.
    func areAlike(
        _ shape: OperatorShape, _ other: OperatorShape, ownRows: Bool
    ) -> Bool {
        guard let second = standIn(for: other, ownRows: ownRows) else { return false }
        if second.relation == .same { return true }
        guard case .experts(let own)? = standIn(for: shape, ownRows: ownRows)?.shape,
            case .experts(let its) = second.shape
        else { return false }
        return own.stored(as: its.format) == its
    }

    /// What stands for `shape`; nil where nothing of its kind and format was measured.
    ///
    /// - Parameters:
    ///   - shape: of an operator.
    ///   - ownRows: whether kernels of experts that are dealt out over GPUs leave out the rows of absent experts, which
    ///     timings of such blocks have.
    /// - Returns: the shape whose timings are taken, and how.
    public func standIn(for shape: OperatorShape, ownRows: Bool = false) -> StandIn? {
        if shapes.contains(shape), !ownRows || !shape.hasAbsentRows {
            return StandIn(shape: shape, relation: .same)
        }
        let candidates = byKind[shape.record.kind] ?? []
        if shape.isTransfer {
            return path(for: shape, among: candidates)
                .map { StandIn(shape: $0, relation: .equivalent) }
        }
        let scored = candidates.compactMap { candidate in
            shape.distance(to: candidate, ownRows: ownRows).map { (candidate, $0) }
        }
        guard let best = scored.min(by: { $0.1 < $1.1 })?.0 else { return nil }
        return StandIn(shape: best, relation: best == shape ? .same : .neighbour)
    }
}

extension MeasuredShapes {
    /// The same transfer by another path: inside one node if it was timed there, and by the plainest wiring.
    ///
    /// Between nodes only where more GPUs take part than any node had: a worker's GPUs stand in one node,
    /// and a network is slower than their links by an order of magnitude.
    private func path(
        for shape: OperatorShape, among candidates: [OperatorShape]
    ) -> OperatorShape? {
        let nodes = candidates.compactMap(\.gpusPerNode)
        let isWide = nodes.allSatisfy { $0 < shape.transferGPUs } && nodes.contains { $0 > 1 }
        return
            candidates
            .filter { shape.isEquivalent(to: $0) && ($0.isInsideNode || isWide) }
            .min { one, other in
                let (ones, others) = (one.gpusPerNode ?? 0, other.gpusPerNode ?? 0)
                return isWide && ones != others
                    ? ones > others : one.wiring.count < other.wiring.count
            }
    }
}

extension OperatorShape {
    /// GPUs between which a transfer runs.
    fileprivate var transferGPUs: Int {
        guard case .collective(_, let gpus, _) = self else { return 2 }
        return gpus
    }

    fileprivate var wiring: String {
        switch self {
        case .collective(_, _, let path), .pointToPoint(let path): path
        default: ""
        }
    }

    /// GPUs of a node that take part, where the path names them (nccl-2-per-node); nil where it does not.
    fileprivate var gpusPerNode: Int? {
        guard wiring.hasSuffix(Self.perNode) else { return nil }
        return wiring.dropLast(Self.perNode.count).split(separator: "-").last.flatMap { Int($0) }
    }

    private static let perNode = "-per-node"

    var isInsideNode: Bool { gpusPerNode.map { $0 >= transferGPUs } ?? true }
}

extension OperatorShape {
    /// Product of the dimension ratios, each at least 1; nil where one cannot stand for the other.
    fileprivate func distance(to other: Self, ownRows: Bool) -> Double? {
        switch (self, other) {
        case (.gemm(let n, let k, let format), .gemm(let otherN, let otherK, let otherFormat)):
            guard format == otherFormat else { return nil }
            return ratio(n, otherN) * ratio(k, otherK)
        case (.prefillAttention(let mine, let batch), .prefillAttention(let its, let itsBatch)):
            return batch == itsBatch ? mine.distance(to: its) : nil
        case (.decodeAttention(let mine), .decodeAttention(let its)):
            return mine.distance(to: its)
        case (.prefillRecurrence(let mine), .prefillRecurrence(let its)),
            (.decodeRecurrence(let mine), .decodeRecurrence(let its)):
            return mine.distance(to: its)
        case (.experts(let mine), .experts(let its)):
            return mine.distance(to: its, ownRows: ownRows)
        case (.elementwise(let mine, let width), .elementwise(let its, let itsWidth)):
            return mine == its ? ratio(width, itsWidth) : nil
        default:
            return nil
        }
    }

    /// Whether `other` is the same transfer by another path.
    fileprivate func isEquivalent(to other: Self) -> Bool {
        switch (self, other) {
        case (.collective(let mine, let gpus, _), .collective(let its, let itsGPUs, _)):
            return mine == its && gpus == itsGPUs
        case (.pointToPoint, .pointToPoint):
            return true
        default:
            return false
        }
    }
}

extension AttentionShape {
    fileprivate func distance(to other: Self) -> Double? {
        guard headDimension == other.headDimension, window == other.window,
            kvFormat == other.kvFormat
        else { return nil }
        let groups = ratio(heads * other.kvHeads, other.heads * kvHeads)
        return ratio(heads, other.heads) * groups * groups
    }
}

extension RecurrenceShape {
    fileprivate func distance(to other: Self) -> Double? {
        guard keyDimension == other.keyDimension, valueDimension == other.valueDimension,
            stateWidth == other.stateWidth
        else { return nil }
        return ratio(valueHeads, other.valueHeads) * ratio(keyHeads, other.keyHeads)
    }
}

extension OperatorShape {
    /// Whether timings of it have rows of experts that other GPUs have.
    var hasAbsentRows: Bool {
        guard case .experts(let experts) = self else { return false }
        return experts.hasAbsentRows
    }

    /// Whether it is a block of experts none of which is on another GPU.
    var isOnOneGPU: Bool {
        guard case .experts(let experts) = self else { return false }
        return experts.expertDegree == 1
    }

    /// The block of experts that is dealt out, with all of them on one GPU; nil for what is not dealt out.
    var onOneGPU: Self? {
        guard case .experts(let experts) = self, experts.expertDegree > 1 else { return nil }
        return .experts(experts.dealt(over: 1))
    }
}

extension ExpertShape {
    fileprivate func distance(to other: Self, ownRows: Bool) -> Double? {
        guard format == other.format, expertsPerToken == other.expertsPerToken,
            let dealt = dealing(beside: other, ownRows)
        else { return nil }
        let skew = distribution == other.distribution ? 1.0 : 1.5
        return skew * dealt * ratio(hidden, other.hidden) * ratio(experts, other.experts)
            * ratio(intermediate * other.tensorDegree, other.intermediate * tensorDegree)
    }

    /// Nearest are those among as many GPUs, with absent rows or without them as they are wanted; what is all on one
    /// GPU has none.
    private func dealing(beside other: Self, _ ownRows: Bool) -> Double? {
        if expertDegree == other.expertDegree { return ownRows && other.hasAbsentRows ? 3 : 1 }
        guard other.expertDegree == 1 else { return nil }
        return ownRows ? 1.25 : 3
    }
}

/// The larger over the smaller of two sizes.
private func ratio(_ lhs: Int, _ rhs: Int) -> Double {
    Double(max(lhs, rhs, 1)) / Double(max(min(lhs, rhs), 1))
}
