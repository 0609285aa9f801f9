import ServingDomain

/// Goes on with curves beyond their fitted range: by the slope of the last piece, but never below
/// the physical floor.
struct BeyondFit {
    let roofline: Roofline
    /// Where the floor is looked at, in multiples of the last knot: far enough that a curve which is flat
    /// there, as few or slow timings make it, has met the floor.
    private static let multiples = (1...24).map { Double(1 << $0) }
    /// The same across a family, in whose members the floor is looked at.
    private static let multiplesAcross = (1...10).map { Double(1 << (2 * $0)) }
    /// Largest abscissa that is looked at: a petabyte, or as many tokens.
    private static let largest = 1e15

    func extended(_ curve: OperatorCurve) -> OperatorCurve {
        let shape = curve.shape
        switch curve.form {
        case .line(let line):
            return OperatorCurve(shape: shape, form: .line(extended(line, of: shape)))
        case .pairs(let line):
            let raised = raise(line) { pairs in
                shape.arithmetic(pairs: pairs) / roofline.hardware.peak(.bf16) * 1e9
            }
            return OperatorCurve(shape: shape, form: .pairs(raised))
        case .family(let family):
            return OperatorCurve(shape: shape, form: .family(extended(family, of: shape)))
        }
    }

    func extended(_ line: PiecewiseLinear, of shape: OperatorShape) -> PiecewiseLinear {
        raise(line) { roofline.floor(shape, at: OperatorPoint(x: Int($0))) }
    }

    /// Each member goes on in y; one more member, four times beyond the last, goes on in x, and where that
    /// would fall below the floor yet farther away, members up to there.
    private func extended(_ family: CurveFamily, of shape: OperatorShape) -> CurveFamily {
        var (xs, members) = (family.xs, family.members)
        if let last = xs.last, let ys = members.last?.xs {
            let beyond = Self.multiplesAcross.map { $0 * max(last, 1) }.filter { $0 < Self.largest }
            func values(_ x: Double, _ family: CurveFamily) -> [Double] {
                ys.map { max(family(x, $0), floor(shape, x, $0)) }
            }
            if let next = beyond.first {
                xs.append(next)
                members.append(PiecewiseLinear(xs: ys, ys: values(next, family)))
            }
            let once = CurveFamily(xs: xs, members: members)
            let isBelow = beyond.dropFirst().contains { x in
                ys.contains { once(x, $0) < floor(shape, x, $0) }
            }
            for x in isBelow ? beyond.dropFirst() : [] {
                xs.append(x)
                members.append(PiecewiseLinear(xs: ys, ys: values(x, once)))
            }
        }
        let raised = zip(xs, members).map { x, member in
            raise(member) { floor(shape, x, $0) }
        }
        return CurveFamily(xs: xs, members: raised)
    }

    private func floor(_ shape: OperatorShape, _ x: Double, _ y: Double) -> Double {
        roofline.floor(shape, at: OperatorPoint(x: Int(x), y: Int(y)))
    }

    /// Adds knots beyond the last one where the slope alone would fall below `floor`.
    private func raise(
        _ line: PiecewiseLinear, to floor: (Double) -> Double
    ) -> PiecewiseLinear {
        let beyond = Self.multiples.map { $0 * max(line.lastKnot, 1) }
            .filter { $0 > line.lastKnot && $0 < Self.largest }
        let raised = beyond.map { max(line($0), floor($0)) }
        guard zip(beyond, raised).contains(where: { line($0) < $1 }) else { return line }
        return PiecewiseLinear(xs: line.xs + beyond, ys: line.ys + raised)
    }
}

extension OperatorShape {
    /// FLOPs of attention over so many query-key pairs; 0 for other operators.
    fileprivate func arithmetic(pairs: Double) -> Double {
        guard case .prefillAttention(let shape, _) = self else { return 0 }
        return 4 * Double(shape.heads * shape.headDimension) * pairs
    }
}
