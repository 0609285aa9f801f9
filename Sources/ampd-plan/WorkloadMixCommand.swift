import ArgumentParser
import Catalog
import Foundation
import Reporting
import ServingDomain
import Workloads

struct WorkloadMixCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "mix",
        abstract: "Let several tenants' sessions arrive at one cluster.",
        discussion: """
            Each tenant is a trace, a workload file or one of the library: NAME=FILE, or NAME=FILE@RATE \
            for another rate than its own. The sessions go to a file in our own JSONL, each with its \
            tenant; cases give tenants targets of their own in slo.tenants. A recording that is shorter \
            than the window starts over.
            """)

    @Argument(
        help: "Tenants, for example chat=chat@2/s agents=trace.jsonl.",
        transform: TenantArgument.parse)
    var tenants: [TenantArgument]

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp(
            "Length of the window in which sessions arrive, for example 30min. Default: that of the "
                + "shortest recording, or of laws alone as long as takes about 200,000 rounds.",
            valueName: "duration"))
    var window: DurationArgument?

    @OptionGroup var output: SessionsOutput
    @OptionGroup var common: CommonOptions

    func validate() throws {
        let names = tenants.map(\.name)
        if let twice = names.first(where: { name in names.count { $0 == name } > 1 }) {
            throw ValidationError("found two tenants called '\(twice)', expected each name once.")
        }
        guard names.count <= TenantLabels.most else {
            throw ValidationError(
                "found \(names.count) tenants, expected at most \(TenantLabels.most).")
        }
    }

    mutating func run() throws {
        let files = try SessionFiles(output.output)
        if let own = tenants.first(where: { files.contain($0.file) }) {
            throw Failure(
                ToolExit.usage,
                "--output \(output.output): is the file of tenant \(own.name); name another one.")
        }
        var parts: [TenantMix.Tenant] = []
        for tenant in tenants { parts.append(try tenant.part()) }
        let seed = common.seed ?? 1
        let (seconds, mix) = try mix(parts, seed: seed)
        for name in mix.repeated {
            Console.say(
                "note: the recording of \(name) is shorter than \(seconds) s and starts over.")
        }
        let names = tenants.map { "\($0.name)=\($0.shown)" }.joined(separator: " ")
        try files.write(mix.sessions, source: "mix of \(names) with seed \(seed)")
        let document = MixedSessions(
            mix.sessions, seconds: seconds, file: output.output, seed: seed,
            toolVersion: Version.current)
        try Console.print(
            result: output.format.format.render(document))
    }

    private func mix(
        _ parts: [TenantMix.Tenant], seed: UInt64
    ) throws(Failure) -> (seconds: Double, mix: TenantMix) {
        let seconds = window.map { $0.duration / .seconds(1) } ?? TenantMix.usualWindow(of: parts)
        let jobs = TenantMix.expectedJobs(of: parts, in: seconds)
        guard jobs <= Double(TenantMix.mostJobs) else {
            throw Failure(
                ToolExit.badData,
                "--for: found \(seconds) s, in which \(Int(min(jobs, 1e15))) sessions arrive, expected at "
                    + "most \(TenantMix.mostJobs); name a shorter window.")
        }
        guard let mix = TenantMix(parts, seconds: seconds, seed: seed) else {
            throw Failure(
                ToolExit.badData, "the tenants call more than \(Int16.max) different tools.")
        }
        guard mix.sessions.count > 0 else {
            throw Failure(
                ToolExit.badData,
                "no session arrives in \(seconds) s; name a longer window with --for.")
        }
        return (seconds, mix)
    }
}

/// `NAME=FILE`, or `NAME=FILE@RATE`.
struct TenantArgument: SpokenArgument {
    static let expectation =
        "NAME=FILE or NAME=FILE@RATE, with a name of 1 to 200 bytes without control characters, for example "
        + "chat=chat.yaml@2/s"

    let name: String
    let file: String
    let rate: Rate?

    init?(argument: String) {
        guard let sign = argument.firstIndex(of: "=") else { return nil }
        let rest = argument[argument.index(after: sign)...]
        name = String(argument[..<sign])
        let at = rest.lastIndex(of: "@")
        let asked = at.flatMap { RateArgument(argument: String(rest[rest.index(after: $0)...])) }
        file = String(asked == nil ? rest : rest[..<(at ?? rest.endIndex)])
        rate = asked.map { Rate(sessionsPerSecond: $0.sessionsPerSecond) }
        guard TenantLabels.isName(name), !file.isEmpty else { return nil }
    }

    /// As it was written, but for its name.
    var shown: String { rate.map { "\(file)@\($0.sessionsPerSecond)/s" } ?? file }

    /// The tenant's workload, at its rate.
    func part() throws(Failure) -> TenantMix.Tenant {
        TenantMix.Tenant(name: name, workload: try workload())
    }

    private func workload() throws(Failure) -> Workload {
        if let at = file.lastIndex(of: "@"), !FileManager.default.fileExists(atPath: file) {
            throw Failure(
                ToolExit.usage,
                "\(name)=\(file): found '\(file[file.index(after: at)...])' behind @ and no file called "
                    + "'\(file)', expected \(RateArgument.expectation).")
        }
        if let known = WorkloadLibrary.named(file) { return try workload(of: known) }
        guard file.hasSuffix(".yaml") || file.hasSuffix(".yml") else {
            return try recorded(NamedTrace(path: file, format: .auto))
        }
        if let named = try WorkloadFile.namedTrace(in: file) { return try recorded(named) }
        return try workload(of: WorkloadFile.laws(in: file))
    }

    private func workload(of laws: WorkloadFile) throws(Failure) -> Workload {
        guard let rate = rate ?? laws.rate else { throw withoutRate }
        guard laws.arrivals != .closed else { throw isClosed }
        return Workload(
            sessions: .synthetic(laws.sessions), rate: rate, arrivals: laws.arrivals)
    }

    private func recorded(_ named: NamedTrace) throws(Failure) -> Workload {
        guard named.arrivals != .closed else { throw isClosed }
        let path = named.path
        let trace = try RecordedTrace.read([path], named.format, for: .sessions)
        trace.notes.forEach { Console.say("note: \(Console.name(of: path)): \($0)") }
        guard trace.sessions.count > 0 else {
            throw Failure(
                ToolExit.badData,
                "\(Console.name(of: path)): holds figures of requests and no requests (\(trace.format.rawValue))."
            )
        }
        let inner = trace.sessions.tenants.names
        if !inner.isEmpty {
            Console.say(
                "note: \(Console.name(of: path)): its own tenants (\(inner.joined(separator: ", "))) all become \(name)."
            )
        }
        guard let rate = rate ?? named.rate ?? trace.sessions.meanRate else { throw withoutRate }
        return Workload(
            sessions: .recorded(trace.sessions), rate: rate,
            arrivals: named.arrivals(hasTimes: trace.sessions.meanRate != nil))
    }

    private var isClosed: Failure {
        Failure(
            ToolExit.badData,
            "\(file): its sessions arrive when others end (arrivals: closed), and a mixture needs "
                + "arrivals of their own; take a file with other arrivals.")
    }

    private var withoutRate: Failure {
        Failure(
            ToolExit.usage,
            "\(file): tells no rate, expected one behind it: \(name)=\(file)@1/s, for example.")
    }
}
