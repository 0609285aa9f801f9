import ArgumentParser
import Catalog
import Deploying
import Foundation
import ServingDomain

/// What a check demands beside the targets of the cases.
struct CheckDemands: ParsableArguments {
    @Option(
        help: "Least severity of a failure that makes the check fail. Default: error.",
        completion: .list(CheckConfiguration.FailOn.allCases.map(\.rawValue)),
        transform: word)
    var failOn: CheckConfiguration.FailOn?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Percentage points of attainment that a layout may stay below the best plan. Default: 1."
        ),
        transform: points)
    var tolerance: Double?

    @Option(help: "Plan document or manifest that everything is to be no worse than.")
    var against: String?

    @Option(
        help: ArgumentHelp(
            "How much worse than --against, for example 'ttft_p95=5%,gpus=0'; of ttft_p95, itl_p95, "
                + "attainment, gpus, usd_per_hour. Default: 5 % in latencies, 0.01 of attainment."),
        transform: limits)
    var maxRegression: [RegressionLimit]?

    @Option(
        parsing: .unconditional, help: "US dollars an hour that a layout may cost.",
        transform: dollars)
    var maxUsdPerHour: Double?

    @Option(help: "Configuration of checks. Default: .ampd-plan.yaml where there is one.")
    var config: String?

    @Option(
        help: "Day on which waivers and profiles are judged, as YYYY-MM-DD. Default: today.",
        transform: day)
    var today: CalendarDay?

    @Option(help: "Release of the manifests' schemas: the released ones, or the main branch.")
    var schemaVersion = SchemaVersion.release

    enum SchemaVersion: String, ExpressibleByArgument, CaseIterable {
        case release
        case main

        var release: SchemaRelease { self == .main ? .main : .release }
    }

    /// What options and file demand together; options come first.
    struct Configuration {
        let file: CheckConfiguration
        let failOn: Severity?
        let demands: LayoutChecking.Demands

        /// Subjects with severities and waivers of the file.
        func outcome(_ subjects: [CheckedSubject]) -> CheckOutcome {
            let judged = subjects.map { subject in
                var subject = subject
                subject.findings = file.waivers.applied(
                    to: subject.findings.map(weighed), in: subject.name, on: demands.today
                ).sorted(by: Finding.precedes)
                return subject
            }
            return CheckOutcome(
                subjects: judged, general: file.waivers.expired(on: demands.today).map(weighed),
                failOn: failOn)
        }

        /// Waivers that hold and cover nothing that was found.
        func unused(in outcome: CheckOutcome) -> [Waiver] {
            file.waivers.filter { waiver in
                waiver.holds(on: demands.today)
                    && !outcome.findings.contains {
                        $0.rule == waiver.rule && $0.waiver == waiver.reason
                    }
            }
        }

        private func weighed(_ finding: Finding) -> Finding {
            var weighed = finding
            weighed.severity = file.severities[finding.rule] ?? finding.severity
            return weighed
        }
    }

    func read() throws(Failure) -> Configuration {
        let file = try configuration()
        let failOn = failOn ?? file.failOn ?? .error
        let day: CalendarDay
        if let today { day = today } else { day = try Self.now() }
        return Configuration(
            file: file, failOn: failOn.severity,
            demands: LayoutChecking.Demands(
                today: day, tolerance: tolerance ?? file.tolerance ?? 0.01,
                mostDollarsPerHour: maxUsdPerHour ?? file.mostDollarsPerHour,
                limits: maxRegression ?? file.regressionLimits ?? RegressionLimit.usual))
    }

    private func configuration() throws(Failure) -> CheckConfiguration {
        let usual = ".ampd-plan.yaml"
        guard let path = config ?? (FileManager.default.fileExists(atPath: usual) ? usual : nil)
        else { return CheckConfiguration() }
        let bytes = [UInt8](try Console.read(path))
        do {
            return try CheckConfiguration(bytes: bytes, file: path)
        } catch {
            throw Failure(error)
        }
    }

    /// The layout that everything is compared with.
    func former(release: SchemaRelease) throws(Failure) -> LayoutChecking.Other? {
        guard let against else {
            guard maxRegression == nil else {
                throw Failure(ToolExit.usage, "--max-regression needs --against.")
            }
            return nil
        }
        let inputs = try CheckInputs([against], release: release)
        if let plan = inputs.plans.first {
            let plans = try PlanFile(path: plan)
            return LayoutChecking.Other(
                layout: try plans.deployment(rank: plans.recommendedRank), name: against)
        }
        let described = DescribedDeployment.all(in: inputs.manifests)
        guard described.count == 1, let layout = described[0].layout else {
            throw Failure(
                ToolExit.badData,
                "--against \(against): expected a plan document or the manifests of one deployment."
            )
        }
        return LayoutChecking.Other(layout: layout, name: against)
    }

    /// The day in UTC.
    private static func now() throws(Failure) -> CalendarDay {
        let text = Date().formatted(.iso8601.year().month().day())
        guard let day = CalendarDay(text) else {
            throw Failure(ToolExit.internalFault, "the clock shows no day: \(text)")
        }
        return day
    }
}

extension CheckDemands {
    private static func word(_ text: String) throws -> CheckConfiguration.FailOn {
        guard let word = CheckConfiguration.FailOn(rawValue: text) else {
            let known = CheckConfiguration.FailOn.allCases.map(\.rawValue)
            throw ValidationError("expected one of \(known.joined(separator: ", ")).")
        }
        return word
    }

    private static func points(_ text: String) throws -> Double {
        let number = text.hasSuffix("%") ? String(text.dropLast()) : text
        guard let points = Double(number), (0...100).contains(points) else {
            throw ValidationError("expected percentage points from 0 to 100.")
        }
        return points / 100
    }

    private static func dollars(_ text: String) throws -> Double {
        guard let dollars = Double(text), (0...1e9).contains(dollars) else {
            throw ValidationError("expected US dollars an hour, 0 or more.")
        }
        return dollars
    }

    private static func limits(_ text: String) throws -> [RegressionLimit] {
        guard let limits = RegressionLimit.list(text) else {
            throw ValidationError("expected \(RegressionLimit.form).")
        }
        return limits
    }

    private static func day(_ text: String) throws -> CalendarDay {
        guard let day = CalendarDay(text) else {
            throw ValidationError("expected a day as YYYY-MM-DD.")
        }
        return day
    }
}
