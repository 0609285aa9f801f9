public import CostModeling
public import Planning
import ServingDomain
import Simulation

/// A report on a plan: the answer, its figures, and what all of it rests on.
///
/// The same figures as a page, as Markdown and as text for a terminal.
public struct PlanReport: Sendable {
    public let figures: [Figure]
    let study: PlanStudy
    let provenance: PlanDocument.Provenance
    /// What the reader has to know before the figures, such as that costs are others than the plan's.
    let notes: [String]
    /// How much of the time of typical steps is known how well.
    let trust: TrustShares

    public init(
        study: PlanStudy, costs: CostModel, provenance: PlanDocument.Provenance, notes: [String]
    ) {
        (self.study, self.provenance) = (study, provenance)
        self.notes = notes + provenance.warnings
        trust = costs.trust
        figures = PlanFigures(study, provenance, trust: costs.trust.headline.rawValue).all
    }

    var title: String { "\(study.chosen) for \(study.planningCase.model.name)" }

    /// What is served, on what, and how often it is asked.
    var question: String {
        let asked = study.planningCase
        let gpus = asked.pools.map { "\($0.cluster.gpus) x \($0.cluster.gpu)" }
            .joined(separator: " + ")
        let rate = asked.openRate.map { "\(fine($0)) sessions/s" }
        let limit = asked.workload.concurrency.map { "\($0) sessions at once" }
        return "\(asked.name): \(asked.model.name) (\(asked.weightFormat.rawValue)) on \(gpus), "
            + ([rate, limit].compactMap { $0 }.joined(separator: ", at most "))
            + ", policy \(asked.policy.name.rawValue); targets: TTFT "
            + "\(milliseconds(asked.service.ttft)), ITL \(milliseconds(asked.service.itl)), "
            + "\(asked.service.headline.rawValue) attainment \(asked.service.attainmentGoal)."
    }

    /// The layout, what it does, what holds it back, and how far that may be believed.
    var sentences: [String] {
        ExplanationDocument(
            explanation: study.explanation, toolVersion: provenance.toolVersion, trust: trust
        ).sentences + [trustSentence, intervalSentence] + cautions
    }

    private var trustSentence: String {
        let shares = Trust.weakestFirst.reversed().compactMap { trust in
            self.trust.shares[trust].map { "\(PlanFigures.percent($0, 0)) \(trust.rawValue)" }
        }
        let outside = study.explanation.chosen.report?.extrapolatedShare ?? 0
        return "Trust of the costs: \(trust.headline.rawValue); of the time of typical steps "
            + shares.joined(separator: ", ") + " (\(provenance.profileSource)). "
            + (outside > 0
                ? "\(PlanFigures.percent(outside, 2)) of the busy time lies outside the fitted ranges."
                : "No step lies outside the fitted ranges.")
    }

    private var intervalSentence: String {
        guard let interval = provenance.interval else {
            return
                "How far predictions are off on such GPUs with this engine is not known: measure "
                + "and calibrate before you trust a close verdict."
        }
        return
            "With \(PlanFigures.percent(PredictionInterval.level, 0)) of deployments the measured "
            + "mean TTFT lies within a factor of \(rounded(interval.ttftFactor, 2)) of the predicted "
            + "one, and mean TPOT within \(rounded(interval.tpotFactor, 2)) (\(interval.source))."
    }

    private var cautions: [String] {
        guard let report = study.explanation.chosen.report else { return [] }
        let shown = [report.ttft?.p50, report.ttft?.p95, report.itl?.p50, report.itl?.p95]
        let found = (shown + [report.attainment[study.planningCase.service.headline]])
            .compactMap { $0?.caution }
        return Caution.allCases.filter(found.contains).map(\.sentence)
    }

    /// Expected figures with their intervals and targets.
    var answer: TextTable {
        var table = TextTable([
            ("figure", .left), ("value", .right), ("95 % interval", .left), ("target", .right),
            ("verdict", .left),
        ])
        let (layout, service) = (study.explanation.chosen, study.planningCase.service)
        guard let report = layout.report else { return table }
        func verdict(_ target: TargetCheck.Target) -> String {
            let own = layout.checks.filter { $0.target == target }.map(\.verdict)
            return own.isEmpty ? "" : Verdict.all(own).rawValue
        }
        func add(_ name: String, _ estimate: Estimate?, _ target: (String, String)) {
            table.append([
                name, PlanFigures.milliseconds(estimate?.value, 2),
                PlanFigures.interval(estimate, scale: 1e-6, 2), target.0, target.1,
            ])
        }
        let attained = report.attainment[service.headline]
        table.append([
            "attainment (\(service.headline.rawValue))",
            attained.map { "\(rounded($0.value, 4))" } ?? "-",
            PlanFigures.interval(attained, scale: 1, 4), "\(service.attainmentGoal)",
            verdict(.attainment),
        ])
        add("TTFT P50 (ms)", report.ttft?.p50, ("", ""))
        add("TTFT P95 (ms)", report.ttft?.p95, (target(service.ttft), verdict(.ttftP95)))
        add("ITL P50 (ms)", report.itl?.p50, ("", ""))
        add("ITL P95 (ms)", report.itl?.p95, (target(service.itl), verdict(.itlP95)))
        return table
    }

    private func target(_ duration: Duration) -> String { "\(rounded(duration.inMilliseconds, 1))" }

    private func milliseconds(_ duration: Duration) -> String { target(duration) + " ms" }

    /// What was filled in, and by whom.
    var assumptions: TextTable {
        var table = TextTable([("key", .left), ("value", .left), ("source", .left)])
        for entry in provenance.assumptions {
            table.append([entry.key, entry.value, entry.source])
        }
        return table
    }

    /// What makes the figures again.
    var origin: String {
        let planning = study.planningCase.planning
        return "Made by ampd-plan \(provenance.toolVersion) with seed \(planning.seed), "
            + "\(planning.replications) replications of \(planning.sessions) measured sessions; costs "
            + "\(provenance.profileDigest)."
    }

    /// The case with every default, as a case file.
    var caseText: String { (try? provenance.resolvedCase.yaml()) ?? "" }
}
