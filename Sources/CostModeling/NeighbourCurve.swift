import ServingDomain

/// A curve of a measured shape carried over to another one of its kind, on the same GPU.
///
/// What a kernel reaches of one shape's roofline, launches included, it is taken to reach of the other's at the same
/// point: of few tokens both take their launches and weights, of many their arithmetic, and of experts as many are
/// touched as there are. Of shapes of the public tables on Hopper that are predicted from the nearest one of the others the
/// median error is 2 to 9 % so, and 6 to 24 % where times are multiplied by the ratio of FLOPs or bytes
/// (docs/cost-model.md).
struct NeighbourCurve {
    let roofline: Roofline
    let measured: OperatorCurve
    let shape: OperatorShape

    /// Rising as the measured one does, over the same range.
    var curve: OperatorCurve {
        switch measured.form {
        case .line(let line):
            return OperatorCurve(
                shape: shape, form: .line(carried(line) { OperatorPoint(x: Int($0)) }))
        case .pairs(let line):
            return OperatorCurve(shape: shape, form: .pairs(carried(pairs: line)))
        case .family(let family):
            var least = PiecewiseLinear.constant(0)
            let members = zip(family.xs, family.members).map { x, member in
                let own = carried(member) { OperatorPoint(x: Int(x), y: Int($0)) }
                least = raised(own, over: least)
                return least
            }
            return OperatorCurve(
                shape: shape, form: .family(CurveFamily(xs: family.xs, members: members)))
        }
    }

    /// The other axis stays where it is.
    private func carried(
        _ line: PiecewiseLinear, at point: (Double) -> OperatorPoint
    ) -> PiecewiseLinear {
        let (first, last) = (line.xs[0], line.lastKnot)
        // Rooflines bend between knots too.
        let between = AnalyticSamples.steps(upTo: 31).map(Double.init).filter {
            first < $0 && $0 < last
        }
        let xs = Set(line.xs + between).sorted()
        return rising(xs, xs.map { line($0) * ratio(at: point($0)) })
    }

    /// By query-key pairs of prompts without a history.
    private func carried(pairs line: PiecewiseLinear) -> PiecewiseLinear {
        let points = AnalyticSamples.steps(upTo: 17).map {
            (tokens: $0, pairs: shape.pairs(Double($0), 0))
        }
        .filter { line.covers($0.pairs) }
        guard points.count > 1 else { return line.scaled(by: ratio(at: OperatorPoint(x: 4096))) }
        return rising(
            points.map(\.pairs),
            points.map { line($0.pairs) * ratio(at: OperatorPoint(x: $0.tokens)) })
    }

    private func rising(_ xs: [Double], _ times: [Double]) -> PiecewiseLinear {
        var least = 0.0
        return PiecewiseLinear(
            xs: xs,
            ys: times.map { time in
                least = max(least, time)
                return least
            })
    }

    /// The line, nowhere below another one where that was timed.
    private func raised(_ line: PiecewiseLinear, over lower: PiecewiseLinear) -> PiecewiseLinear {
        let (first, last) = (line.xs[0], line.lastKnot)
        let xs = Set(line.xs + lower.xs.filter { first <= $0 && $0 <= last }).sorted()
        return rising(xs, xs.map { lower.covers($0) ? max(line($0), lower($0)) : line($0) })
    }

    /// Time of the shape over that of the measured one, both by their rooflines.
    ///
    /// Timings under one router stand for those under another as they are, and those with the rows of absent experts
    /// for others with them.
    private func ratio(at point: OperatorPoint) -> Double {
        var shape = shape
        if case .experts(let own) = shape, case .experts(let its) = measured.shape {
            shape = .experts(own.routed(by: its.distribution))
        }
        let (own, other) = (time(shape, at: point), time(measured.shape, at: point))
        return own > 0 && other > 0 ? own / other : 1
    }

    private func time(_ shape: OperatorShape, at point: OperatorPoint) -> Double {
        let bare = roofline.time(shape, at: point)
        guard measured.shape.hasAbsentRows, case .experts(let experts) = shape else { return bare }
        return bare + Double(point.x) * roofline.absentRows(of: experts)
    }
}
