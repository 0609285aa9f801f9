public import ServingDomain

extension ProfileFit {
    /// How much of another fit stands behind one.
    public enum Backing: Sendable {
        /// Curves of operators of which it has none of the kind and format: kernels of two engines do not mix
        /// within an operator.
        case operators
        /// Curves of all shapes that it lacks, of the same engine: the very shape is nearer than a neighbour.
        case shapes
    }

    /// Curves of this fit, with those of `other` for what this one lacks.
    ///
    /// A store with timings of some operators thus keeps the curves of the others that ship with a GPU. What
    /// decode attention takes longer beside prompts, or over uneven contexts, is told by the kernel alone that
    /// the batch is computed with.
    ///
    /// - Parameters:
    ///   - other: what stands behind this fit.
    ///   - backing: what is taken of it.
    ///   - needed: operators that costs are asked of.
    /// - Returns: nil where nothing is taken that one of them needs.
    public func filled(
        with other: Self, of backing: Backing, wherever needed: [OperatorShape]
    ) -> Self? {
        let (own, its) = (MeasuredShapes(shapes), MeasuredShapes(other.shapes))
        func isLacking(_ shape: OperatorShape) -> Bool {
            switch backing {
            case .operators: own.standIn(for: shape) == nil
            case .shapes: entries[shape] == nil
            }
        }
        let helps = needed.contains { shape in
            isLacking(shape)
                && (other.entries[shape] != nil
                    || own.standIn(for: shape) == nil && its.standIn(for: shape) != nil)
        }
        guard helps else { return nil }
        let taken = other.shapes.filter { isLacking($0.operation) }
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
