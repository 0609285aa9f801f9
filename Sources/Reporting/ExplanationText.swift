import Planning
import ServingDomain
import Simulation

extension ExplanationDocument {
    /// The explanation in sentences, one a line, and what becomes of the layout; where it is wide, the
    /// layouts beside each other too.
    public func text(_ style: TextStyle) -> String {
        (sentences + explanation.others.map(whyNot) + [""]).joined(separator: "\n") + "\n"
            + Self.stressTable(explanation).text(style)
            + (style.isWide ? "\n" + table.text(style) : "")
    }

    /// What the layout does, what holds it back, and whether it need be split.
    var sentences: [String] { [chosen] + limits + [colocated].compactMap { $0 } }

    /// What becomes of the layout where something turns out otherwise.
    static func stressTable(_ explanation: PlanExplanation) -> TextTable {
        var table = TextTable([
            ("if", .left), ("layout", .left), ("attainment", .right), ("ttft_p95_ms", .right),
            ("itl_p95_ms", .right), ("verdict", .left),
        ])
        for outcome in explanation.stresses {
            func figure(_ value: Double?, _ places: Int) -> String {
                value.map { "\(rounded($0, places))" } ?? "-"
            }
            let report = outcome.report
            table.append([
                outcome.stress.sentence(explanation.slowness),
                outcome.deployment?.description ?? "nothing is left",
                figure(report?.attainment[explanation.planningCase.service.headline]?.value, 3),
                figure(report?.ttft.map { $0.p95.value / 1e6 }, 1),
                figure(report?.itl.map { $0.p95.value / 1e6 }, 1),
                report?.isOverloaded == true ? "overload" : outcome.verdict.rawValue,
            ])
        }
        return table
    }

    private var service: ServiceLevel { explanation.planningCase.service }

    /// What the layout does, and which targets it misses by how much.
    private var chosen: String {
        let layout = explanation.chosen
        let name = "\(layout.deployment) (\(layout.deployment.gpus) GPUs)"
        guard let report = layout.report else {
            return "\(name) cannot run: " + layout.obstacles.joined(separator: "; ") + "."
        }
        let verdict =
            switch layout.verdict {
            case .pass: "meets every target"
            case .undecided: "is undecided, for an interval lies on both sides of its target"
            case .fail: Self.misses(layout)
            }
        return "\(name)\(loadPhrase) \(verdict)" + Self.figures(report, service) + "."
    }

    private var loadPhrase: String {
        let rate = explanation.planningCase.workload.rate.sessionsPerSecond
        return rate.isFinite ? " at \(fine(rate))/s" : ""
    }

    /// Headroom, and what an additional GPU is worth.
    private var limits: [String] {
        guard let headroom = explanation.headroom else {
            return [
                "Jobs of this workload wait for others to end, so that there is no highest rate."
            ]
        }
        guard let rate = headroom.rate else {
            return ["It misses its targets at every lower rate too, down to a thousandth."]
        }
        let factor = headroom.factor(over: explanation.planningCase.workload.rate) ?? 1
        guard headroom.missedRate != nil else {
            return ["It meets them at every rate up to \(fine(rate.sessionsPerSecond))/s."]
        }
        let missed = Self.list(headroom.missed.map { Self.words($0.target) + $0.ofTenant })
        let edge =
            "The highest rate at which it meets them is \(fine(rate.sessionsPerSecond))/s, "
            + "\(rounded(factor, 2)) times this one; beyond, \(missed) cannot be kept."
        return [edge] + [worth].compactMap { $0 }
    }

    private var worth: String? {
        let gains = explanation.values.map { value in
            let gain =
                value.ratePerGPU.map { "\(fine(rounded($0, 4)))/s" }
                ?? "more than any rate that was tried"
            return "\(Self.name(of: value.phase)) \(gain)"
        }
        guard !gains.isEmpty else { return nil }
        let cause = explanation.bottleneck.map { "What holds it back is \(Self.words[$0] ?? "")" }
        return (cause ?? "No single resource holds it back")
            + "; a GPU more is worth, " + gains.joined(separator: ", ") + "."
    }

    private static let words: [Bottleneck: String] = [
        .prefill: "the prefill workers", .decode: "the steps of the decode workers",
        .kvMemory: "KV memory on the decode workers", .link: "the links between workers",
        .colocated: "the workers that prefill and decode in turn",
    ]

    private static func name(of phase: Phase?) -> String {
        switch phase {
        case .prefill: "for prefill"
        case .decode: "for decode"
        case nil: "for co-located workers"
        }
    }

    /// Whether as many GPUs without a split would do.
    private var colocated: String? {
        guard let rival = explanation.colocated, let report = rival.report else { return nil }
        let name = "Co-located, \(rival.deployment) at best"
        if rival.verdict == .pass, rival.gap?.difference.low ?? 0 >= 0 || rival.gap == nil {
            return "\(name), meets every target too" + Self.figures(report, service)
                + ": there is no need to disaggregate for them."
        }
        return "\(name), " + against(rival) + Self.figures(report, service) + "."
    }

    private func whyNot(_ layout: LayoutComparison) -> String {
        let name = "\(layout.deployment) (\(layout.deployment.gpus) GPUs)"
        guard let report = layout.report else {
            return "\(name) cannot run: " + layout.obstacles.joined(separator: "; ") + "."
        }
        return "\(name) " + against(layout) + Self.figures(report, service) + "."
    }

    /// How a layout differs from the chosen one, and what it misses.
    private func against(_ layout: LayoutComparison) -> String {
        let verdict = layout.verdict == .fail ? Self.misses(layout) + " and " : ""
        guard let gap = layout.gap else {
            return verdict + "cannot be compared, for one of both has no steady state"
        }
        let points = "\(rounded(abs(gap.difference.value) * 100, 2)) points"
        let interval =
            "[\(rounded(gap.difference.low * 100, 2)), \(rounded(gap.difference.high * 100, 2))]"
        guard gap.isSignificant else {
            return verdict + "is not told from it by attainment (\(interval) points)"
        }
        return verdict
            + "has \(points) \(gap.difference.value < 0 ? "less" : "more") attainment \(interval)"
    }

    private static func misses(_ layout: LayoutComparison) -> String {
        if layout.report?.isOverloaded == true { return "cannot keep up with the load" }
        let missed = layout.checks.filter { $0.verdict == .fail }.map { check in
            let name = words(check.target) + check.ofTenant
            return check.miss.map { "\(name) by \(rounded($0 * 100, 1)) %" } ?? name
        }
        return "misses " + list(missed)
    }

    private static func words(_ target: TargetCheck.Target) -> String {
        switch target {
        case .ttftP95: "P95 TTFT"
        case .itlP95: "P95 ITL"
        case .attainment: "attainment"
        case .stability: "a steady load"
        }
    }

    /// Words with commas and a last "and".
    private static func list(_ words: [String]) -> String {
        guard words.count > 1, let last = words.last else { return words.first ?? "" }
        return words.dropLast().joined(separator: ", ") + " and " + last
    }

    /// Attainment and latencies with their targets, to stand behind a sentence.
    private static func figures(_ report: ServingReport, _ service: ServiceLevel) -> String {
        func latency(_ name: String, _ quantiles: LatencyQuantiles?, _ target: Duration) -> String?
        {
            quantiles.map {
                "P95 \(name) \(rounded($0.p95.value / 1e6, 1)) of "
                    + "\(rounded(target.inMilliseconds, 1)) ms"
            }
        }
        let attained = report.attainment[service.headline].map {
            "attainment \(rounded($0.value, 3)) [\(rounded($0.low, 3)), \(rounded($0.high, 3))]"
        }
        let parts = [
            attained, latency("TTFT", report.ttft, service.ttft),
            latency("ITL", report.itl, service.itl),
        ].compactMap { $0 }
        return parts.isEmpty ? "" : " (" + parts.joined(separator: ", ") + ")"
    }
}

extension Stress {
    fileprivate func sentence(_ slowness: Slowness) -> String {
        switch self {
        case .lowerRate: "the rate is 25 % lower"
        case .higherRate: "the rate is 25 % higher"
        case .longerTails: "lengths vary half as much again"
        case .otherReading: "lengths count whole prompts, or what is new"
        case .slowerSteps:
            "steps take \(rounded(slowness.prefill, 2))x (prefill) and "
                + "\(rounded(slowness.decode, 2))x (decode)"
        case .prefillWorkerLost: "a prefill worker is lost"
        case .decodeWorkerLost: "a decode worker is lost"
        case .colocatedWorkerLost: "a worker is lost"
        case .nodeLost: "a node is lost"
        }
    }
}
