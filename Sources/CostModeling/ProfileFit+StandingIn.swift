public import ServingDomain

extension ProfileFit {
    /// Curves of this fit, with those of `other` for what this one lacks.
    ///
    /// A store with timings of some shapes thus keeps the curves of all others that ship with a GPU: the
    /// very shape is nearer than a neighbour, whoever timed it. What decode attention takes longer beside
    /// prompts, or over uneven contexts, is told by the kernel alone that the batch is computed with.
    ///
    /// - Parameters:
    ///   - other: what stands behind this fit.
    ///   - needed: operators that costs are asked of.
    /// - Returns: nil where `other` has nothing nearer to one of them.
    public func filled(with other: Self, wherever needed: [OperatorShape]) -> Self? {
        let (own, its) = (MeasuredShapes(shapes), MeasuredShapes(other.shapes))
        let isNearer = needed.contains { shape in
            entries[shape] == nil
                && (other.entries[shape] != nil
                    || own.standIn(for: shape) == nil && its.standIn(for: shape) != nil)
        }
        guard isNearer else { return nil }
        let taken = other.shapes.filter { entries[$0.operation] == nil }
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
}
