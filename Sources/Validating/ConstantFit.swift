import ServingDomain

/// Fits the constants of an engine to measured latencies.
///
/// The logarithm of a prediction is taken as linear in the constants around a starting point. What
/// is minimised is the sum of the absolute errors of the logarithms, each over a spread that errors
/// have after a fit, and half the squares of the distance from what was believed, each over its
/// doubt; of a deployment that may be unlike all others, only up to the doubt, and from there on the
/// distance itself. Absolute errors, for the median is what a prediction is judged by, and a few rows that
/// nothing explains must not decide.
struct ConstantFit {
    /// One measured latency beside its prediction at the starting point.
    struct Observation {
        /// Logarithm of measured over predicted.
        var residual: Double
        /// Slope of the logarithm of the prediction by each constant.
        var slopes: [Double]
        var weight: Double
    }

    /// Mean absolute error of a logarithm that is left after a fit.
    static let spread = 0.08
    /// Errors below this are not told apart.
    private static let floor = 0.01
    private static let rounds = 40

    let start: EngineConstants
    let believed: EngineConstants
    /// Standard deviation of what is believed of each constant; one without is left at its start.
    let doubts: [Double]
    /// Whether a constant may be far from what is believed: distances beyond its doubt count once, not squared.
    var admitsOutliers = false
    let observations: [Observation]

    /// The constants with the least sum.
    func solution() -> EngineConstants {
        // Least absolute errors by least squares whose weights are the reciprocals of the last errors.
        var shift = [Double](repeating: 0, count: start.values.count)
        for _ in 0..<Self.rounds { shift = leastSquares(around: shift) }
        return EngineConstants(values: zip(start.values, shift).map { $0 + $1 })
    }

    private func leastSquares(around shift: [Double]) -> [Double] {
        let count = shift.count
        var (matrix, right) = (
            [[Double]](repeating: [Double](repeating: 0, count: count), count: count),
            [Double](repeating: 0, count: count)
        )
        for observation in observations {
            let error = observation.residual - dot(observation.slopes, shift)
            let weight = observation.weight / (Self.spread * max(abs(error), Self.floor))
            for row in 0..<count where observation.slopes[row] != 0 {
                let scaled = weight * observation.slopes[row]
                right[row] += scaled * observation.residual
                for column in 0..<count {
                    matrix[row][column] += scaled * observation.slopes[column]
                }
            }
        }
        for place in 0..<count where doubts[place] > 0 {
            let belief = believed.values[place] - start.values[place]
            let distance = admitsOutliers ? abs(shift[place] - belief) / doubts[place] : 0
            let certainty = 1 / (doubts[place] * doubts[place] * max(1, distance))
            matrix[place][place] += certainty
            right[place] += certainty * belief
        }
        return BoundedSystem(matrix: matrix, right: right, bounds: bounds).solution(from: shift)
    }

    /// How far each constant may move; not at all where nothing is doubted.
    private var bounds: [ClosedRange<Double>] {
        EngineConstant.allCases.map { constant in
            let value = start[constant]
            guard doubts[constant.place] > 0 else { return 0...0 }
            let range = constant.range(with: value)
            return range.lowerBound - value...range.upperBound - value
        }
    }

    private func dot(_ left: [Double], _ right: [Double]) -> Double {
        zip(left, right).reduce(0) { $0 + $1.0 * $1.1 }
    }
}

/// The least of a quadratic form x M x / 2 - r x, with a positive definite M, inside bounds.
struct BoundedSystem {
    let matrix: [[Double]]
    let right: [Double]
    let bounds: [ClosedRange<Double>]
    private static let sweeps = 5_000
    /// A sweep that moves no variable by more than this share of its size is the last.
    private static let tolerance = 1e-12

    /// By one variable after the other, each to its least inside its bounds, which comes to the least of
    /// all because the form is convex.
    func solution(from start: [Double]) -> [Double] {
        var values = zip(start, bounds).map { min(max($0, $1.lowerBound), $1.upperBound) }
        for _ in 0..<Self.sweeps {
            var isStill = true
            for place in values.indices where matrix[place][place] > 0 {
                var rest = right[place]
                for other in values.indices where other != place {
                    rest -= matrix[place][other] * values[other]
                }
                let bound = bounds[place]
                let next = min(
                    max(rest / matrix[place][place], bound.lowerBound), bound.upperBound)
                if abs(next - values[place]) > Self.tolerance * max(abs(next), Self.tolerance) {
                    isStill = false
                }
                values[place] = next
            }
            if isStill { break }
        }
        return values
    }
}
