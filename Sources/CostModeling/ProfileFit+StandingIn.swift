public import ServingDomain

extension ProfileFit {
    /// Curves of this fit, with those of `other` for operators of which this one has none of the kind and format.
    ///
    /// A store with timings of matrix products alone thus keeps the attention that ships with a GPU. Where
    /// something of this fit can stand in, nothing is taken: kernels of two engines do not mix within an
    /// operator. Norms and residual adds are not taken, which engines do in one (`behindEngine`).
    ///
    /// - Parameters:
    ///   - other: what stands behind this fit.
    ///   - needed: operators that costs are asked of; of others nothing is taken.
    /// - Returns: nil where nothing is taken.
    public func filled(with other: Self, wherever needed: [OperatorShape]) -> Self? {
        let own = MeasuredShapes(shapes)
        let missing = needed.filter { own.standIn(for: $0) == nil }
        let kinds = Set(missing.map(\.record.kind))
        let taken = other.shapes.filter { shape in
            let operation = shape.operation
            return kinds.contains(operation.record.kind) && own.standIn(for: operation) == nil
                && !operation.isFused
        }
        let found = MeasuredShapes(taken)
        guard missing.contains(where: { found.standIn(for: $0) != nil }) else { return nil }
        return filled(
            with: Self(trust: other.trust, entries: taken.compactMap { other.entries[$0] }))
    }
}

extension OperatorShape {
    /// That of the batch alone, of decode attention beside prompts or over uneven contexts.
    fileprivate var operation: Self {
        switch self {
        case .mixedDecodeAttention(let attention), .unevenDecodeAttention(let attention, _):
            .decodeAttention(attention)
        default: self
        }
    }

    /// Whether engines compute it in one kernel with another operator.
    var isFused: Bool {
        switch self {
        case .elementwise(.norm, _), .elementwise(.residual, _): true
        default: false
        }
    }
}
