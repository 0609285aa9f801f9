import Simulation

/// How layouts are compared after a few runs of each: those that keep up first, then by attainment, then by
/// the worse P95 over its target.
struct Standing: Comparable {
    let isGivenUp: Bool
    var isOverloaded: Bool
    let attainment: Double
    let pressure: Double

    init(_ runs: DigestedRuns) {
        isGivenUp = runs.isGivenUp
        isOverloaded = runs.isOverloaded
        attainment = runs.attainment ?? 0
        pressure = runs.pressure
    }

    /// Whether it comes before the other one.
    static func < (a: Self, b: Self) -> Bool {
        if a.isGivenUp != b.isGivenUp { return b.isGivenUp }
        if a.isOverloaded != b.isOverloaded { return b.isOverloaded }
        if a.attainment != b.attainment { return a.attainment > b.attainment }
        return a.pressure < b.pressure
    }
}

extension MissBound {
    /// Share of a run's units that another layout may miss beyond it.
    static let surplus = 0.15

    /// What others may miss beyond a whole run whose cluster so many rounds filled.
    ///
    /// Nil where that was given up, or fell behind its load: it began with an empty cluster, and its misses
    /// are yet to come.
    init?(beyond run: RunDigest, fillingRounds: Int) {
        guard let units = run.units, !DigestedRuns([run]).isOverloaded else { return nil }
        self.init(
            measured: run.missed + Int(Self.surplus * Double(units)),
            filling: run.missedFilling + Int(Self.surplus * Double(fillingRounds)))
    }
}
