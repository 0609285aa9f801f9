import ServingDomain
public import Simulation

/// How attainment falls as the rate grows.
public struct RateCurve: Hashable, Sendable {
    public struct Point: Hashable, Sendable {
        /// Sessions per second.
        public let rate: Double
        /// Of the headline; in overload that of the finite horizon.
        public let attainment: Estimate
        public let isOverloaded: Bool
        /// In nanoseconds; nil in overload.
        public let ttftP95: Estimate?
        public let itlP95: Estimate?
    }

    /// By increasing rate.
    public let points: [Point]
    /// The highest rate at which every target is met; nil where none is.
    public let knee: Double?
    /// The rate of the case.
    public let rate: Double

    /// Rates that are looked at, in multiples of the knee, beside the rate of the case.
    public static let multiples = [0.25, 0.5, 0.75, 0.9, 1, 1.1, 1.25, 1.5]
}

extension StudyRuns {
    /// Nil where sessions do not come at a rate.
    func rateCurve(of layout: Deployment, knee: Rate?) async -> RateCurve? {
        guard let rate = planningCase.openRate else { return nil }
        let middle = knee?.sessionsPerSecond ?? rate
        let rates = Set(RateCurve.multiples.map { $0 * middle } + [rate]).sorted()
        var points: [RateCurve.Point] = []
        for (place, rate) in rates.enumerated() {
            progress(.simulation, "simulating rate \(place + 1) of \(rates.count)")
            points.append(await point(layout, rate))
        }
        return RateCurve(points: points, knee: knee?.sessionsPerSecond, rate: rate)
    }

    private func point(_ layout: Deployment, _ rate: Double) async -> RateCurve.Point {
        let report = await simulation(of: offering(rate)).run(layout)
        let headline = planningCase.service.headline
        return RateCurve.Point(
            rate: rate,
            attainment: report.attainment[headline] ?? Estimate(value: 0, low: 0, high: 1),
            isOverloaded: report.isOverloaded, ttftP95: report.ttft?.p95, itlP95: report.itl?.p95)
    }
}
