/// Student's t with Hall's correction for the skewness of few replications.
///
/// Latencies of a loaded system are skewed to the right, and so are the means of short runs: the
/// symmetric interval then lies too low. Hall's cubic transformation (Journal of the Royal
/// Statistical Society B 54, 1992) removes the first-order effect; it is monotone, so that both
/// ends of an interval have a closed form. Without skewness it is Student's t.
struct SkewAdjustedT {
    /// Standard error of the mean.
    let standardError: Double
    /// Mean of the values.
    let mean: Double
    /// Skewness over the square root of their number.
    private let skew: Double
    private let quantile: Double

    /// - Precondition: there are at least two values, all finite.
    init(_ values: some Collection<Double>) {
        let n = Double(values.count)
        let mean = values.reduce(0, +) / n
        var (squares, cubes) = (0.0, 0.0)
        for value in values {
            let deviation = value - mean
            squares += deviation * deviation
            cubes += deviation * deviation * deviation
        }
        self.mean = mean
        standardError = (squares / (n - 1) / n).squareRoot()
        let variance = squares / n
        let scale = variance * variance.squareRoot()
        skew = scale > 0 ? cubes / n / scale / n.squareRoot() : 0
        quantile = StudentT.quantile95(degreesOfFreedom: values.count - 1)
    }

    /// The true means that the values do not speak against, as differences from their mean.
    var margins: (low: Double, high: Double) {
        (-standardError * inverse(quantile), -standardError * inverse(-quantile))
    }

    /// Whether the true mean is surely positive (1), surely negative (-1) or neither (0).
    var sign: Int {
        guard standardError > 0 else { return mean > 0 ? 1 : mean < 0 ? -1 : 0 }
        let t = transformed(mean / standardError)
        return t > quantile ? 1 : t < -quantile ? -1 : 0
    }

    /// T + c (T²/3 + 1/6) + c² T³/27, which never falls.
    private func transformed(_ t: Double) -> Double {
        t + skew * (t * t / 3 + 1 / 6) + skew * skew * t * t * t / 27
    }

    /// Solves `transformed` = `y`: ((1 + c T/3)³ − 1) / c + c/6 = y.
    private func inverse(_ y: Double) -> Double {
        guard skew.magnitude > 1e-4 else { return y - skew * (y * y / 3 + 1 / 6) }
        return 3 / skew * (Self.cubeRoot(1 + skew * (y - skew / 6)) - 1)
    }

    /// By Newton's method from a power of two: the same bits on every processor.
    private static func cubeRoot(_ x: Double) -> Double {
        guard x != 0 else { return 0 }
        let magnitude = x.magnitude
        var root = Double(sign: .plus, exponent: magnitude.exponent / 3, significand: 1.5)
        for _ in 0..<8 { root -= (root - magnitude / (root * root)) / 3 }
        return x < 0 ? -root : root
    }
}
