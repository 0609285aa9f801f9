import ServingDomain

/// Fits the constants of an engine to measured latencies.
///
/// The logarithm of a prediction is taken as linear in the constants around a starting point. What
/// is minimised is the sum of the absolute errors of the logarithms, each over a spread that errors
/// have after a fit, and half the squares of the distance from what was believed, each over its
/// doubt. Absolute errors, for the median is what a prediction is judged by, and a few rows that
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
    let observations: [Observation]

    /// The constants with the least sum.
    func solution() -> EngineConstants {
        var held = Set(doubts.indices.filter { doubts[$0] == 0 })
        var shift = [Double](repeating: 0, count: start.values.count)
        // A constant that leaves its range is held at the edge, and the others are fitted anew.
        for _ in shift.indices {
            shift = converged(from: shift, holding: held)
            let outside = shift.indices.filter {
                !held.contains($0) && clamped($0, shift) != shift[$0]
            }
            guard !outside.isEmpty else { break }
            for place in outside {
                shift[place] = clamped(place, shift)
                held.insert(place)
            }
        }
        return EngineConstants(
            values: shift.indices.map { start.values[$0] + clamped($0, shift) })
    }

    private func clamped(_ place: Int, _ shift: [Double]) -> Double {
        let range = EngineConstant.allCases[place].range
        let value = start.values[place] + shift[place]
        return min(max(value, range.lowerBound), range.upperBound) - start.values[place]
    }

    /// Least absolute errors by least squares whose weights are the reciprocals of the last errors.
    private func converged(from first: [Double], holding held: Set<Int>) -> [Double] {
        var shift = first
        let free = shift.indices.filter { !held.contains($0) }
        for _ in 0..<Self.rounds {
            var matrix = [[Double]](
                repeating: [Double](repeating: 0, count: free.count), count: free.count)
            var right = [Double](repeating: 0, count: free.count)
            for observation in observations {
                let error = observation.residual - dot(observation.slopes, shift)
                let weight = observation.weight / (Self.spread * max(abs(error), Self.floor))
                let fixed = held.reduce(observation.residual) {
                    $0 - observation.slopes[$1] * shift[$1]
                }
                for (row, place) in free.enumerated() {
                    let slope = observation.slopes[place]
                    guard slope != 0 else { continue }
                    right[row] += weight * slope * fixed
                    for (column, other) in free.enumerated() {
                        matrix[row][column] += weight * slope * observation.slopes[other]
                    }
                }
            }
            for (row, place) in free.enumerated() {
                let certainty = 1 / (doubts[place] * doubts[place])
                matrix[row][row] += certainty
                right[row] += certainty * (believed.values[place] - start.values[place])
            }
            for (place, value) in zip(free, PositiveSystem(matrix).solution(right)) {
                shift[place] = value
            }
        }
        return shift
    }

    private func dot(_ left: [Double], _ right: [Double]) -> Double {
        zip(left, right).reduce(0) { $0 + $1.0 * $1.1 }
    }
}

/// Linear equations with a symmetric, positive definite matrix, by Cholesky's decomposition.
struct PositiveSystem {
    private let lower: [[Double]]

    init(_ matrix: [[Double]]) {
        var lower = matrix.map { $0.map { _ in 0.0 } }
        for row in matrix.indices {
            for column in 0...row {
                let known = (0..<column).reduce(matrix[row][column]) {
                    $0 - lower[row][$1] * lower[column][$1]
                }
                lower[row][column] =
                    row == column ? known.squareRoot() : known / lower[column][column]
            }
        }
        self.lower = lower
    }

    func solution(_ right: [Double]) -> [Double] {
        var values = right
        for row in lower.indices {
            for column in 0..<row { values[row] -= lower[row][column] * values[column] }
            values[row] /= lower[row][row]
        }
        for row in lower.indices.reversed() {
            for below in lower.indices where below > row {
                values[row] -= lower[below][row] * values[below]
            }
            values[row] /= lower[row][row]
        }
        return values
    }
}
