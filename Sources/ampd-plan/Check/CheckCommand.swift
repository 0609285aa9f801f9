import ArgumentParser
import Catalog
import Deploying
import Foundation
import Planning
import Reporting
import ServingDomain

struct CheckCommand: SimulatingCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check cases, plans, manifests and launch scripts against rules and targets.",
        discussion: """
            Manifests are checked under the case or the plan that is given beside them or with --case; \
            without one, by their form alone. Exit code 0 when everything passes, 1 when something fails, \
            3 when an interval lies on both sides of its target, 65 when a case cannot be read.
            """)

    @Argument(
        help: ArgumentHelp(
            "Case files, plan documents, manifests and scripts, or folders of them.",
            valueName: "paths"), completion: .anyFile)
    var paths: [String]

    @OptionGroup var place: RankOption

    @Option(
        name: .customLong("case"),
        help: "Case file to check plans and manifests under.", completion: .anyFile)
    var caseFile: String?

    @Option(
        help: "Layout to check under the case, for example P:4x1,D:4x1.",
        transform: LayoutArgument.parse)
    var layout: LayoutArgument?

    @OptionGroup var demands: CheckDemands
    @OptionGroup var reports: CheckReports
    @OptionGroup var format: OutputOptions
    @OptionGroup var runs: CacheOption
    @OptionGroup var common: CommonOptions

    mutating func run() async throws {
        let configuration = try demands.read()
        let files = try reports.files()
        let inputs = try CheckInputs(paths, release: demands.schemaVersion.release)
        try checkPresence(inputs)
        let source = try CaseSource(common)
        let checking = SubjectChecking(
            source: source, demands: configuration.demands, place: place,
            former: try demands.former(release: demands.schemaVersion.release),
            jobs: common.jobCount)
        var subjects = inputs.broken
        let checks = CheckPlanning(inputs, caseFile: caseFile).checks
        try checkOptions(inputs, checks)
        if inputs.cases.count > 1, checks.contains(where: \.isWithoutCase) {
            Console.say(
                "warning: of \(inputs.cases.count) cases none is nearest to the manifests, so nothing "
                    + "is simulated; give one with --case")
        }
        for check in checks {
            subjects.append(try await checking.run(check, layout: layout?.deployment))
        }
        let outcome = configuration.outcome(subjects)
        for waiver in configuration.unused(in: outcome) {
            let path = waiver.path.map { " for \($0)" } ?? ""
            Console.say(
                "note: \(waiver.place): the waiver of \(waiver.rule.id)\(path) covers nothing that "
                    + "was found")
        }
        let document = CheckDocument(outcome, toolVersion: Version.current)
        for file in files { try file.write(document) }
        try Console.print(result: format.format.render(document))
        throw outcome.exit
    }

    private func checkPresence(_ inputs: CheckInputs) throws(Failure) {
        guard !inputs.isEmpty else {
            throw Failure(
                ToolExit.badData,
                "\(paths.joined(separator: ", ")): holds no case, plan, manifest or launch script.")
        }
    }

    private func checkOptions(
        _ inputs: CheckInputs, _ checks: [CheckPlanning.Check]
    ) throws(Failure) {
        if layout != nil, checks.map(\.isOfCase) != [true] {
            throw Failure(
                ToolExit.usage,
                "--layout is checked under one case; give a case file alone, without plans and manifests."
            )
        }
        if inputs.plans.isEmpty, place.rank != nil || place.runnable {
            throw Failure(
                ToolExit.usage,
                "--rank and --runnable choose plans of a plan document; give one after the case file."
            )
        }
    }
}

extension CheckOutcome {
    /// Bad data where a case or a plan cannot be read at all; else by the verdict.
    fileprivate var exit: ExitCode {
        let isUnreadable = subjects.contains { subject in
            subject.kind == .case
                && subject.findings.contains { $0.isOpen && $0.rule <= .unknownField }
        }
        return isUnreadable && failOn != nil ? ToolExit.badData : ToolExit.code(for: verdict)
    }
}

/// Which checks the files of a command line add up to.
struct CheckPlanning {
    enum Check {
        case caseFile(String)
        case plan(String, casePath: String?)
        case deployment(DescribedDeployment, [ManifestFile], SubjectChecking.Context)
        /// Manifests that describe no workers.
        case form([ManifestFile])

        var isOfCase: Bool { if case .caseFile = self { true } else { false } }

        var isWithoutCase: Bool {
            if case .deployment(_, _, .nothing) = self { true } else { false }
        }
    }

    let checks: [Check]

    /// Everything is checked under the case of `--case`, else under the only one among the files; of
    /// several, manifests take the nearest and plans their own.
    init(_ inputs: CheckInputs, caseFile: String?) {
        let onlyCase = inputs.cases.count == 1 ? inputs.cases[0] : nil
        let given = caseFile ?? onlyCase
        let deployments = DescribedDeployment.all(in: inputs.manifests)
        var checks: [Check] = inputs.plans.map { .plan($0, casePath: given) }
        // A case that everything else is checked under is none by itself.
        let isContext =
            caseFile == nil && onlyCase != nil && !(inputs.plans.isEmpty && deployments.isEmpty)
        if !isContext { checks += inputs.cases.map(Check.caseFile) }
        for deployment in deployments {
            let files = inputs.manifests.filter { deployment.isDescribed(in: $0) }
            let plan = Self.nearest(inputs.plans, to: deployment.place.file)
            let own = given ?? Self.nearest(inputs.cases, to: deployment.place.file)
            let context: SubjectChecking.Context =
                plan.map { .planPath($0, casePath: given) } ?? own.map { .casePath($0) } ?? .nothing
            checks.append(.deployment(deployment, files, context))
        }
        let others = inputs.manifests.filter { file in
            !deployments.contains { $0.isDescribed(in: file) }
        }
        if !others.isEmpty { checks.append(.form(others)) }
        self.checks = checks
    }

    /// The only path, else the only one in the nearest folder above a file.
    private static func nearest(_ paths: [String], to file: String) -> String? {
        guard paths.count != 1 else { return paths[0] }
        var folder = URL(fileURLWithPath: file).deletingLastPathComponent()
        while folder.path != "/" {
            let here = paths.filter {
                URL(fileURLWithPath: $0).deletingLastPathComponent().path == folder.path
            }
            if !here.isEmpty { return here.count == 1 ? here[0] : nil }
            folder = folder.deletingLastPathComponent()
        }
        return nil
    }
}

extension SubjectChecking {
    func run(
        _ check: CheckPlanning.Check, layout: Deployment?
    ) async throws(Failure) -> CheckedSubject {
        switch check {
        case .caseFile(let path): return try await self.check(casePath: path, layout: layout)
        case .plan(let path, let casePath):
            return try await self.check(planPath: path, casePath: casePath)
        case .deployment(let described, let files, let context):
            return try await self.check(described, in: files, context)
        case .form(let files):
            return CheckedSubject(
                name: files.map(\.path).joined(separator: ", "), kind: .manifest,
                files: files.map(\.path), layout: nil, caseName: nil, trust: nil,
                findings: files.flatMap(\.findings))
        }
    }
}
