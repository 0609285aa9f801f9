import ArgumentParser
import Catalog
import ServingDomain

/// A case described by options instead of a file.
///
/// The options are turned into the text of a case file, so that there is one door for both.
struct QuickCaseOptions: ParsableArguments {
    @Option(help: "Model name, or path of a Hugging Face config.json.", completion: .models)
    var model: String?

    @Option(help: "GPU name, for example h200-sxm.", completion: .gpus)
    var gpu: String?

    @Option(
        parsing: .unconditional, help: "GPUs in the cluster.",
        transform: wholeNumber(1...65_536))
    var gpus: Int?

    @Option(
        help: "Workload of the library (list templates): agent, chat, coding-agent and others.",
        completion: .templates)
    var template: String?

    @Option(
        parsing: .unconditional, help: "Sessions that arrive, for example 4/s or 90/min.",
        transform: RateArgument.parse)
    var rate: RateArgument?

    @Option(
        parsing: .unconditional, help: "TTFT target, for example 2s.",
        transform: DurationArgument.parse)
    var ttft: DurationArgument?

    @Option(
        parsing: .unconditional, help: "ITL target, for example 50ms.",
        transform: DurationArgument.parse)
    var itl: DurationArgument?

    @Option(
        parsing: .unconditional, help: "Share of rounds that must meet both targets, a fraction.",
        transform: ShareArgument.parse)
    var attainment: ShareArgument?

    @Option(
        help: "Tensor-parallel degrees to consider, for example 1,2,4,8.",
        transform: DegreesArgument.parse)
    var tp: DegreesArgument?

    @Option(help: "Format of the weights: bf16, fp8, fp8-block, mxfp4, nvfp4 or int4.")
    var weightFormat: FormatArgument?

    @Option(help: "Serving policy, for example ampd or always-remote.")
    var policy: PolicyArgument?

    @Option(help: "Serving engine: vllm or sglang.", completion: .engines)
    var engine: String?

    private var given: [String] {
        let options: [(name: String, isGiven: Bool)] = [
            ("--model", model != nil), ("--gpu", gpu != nil), ("--gpus", gpus != nil),
            ("--template", template != nil), ("--rate", rate != nil), ("--ttft", ttft != nil),
            ("--itl", itl != nil), ("--attainment", attainment != nil), ("--tp", tp != nil),
            ("--weight-format", weightFormat != nil), ("--policy", policy != nil),
            ("--engine", engine != nil),
        ]
        return options.filter(\.isGiven).map(\.name)
    }

    /// Either a case file or a whole description.
    func check(caseFile: String?) throws(Failure) {
        guard caseFile == nil else {
            guard given.isEmpty else {
                throw Failure(
                    ToolExit.usage,
                    "\(given.joined(separator: ", ")): not together with a case file; "
                        + "edit the file instead.")
            }
            return
        }
        let required = ["--model", "--gpu", "--gpus", "--template", "--rate", "--ttft", "--itl"]
        let missing = required.filter { !given.contains($0) }
        guard missing.isEmpty else {
            throw Failure(
                ToolExit.usage,
                "Give a case file, or also \(missing.joined(separator: ", "))."
                    + " See 'ampd-plan plan --help'.")
        }
    }

    func draft(_ source: CaseSource) throws(Failure) -> CaseDraft {
        try source.draft(
            text: yaml(source.catalog), name: QuickCaseError.place,
            reworded: QuickCaseError.inOptions)
    }

    private func yaml(_ catalog: Catalog) throws(Failure) -> String {
        var lines = ["apiVersion: ampd-plan/v1", "kind: Case", "name: quick"]
        lines.append("model: \(quoted(model ?? ""))")
        if let weightFormat {
            lines.append("weight_format: \(weightFormat.format.rawValue)")
        }
        lines.append(try cluster(catalog))
        if let engine { lines.append("engine: {name: \(quoted(engine))}") }
        lines.append(
            "workload: {template: \(quoted(template ?? "")), "
                + "rate_per_s: \(rate?.sessionsPerSecond ?? 0)}")
        let goal = attainment.map { ", attainment_goal: \($0.value)" } ?? ""
        lines.append(
            "slo: {ttft_ms: \(milliseconds(ttft)), itl_ms: \(milliseconds(itl))\(goal)}")
        if let policy {
            lines.append("policy: {name: \(policy.name.rawValue)}")
        }
        if let tp { lines.append("planning: {tp: \(tp.values)}") }
        return lines.joined(separator: "\n") + "\n"
    }

    private func cluster(_ catalog: Catalog) throws(Failure) -> String {
        let (name, count) = (gpu ?? "", gpus ?? 0)
        let perNode: Int
        do {
            perNode = try catalog.hardware(named: name).gpusPerNode
        } catch {
            throw Failure(error)
        }
        let nodes = try NodeCount(gpus: count, perNode: perNode)
        return "cluster: {gpu: \(quoted(name)), nodes: \(nodes.nodes), "
            + "gpus_per_node: \(nodes.gpusPerNode)}"
    }

    private func milliseconds(_ argument: DurationArgument?) -> Double {
        argument?.duration.inMilliseconds ?? 0
    }

    /// A double-quoted YAML scalar.
    private func quoted(_ text: String) -> String { "\"" + text.escapedForYAML + "\"" }
}
