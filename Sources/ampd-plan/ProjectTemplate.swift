import ArgumentParser
import Catalog
import ServingDomain

/// Workloads that a project can be begun with, and figures to begin with.
enum ProjectTemplate: String, ExpressibleByArgument, CaseIterable {
    case agent
    case rag
    case chat

    /// What the sessions are, in words.
    var story: String {
        switch self {
        case .agent:
            "agents that call tools: a long first prompt, short tool results, short answers"
        case .rag: "answers from retrieved passages: three rounds with long prompts, short answers"
        case .chat: "conversations: short turns, long answers, and people who read and type between"
        }
    }

    /// Sessions a second.
    private var rate: String {
        switch self {
        case .agent, .rag: "1"
        case .chat: "2"
        }
    }

    private var ttft: (milliseconds: String, why: String) {
        switch self {
        case .agent: ("2000", "Two seconds for a step of an agent that nobody watches.")
        case .rag: ("2000", "Two seconds, beside which the retrieval itself is short.")
        case .chat: ("1000", "One second, after which people who wait begin to notice it.")
        }
    }

    /// The case file of a project.
    func caseFile(named name: String, _ platform: ProjectPlatform) -> CommentedFile {
        CommentedFile(
            case:
                "A planning question for ampd-plan: \(story). Change the values; `ampd-plan schema "
                + "case` and docs/case-file.md have all keys.",
            head(name, platform) + load + promise + settings)
    }

    private func head(_ name: String, _ platform: ProjectPlatform) -> [CommentedFile.Entry] {
        [
            .init("apiVersion", "ampd-plan/v1"), .init("kind", "Case"),
            .init("name", name.asYAML, why: "That of the folder."),
            .init(
                "model", platform.model.asYAML,
                why: "Chosen when the project was made; `ampd-plan list models` has others."),
            .init(
                "cluster.gpu", platform.gpu.asYAML,
                why: "Chosen when the project was made; `ampd-plan list gpus` has others."),
            .init("cluster.nodes", "\(platform.nodes)", why: "Enough for the GPUs asked for."),
            .init(
                "cluster.gpus_per_node", "\(platform.gpusPerNode)",
                why: "As many as the usual server of this GPU has, or all that were asked for."),
            .init(
                "engine.name", platform.engine.asYAML,
                why: "Its defaults, overheads and rules hold; `ampd-plan list engines` has others."),
        ]
    }

    private var load: [CommentedFile.Entry] {
        [
            .init(
                "workload.file", "workload.yaml",
                why:
                    "The laws of this template; `ampd-plan workload fit` writes such a file from your "
                    + "own traces."),
            .init(
                "workload.rate_per_s", rate,
                why:
                    "An assumption: put in what your gateway counts. A session has several requests."
            ),
        ]
    }

    private var promise: [CommentedFile.Entry] {
        [
            .init("slo.ttft_ms", ttft.milliseconds, why: ttft.why),
            .init(
                "slo.itl_ms", "50", why: "Twenty tokens a second, faster than people read."),
            .init(
                "slo.attainment_goal", "0.9", why: "The 90 % that most serving studies use."),
            .init(
                "slo.headline", "round_joint",
                why:
                    "A round is good when it meets both bounds; session_strict asks for all of its "
                    + "rounds."),
        ]
    }

    private var settings: [CommentedFile.Entry] {
        [
            .init(
                "policy.name", "ampd",
                why: "Routes by the latencies of the last seconds; `ampd-plan list policies` has "
                    + "others."),
            .init(
                "planning.objective", "slo",
                why: "The layout with the most slack on these GPUs; min_gpus looks for the fewest."),
            .init(
                "planning.replications", "5",
                why: "More give narrower intervals and take longer."),
            .init(
                "planning.sessions", "400",
                why: "Long enough that a run is much longer than one session."),
            .init("planning.seed", "1", why: "The same seed gives the same answer."),
        ]
    }

    /// What stands beside the case for people.
    func readme(named name: String) -> String {
        """
        # \(name)

        A deployment to be planned with `ampd-plan`, for \(story).

        - `case.yaml` is the question: model, GPUs, load and promise.
        - `workload.yaml` says what the sessions are like.

        ```sh
        ampd-plan plan case.yaml --output plan.json    # ranked layouts
        ampd-plan explain plan.json                    # why the first one, and how much it bears
        ampd-plan tune plan.json                       # what settings of policy and engine gain
        ampd-plan check case.yaml plan.json            # exit code 0 pass, 1 fail, 3 undecided
        ```

        Replace the assumptions first: the rate in `case.yaml`, and `workload.yaml` by the laws of your
        own traces:

        ```sh
        ampd-plan workload fit trace.jsonl --output workload.yaml
        ```

        Keep `plan.json` beside the case. `ampd-plan check case.yaml plan.json` in a pipeline then
        fails when a change of the case breaks the promise.

        """
    }
}

/// GPUs, model and engine of a project.
struct ProjectPlatform {
    let model: String
    let gpu: String
    let nodes: Int
    let gpusPerNode: Int
    let engine: String
}

extension String {
    /// A YAML scalar of this text: plain where it is a simple name, else in double quotes.
    var asYAML: String {
        let isPlain =
            first?.isLetter == true
            && allSatisfy { $0.isLetter || $0.isNumber || "-._/".contains($0) }
            && !["true", "false", "null", "yes", "no", "on", "off", "y", "n"].contains(lowercased())
        return isPlain ? self : "\"" + escapedForYAML + "\""
    }

    /// Inside of double quotes of YAML.
    var escapedForYAML: String {
        unicodeScalars.map { scalar -> String in
            switch scalar {
            case "\"": "\\\""
            case "\\": "\\\\"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                "\\x" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: String(scalar)
            }
        }.joined()
    }
}
