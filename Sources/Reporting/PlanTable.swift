import CostModeling
import Planning
import ServingDomain
import Simulation

/// A planning result for people: the ranked layouts and what to know of them.
public struct PlanTable: Answer, Sendable {
    private let document: PlanDocument

    public init(_ document: PlanDocument) { self.document = document }

    var result: PlanResult { document.result }

    public var table: TextTable { table(intervalColumns: false) }

    /// The table for programs: the interval of the attainment has columns of its own.
    public var rows: TextTable { table(intervalColumns: true) }

    public var value: JSONValue { document.value }

    /// The plans, best first.
    public var lines: [JSONValue] { value["plans"]?.elements ?? [] }

    /// Header, table and notes.
    public func text(_ style: TextStyle) -> String {
        ([header, ""] + [table.text(style)] + notes).joined(separator: "\n") + "\n"
    }

    private var header: String {
        let planningCase = result.planningCase
        let service = planningCase.service
        let workload = planningCase.workload
        let limit = workload.concurrency.map { "\($0) at once" }
        let rate =
            workload.rate == .unlimited
            ? nil : rateFigure(workload.rate.sessionsPerSecond) + " sessions/s"
        let load = [rate, limit].compactMap { $0 }.joined(separator: ", at most ")
        return "\(planningCase.model.name) (\(planningCase.weightFormat.rawValue)) on "
            + gpus + ", "
            + "\(load), policy \(planningCase.policy.name.rawValue)\n"
            + "targets: TTFT \(milliseconds(service.ttft)) ms, ITL \(milliseconds(service.itl)) ms,"
            + " \(service.headline.rawValue) attainment \(service.attainmentGoal)\n"
            + "costs: \(document.provenance.profileSource) (trust: \(result.trust.headline.rawValue))"
    }

    /// Those of the case, pool by pool.
    private var gpus: String {
        let pools = result.planningCase.pools
        return pools.map { pool in
            let name = pools.count > 1 && pool.name != pool.cluster.gpu ? " (\(pool.name))" : ""
            return "\(pool.cluster.gpus) x \(pool.cluster.gpu)\(name)"
        }
        .joined(separator: " + ")
    }

    private func table(intervalColumns: Bool) -> TextTable {
        let isPriced = result.plans.contains { $0.usdPerHour != nil }
        var table = TextTable(
            [("rank", .right), ("layout", .left), ("gpus", .right)]
                + (isPriced ? [("usd_per_h", .right)] : []) + [("attainment", .left)]
                + (intervalColumns
                    ? [("attainment_low", .right), ("attainment_high", .right)] : [])
                + [
                    ("ttft_p50_ms", .right), ("ttft_p95_ms", .right), ("itl_p50_ms", .right),
                    ("itl_p95_ms", .right), ("local", .right), ("milp_rank", .right),
                    ("milp_z", .right), ("verdict", .left),
                ], extra: Self.furtherColumns)
        for plan in result.plans {
            table.append(
                [String(plan.rank), plan.deployment.description, plan.deployment.gpus.description]
                    + (isPriced ? [plan.usdPerHour.map { figure($0, 2) } ?? "-"] : [])
                    + attainment(plan, intervalColumns: intervalColumns) + figures(plan)
                    + Self.furtherFigures(plan))
        }
        return table
    }

    func attainment(_ plan: RankedPlan, intervalColumns: Bool) -> [String] {
        let value = figure(plan.attainment.value, 3)
        let (low, high) = (figure(plan.attainment.low, 3), figure(plan.attainment.high, 3))
        return intervalColumns ? [value, low, high] : ["\(value) [\(low), \(high)]"]
    }

    private func figures(_ plan: RankedPlan) -> [String] {
        [
            milliseconds(plan.report.ttft?.p50), milliseconds(plan.report.ttft?.p95),
            milliseconds(plan.report.itl?.p50), milliseconds(plan.report.itl?.p95),
            figure(plan.report.localShare, 2), plan.milpRank.map(String.init) ?? "-",
            plan.milpValue.map { figure($0, 3) } ?? "-",
            plan.report.isOverloaded ? "overload" : plan.verdict.rawValue,
        ]
    }

    private var notes: [String] {
        var notes = ["Layouts are degree x replicas: P prefill, D decode, C co-located workers."]
        let kinds = result.plans.flatMap(\.deployment.allGroups)
        if kinds.contains(where: { $0.parallelism.split != nil }) {
            notes.append(
                "dp counts the data-parallel ranks of an engine, ep GPUs with whole experts.")
        }
        if result.planningCase.hasPools { notes.append("The pool of GPUs stands behind @.") }
        if result.isInterrupted { notes.append("Interrupted: this is the best so far.") }
        if let plan = result.recommended {
            notes.append(answer(plan))
            if plan.report.extrapolated {
                notes.append(outsideFit(plan))
            }
        }
        if Set(result.plans.map(\.rank)).count < result.plans.count {
            notes.append(
                "Layouts of equal rank cannot be told apart by their attainment (95 %).")
        }
        notes += survivalNotes + incumbent
        if let search = result.search { notes.append(found(search)) }
        notes += result.screen?.sentences ?? []
        if let audit = result.audit { notes.append(audit.sentence) }
        if let fault = result.selection?.solverFault {
            notes.append("The solver gave up (\(fault)); all layouts were looked at instead.")
        }
        if let horizon = result.plans.compactMap(\.report.horizon).first {
            notes.append(
                "Overloaded layouts have no steady state, so no latency is given; their attainment "
                    + "is that of the first \(horizon) sessions on an empty cluster.")
        }
        notes += cautions
        notes += engineNotes
        if result.ordersDisagree {
            notes.append(
                "The order by simulation differs from the integer program's (milp_rank).")
        }
        let rejected = result.rejected.prefix(6).map { "  \($0.layout): \($0.reason)" }
        if !rejected.isEmpty { notes.append("Left out:") }
        notes += rejected
        if result.rejected.count > 6 {
            notes.append("  and \(result.rejected.count - 6) more (see -o json)")
        }
        return notes
    }

    /// One line for each reason to doubt intervals of the recommended plan.
    private var cautions: [String] {
        guard let report = result.recommended?.report else { return [] }
        let shown = [report.ttft?.p50, report.ttft?.p95, report.itl?.p50, report.itl?.p95]
        let found = (shown + [report.attainment[result.planningCase.service.headline]])
            .compactMap { $0?.caution }
        return Caution.allCases.filter(found.contains).map(\.sentence)
    }

    /// How what runs today compares with the first plan.
    private var incumbent: [String] {
        guard let layout = result.planningCase.planning.incumbent,
            let plan = result.plans.first(where: { $0.deployment == layout })
        else { return [] }
        let place = "The incumbent \(layout) has rank \(plan.rank)"
        guard let gap = plan.gap?.difference, let first = result.plans.first else {
            return [place + "."]
        }
        return [
            place + ": its attainment differs from that of \(first.deployment) by "
                + "\(figure(gap.value, 3)) [\(figure(gap.low, 3)), \(figure(gap.high, 3))]."
        ]
    }

    /// What was found for GPUs or rate, and how it was told.
    private func found(_ search: SearchOutcome) -> String {
        let rate = "\(fine(search.rate.sessionsPerSecond))/s"
        let (gpus, steps) = ("\(search.budget) GPUs", "\(search.steps.count) simulated")
        let looksForRate = result.planningCase.planning.objective == .maxRate
        guard search.isFound else {
            return looksForRate
                ? "No rate down to \(rate) is met with \(gpus)."
                : "No layout of up to \(gpus) meets the targets."
        }
        guard looksForRate else {
            return spent(search, steps)
        }
        let isOpen = search.steps.allSatisfy { $0.verdict == .pass }
        return isOpen
            ? "Every rate that was tried is met with \(gpus), up to \(rate)."
            : "The highest rate that is met with \(gpus) is \(rate), within 1 % (\(steps))."
    }

    /// The least that is enough, and what the recommended layout costs.
    private func spent(_ search: SearchOutcome, _ steps: String) -> String {
        guard search.usdPerHour != nil else {
            return "The fewest GPUs that meet the targets are \(search.budget) (\(steps))\(price)."
        }
        return "The cheapest layout that meets the targets is "
            + (result.recommended?.deployment.description ?? "none")
            + "\(price), to within \(figure(step(search), 2)) USD (\(steps))."
    }

    /// From the limit that was found down to the next lower one that was tried.
    private func step(_ search: SearchOutcome) -> Double {
        let found = search.usdPerHour ?? 0
        let lower = search.steps.compactMap(\.usdPerHour).filter { $0 < found }.max() ?? 0
        return found - lower
    }

    private var price: String {
        guard let price = result.recommended?.usdPerHour else { return "" }
        return ", \(figure(price, 2)) USD an hour"
    }

    private func outsideFit(_ plan: RankedPlan) -> String {
        let percent = max(0.1, plan.report.extrapolatedShare * 100)
        return
            "\(plan.deployment) spends \(figure(percent, 1)) % of its busy time in steps outside "
            + "the fitted range of the costs."
    }

    func answer(_ best: RankedPlan) -> String {
        switch best.verdict {
        case .pass: return "\(best.deployment) meets every target."
        case .undecided:
            return "\(best.deployment) is undecided: an interval lies on both sides of its target."
        case .fail:
            if best.report.isOverloaded {
                return "No plan meets the targets; even the nearest, \(best.deployment), cannot "
                    + "keep up with the load."
            }
            let misses = best.checks.filter { $0.verdict == .fail }.map { check in
                let name = check.target.rawValue + check.ofTenant
                return check.miss.map { "\(name) by \(figure($0 * 100, 1)) %" }
                    ?? "\(name) with no round at all"
            }
            return "No plan meets the targets; the nearest, \(best.deployment), misses "
                + misses.joined(separator: " and ") + "."
        }
    }
}

private func milliseconds(_ duration: Duration) -> String { figure(duration.inMilliseconds, 1) }

/// A dash where there is no figure.
func milliseconds(_ estimate: Estimate?) -> String {
    estimate.map { figure($0.value / 1e6, 1) } ?? "-"
}

/// A rate to three decimal places, or whole where those would all be zero.
private func rateFigure(_ rate: Double) -> String {
    rate < 0.001 ? String(rate) : figure(rate, 3)
}

/// A number with so many decimal places.
func figure(_ value: Double, _ places: Int) -> String {
    guard value.isFinite, abs(value) < 1e12 else { return String(value) }
    let scale = (0..<places).reduce(1) { scale, _ in scale * 10 }
    let whole = Int((abs(value) * Double(scale)).rounded())
    let sign = value < 0 && whole > 0 ? "-" : ""
    guard places > 0 else { return sign + String(whole) }
    let fraction = String(whole % scale)
    let padding = String(repeating: "0", count: places - fraction.count)
    return sign + "\(whole / scale).\(padding)\(fraction)"
}
