public import Planning
public import ServingDomain
import Simulation

/// How much a figure may be worse than another one.
public struct RegressionLimit: Hashable, Sendable {
    /// What is compared; larger is worse but for attainment.
    public enum Figure: String, Hashable, Sendable, CaseIterable {
        case ttftP95 = "ttft_p95"
        case itlP95 = "itl_p95"
        case attainment
        case gpus
        case cost = "usd_per_hour"
    }

    public let figure: Figure
    /// A share of the former figure, or milliseconds, points of attainment as a share, GPUs or US dollars.
    public let amount: Double
    public let isShare: Bool

    public init(figure: Figure, amount: Double, isShare: Bool) {
        self.figure = figure
        self.amount = amount
        self.isShare = isShare
    }

    /// What may be worse where nobody says: 5 % in latencies, one point of attainment.
    public static let usual = [
        Self(figure: .ttftP95, amount: 0.05, isShare: true),
        Self(figure: .itlP95, amount: 0.05, isShare: true),
        Self(figure: .attainment, amount: 0.01, isShare: false),
    ]

    /// Reads `ttft_p95=5%,gpus=0`.
    ///
    /// - Parameter text: figures with limits, separated by commas.
    /// - Returns: the limits; nil where something cannot be read.
    public static func list(_ text: String) -> [Self]? {
        var found: [Self] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let sides = part.split(separator: "=", maxSplits: 1).map { $0.trimmed }
            guard sides.count == 2, let figure = Figure(rawValue: sides[0]) else { return nil }
            let isShare = sides[1].hasSuffix("%")
            guard let number = Double(isShare ? String(sides[1].dropLast()) : sides[1]),
                number.isFinite, number >= 0, !found.contains(where: { $0.figure == figure })
            else { return nil }
            found.append(
                Self(figure: figure, amount: isShare ? number / 100 : number, isShare: isShare))
        }
        return found
    }
}

extension RegressionLimit {
    /// The finding where nothing could be compared.
    func undecided(_ reason: String) -> Finding {
        Finding(.regression, .undecided, "\(figure.rawValue): \(reason)")
    }

    /// The finding of a layout beside one that cannot be simulated: its GPUs and its price can be compared.
    ///
    /// - Parameters:
    ///   - layout: what is checked.
    ///   - former: what it is compared with.
    ///   - name: of the former one.
    ///   - prices: US dollars an hour of both, where they are known.
    /// - Returns: a finding, undecided for every figure of a simulation.
    public func finding(
        _ layout: Deployment, against former: Deployment, of name: String,
        prices: (subject: Double?, base: Double?)
    ) -> Finding {
        switch figure {
        case .gpus:
            exact(Double(layout.gpus.value), Double(former.gpus.value), name, "GPUs")
        case .cost: cost(prices, name)
        case .ttftP95, .itlP95, .attainment:
            undecided("\(former) of \(name) cannot run under this case")
        }
    }

    fileprivate func cost(_ prices: (subject: Double?, base: Double?), _ name: String) -> Finding {
        guard let now = prices.subject, let before = prices.base else {
            return undecided("the case gives no usd_per_gpu_hour of every pool")
        }
        return exact(now, before, name, "USD/h")
    }

    fileprivate func exact(
        _ now: Double, _ before: Double, _ name: String, _ unit: String
    ) -> Finding {
        let most = isShare ? amount * before : amount
        return Finding(
            .regression, now - before > most + 1e-9 ? .fail : .pass,
            "\(figure.rawValue): \(now.short) \(unit), \(before.short) in \(name), "
                + "\(most.short) more allowed")
    }
}

/// Compares a layout with a former or with a better one, on the same sessions.
public struct ComparisonRules: Sendable {
    private let subject: SimulatedLayout
    private let base: SimulatedLayout
    private let service: ServiceLevel

    public init(_ subject: SimulatedLayout, against base: SimulatedLayout, _ service: ServiceLevel)
    {
        self.subject = subject
        self.base = base
        self.service = service
    }

    /// Whether the layout attains less than the best plan by more than `tolerance`, a share of all rounds.
    public func worseThanBest(_ name: String, tolerance: Double) -> Finding? {
        guard subject.layout != base.layout else { return nil }
        guard !subject.report.isOverloaded || base.report.isOverloaded else {
            return Finding(
                .worseThanBest,
                "\(subject.layout) does not keep up with the load, and \(name) (\(base.layout)) does"
            )
        }
        let statistic = ServingStatistic.attainment(service.headline)
        guard let gap = subject.differences(from: base, in: [statistic]).first else { return nil }
        // How much less: positive where the best plan attains more.
        let (low, high) = (-gap.difference.high, -gap.difference.low)
        let verdict: Verdict = low > tolerance ? .fail : high > tolerance ? .undecided : .pass
        return Finding(
            .worseThanBest, verdict,
            "attainment \((-gap.difference.value).points) points below \(name) (\(base.layout)) "
                + "[\(low.points), \(high.points)], tolerance \(tolerance.points)")
    }

    /// Figures that are worse than those of `name` by more than they may.
    ///
    /// - Parameters:
    ///   - name: of what is compared with.
    ///   - limits: for each figure.
    ///   - prices: US dollars an hour of both layouts, where they are known.
    /// - Returns: a finding for each limit; undecided where it cannot be compared.
    public func regressions(
        from name: String, limits: [RegressionLimit], prices: (subject: Double?, base: Double?)
    ) -> [Finding] {
        limits.map { limit in
            switch limit.figure {
            case .ttftP95: measured(.latency(.ttft, .p95), limit, name, scale: 1e-6, "ms")
            case .itlP95: measured(.latency(.itl, .p95), limit, name, scale: 1e-6, "ms")
            case .attainment:
                measured(.attainment(service.headline), limit, name, scale: -1, "of rounds")
            case .gpus:
                limit.exact(
                    Double(subject.layout.gpus.value), Double(base.layout.gpus.value), name,
                    "GPUs")
            case .cost: limit.cost(prices, name)
            }
        }
    }

    private func measured(
        _ statistic: ServingStatistic, _ limit: RegressionLimit, _ name: String, scale: Double,
        _ unit: String
    ) -> Finding {
        let figure = limit.figure.rawValue
        guard subject.report.isOverloaded == base.report.isOverloaded else {
            return subject.report.isOverloaded
                ? Finding(
                    .regression, "\(figure): does not keep up with the load, and \(name) does")
                : Finding(.regression, .pass, "\(figure): \(name) does not keep up with the load")
        }
        guard let found = subject.differences(from: base, in: [statistic]).first else {
            return limit.undecided("too few rounds ended to compare it with \(name)")
        }
        let ends = [found.difference.low * scale, found.difference.high * scale].sorted()
        let before = abs(found.base * scale)
        let most = limit.isShare ? limit.amount * before : limit.amount
        let verdict: Verdict = ends[0] > most ? .fail : ends[1] > most ? .undecided : .pass
        return Finding(
            .regression, verdict,
            "\(limit.figure.rawValue): \((found.difference.value * scale).signed) \(unit) "
                + "[\(ends[0].signed), \(ends[1].signed)] worse than \(name), \(most.short) allowed"
        )
    }
}

extension Double {
    /// A share in points with two decimals.
    fileprivate var points: String { (self * 100).short }

    /// At most four decimals.
    fileprivate var short: String {
        let rounded = (self * 10_000).rounded() / 10_000
        return Int(exactly: rounded).map(String.init) ?? String(rounded)
    }

    fileprivate var signed: String { (self >= 0 ? "+" : "") + short }
}

extension StringProtocol {
    fileprivate var trimmed: String {
        let ends = drop { $0 == " " }
        return String(ends.reversed().drop { $0 == " " }.reversed())
    }
}
