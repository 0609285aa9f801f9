public import ServingDomain
import Simulation

/// What a layout serves at one rate: to each user, and from each GPU.
public struct OperatingPoint: Hashable, Sendable {
    public let deployment: Deployment
    /// Sessions per second; unlimited in a closed loop.
    public let rate: Rate
    /// One over the median TPOT: tokens per second that a typical round sees.
    public let tokensPerUser: Double
    /// Output tokens per second over the GPUs of the layout.
    public let tokensPerGPU: Double
    /// Whether the figures, without their intervals, meet every target.
    public let meetsTargets: Bool

    /// Rates that are looked at, in multiples of the case's.
    public static let multiples = [0.25, 0.5, 1, 1.5, 2, 3]
    /// Layouts that are looked at, at most.
    public static let mostLayouts = 10
    /// Runs of each, at most.
    public static let replications = 2

    public init(
        deployment: Deployment, rate: Rate, tokensPerUser: Double, tokensPerGPU: Double,
        meetsTargets: Bool
    ) {
        (self.deployment, self.rate, self.meetsTargets) = (deployment, rate, meetsTargets)
        (self.tokensPerUser, self.tokensPerGPU) = (tokensPerUser, tokensPerGPU)
    }

    /// Nil where the layout does not keep up, or answers are single tokens.
    init?(_ deployment: Deployment, _ asked: Case, _ report: ServingReport) {
        guard let tpot = report.tpot?.p50.value, tpot > 0, report.sessions > 0 else { return nil }
        let sessions = report.jobsPerSecond ?? asked.workload.rate.sessionsPerSecond
        let tokens = Double(report.outputTokens) / Double(report.sessions)
        self.init(
            deployment: deployment, rate: asked.workload.rate, tokensPerUser: 1e9 / tpot,
            tokensPerGPU: sessions * tokens / Double(deployment.gpus.value),
            meetsTargets: TargetCheck.all(report, asked.service).allSatisfy(\.isMetByValue))
    }

    /// Those that no other point beats in both figures, by what a user sees; only of points that meet
    /// the targets.
    public static func undominated(_ points: [Self]) -> [Self] {
        let good = points.filter(\.meetsTargets).sorted {
            ($0.tokensPerUser, $0.tokensPerGPU) > ($1.tokensPerUser, $1.tokensPerGPU)
        }
        var best = -Double.infinity
        return good.filter { point in
            defer { best = max(best, point.tokensPerGPU) }
            return point.tokensPerGPU > best
        }
    }
}

extension TargetCheck {
    /// Whether the value alone meets the limit.
    fileprivate var isMetByValue: Bool { verdict != .fail && miss ?? 0 <= 0 }
}

extension StudyRuns {
    /// The chosen layout and the best plans beside it, each at several rates.
    func frontier(_ chosen: Deployment, _ plans: [Deployment]) async -> [OperatingPoint] {
        let others = plans.filter { $0 != chosen }
        let layouts = [chosen] + others.prefix(OperatingPoint.mostLayouts - 1)
        let loads = planningCase.openRate.map { rate in
            OperatingPoint.multiples.map { offering($0 * rate) }
        }
        var points: [OperatingPoint] = []
        for asked in loads ?? [planningCase] {
            progress(.simulation, "simulating \(layouts.count) plans at \(asked.load)")
            let reports = await steadyReports(
                layouts, replications: OperatingPoint.replications, asked)
            points += zip(layouts, reports).compactMap { OperatingPoint($0, asked, $1) }
        }
        return layouts.flatMap { layout in points.filter { $0.deployment == layout } }
    }
}

extension Case {
    /// The load in words.
    fileprivate var load: String {
        openRate.map { "\($0) sessions/s" } ?? "the load of the case"
    }
}
