import ServingDomain

/// Goes on with curves beyond their fitted range, but never below the physical floor.
///
/// By the slope of the last piece, or over the last quarter of the range where that piece is shorter.
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
            let raised = raise(going(line, on: tail(line))) { pairs in
                shape.arithmetic(pairs: pairs) / roofline.hardware.peak(.bf16) * 1e9
            }
            return OperatorCurve(shape: shape, form: .pairs(raised))
        case .family(let family):
            return OperatorCurve(shape: shape, form: .family(extended(family, of: shape)))
        }
    }

    func extended(_ line: PiecewiseLinear, of shape: OperatorShape) -> PiecewiseLinear {
        raise(going(line, on: tail(line))) { roofline.floor(shape, at: OperatorPoint(x: Int($0))) }
    }

    /// Each member goes on in y; one more member, four times beyond the last, goes on in x, and where that
    /// would fall below the floor yet farther away, members up to there.
    private func extended(_ family: CurveFamily, of shape: OperatorShape) -> CurveFamily {
        var (xs, members) = (family.xs, goingOn(family.members))
        let family = CurveFamily(xs: xs, members: members)
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

    /// Slope behind the last knot: that of the last piece, or over the last quarter of the range where the piece is
    /// shorter, for then it is no more than the scatter of two timings.
    private func tail(_ line: PiecewiseLinear) -> (slope: Double, isShort: Bool) {
        let (first, last) = (line.xs[0], line.lastKnot)
        guard line.xs.count > 2 else { return (0, false) }
        let start = last - (last - first) / 4
        let before = line.xs[line.xs.count - 2]
        let isShort = before > start
        let from = isShort ? start : before
        return ((line(last) - line(from)) / (last - from), isShort)
    }

    /// The line with its slope behind the last knot.
    private func going(
        _ line: PiecewiseLinear, on tail: (slope: Double, isShort: Bool)
    ) -> PiecewiseLinear {
        guard tail.isShort else { return line }
        let (last, next) = (line.lastKnot, 2 * line.lastKnot)
        return PiecewiseLinear(
            xs: line.xs + [next], ys: line.ys + [line(last) + tail.slope * (next - last)])
    }

    /// Members with their slopes behind the last knots.
    ///
    /// Where one of them is taken over a range, more work on one
    /// axis lets time rise no slower on the other.
    private func goingOn(_ members: [PiecewiseLinear]) -> [PiecewiseLinear] {
        let tails = members.map(tail)
        guard tails.contains(where: \.isShort) else { return members }
        let slopes = MonotoneFit.isotonic(tails.map { max($0.slope, Self.flat) })
        return zip(members, zip(tails, slopes)).map { member, known in
            going(member, on: (known.1, known.0.isShort))
        }
    }

    /// Nanoseconds per unit that are as good as none.
    private static let flat = 1e-9

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
