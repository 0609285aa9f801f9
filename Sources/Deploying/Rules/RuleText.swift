extension Rule {
    /// A few words that name the rule.
    public var title: String { text.title }

    /// What it looks at and why, in sentences.
    public var explanation: String { text.explanation }

    /// What to do about a finding.
    public var advice: String { text.advice }

    private struct Text {
        let title: String
        let explanation: String
        let advice: String
    }

    private var text: Text {
        switch self {
        case .schema, .unknownField, .memory, .sessionMemory, .heads, .degreePairs, .budget, .nodes,
            .gpuRequest:
            fitText
        case .ttft, .itl, .attainment, .stability, .links: serviceText
        case .outsideProfile, .staleProfile, .poorFit, .wideInterval: trustText
        default: deploymentText
        }
    }

    // MARK: What fits

    private var fitText: Text {
        switch self {
        case .schema:
            Text(
                title: "Schema",
                explanation:
                    "The file is not what its kind demands: it is no YAML or JSON, a value has the wrong "
                    + "type or is out of range, or a field that is needed is missing. Its API server, chart "
                    + "or this tool would refuse it.",
                advice: "Change the value at the line and column to what the message expects.")
        case .unknownField:
            Text(
                title: "Unknown field",
                explanation:
                    "A key is not one that the kind knows. API servers drop such keys or refuse the object, "
                    + "so that what was meant does not happen. Fields of a newer release are unknown to an "
                    + "older one.",
                advice:
                    "Correct the spelling; the message names the nearest known key. Where the field is in "
                    + "the main branch of the project only, check with `--schema-version main`.")
        case .memory:
            Text(
                title: "Weights and runtime fit in memory",
                explanation:
                    "On each GPU the share that the engine may fill, less the weights of the worker's part "
                    + "of the model and a reserve for the runtime, leaves no room for KV cache.",
                advice:
                    "Raise the tensor-parallel degree, use a smaller weight format, or GPUs with more "
                    + "memory.")
        case .sessionMemory:
            Text(
                title: "KV capacity for the P95 session context",
                explanation:
                    "A worker has room for fewer tokens of KV cache than the longest context that 95 % of "
                    + "the workload's sessions reach, so that such a session cannot be served on it at all; or "
                    + "the model's own context is shorter.",
                advice: "Raise the degree, use an fp8 KV cache, or shorten the sessions.")
        case .heads:
            Text(
                title: "Worker's GPUs divide heads, blocks of weights and experts",
                explanation:
                    "Tensor parallelism splits attention by heads, and every matrix by columns or rows. The "
                    + "degree does not divide the number of heads, or the engine does not start so: it would "
                    + "have to cut blocks of weights that share a scale, or to deal experts out over some "
                    + "GPUs of a worker only.",
                advice:
                    "Choose a degree that divides the model's attention heads. Where blocks of routed experts "
                    + "are cut, deal the experts out whole (`engine.expert_parallel`) or choose a smaller "
                    + "degree; where they are dealt out in part, over all GPUs or none. "
                    + "`planning.engine_rules: ignore` is for builds of the engine that can do it."
            )
        case .degreePairs:
            Text(
                title: "TP pair supported by engine and connector",
                explanation:
                    "Prefill and decode workers of these tensor-parallel degrees cannot hand KV cache to "
                    + "each other with this engine and connector, as its publishers or users say.",
                advice:
                    "Choose degrees that the rule allows; `ampd-plan plan` leaves out the others unless "
                    + "`planning.engine_rules` is `ignore`.")
        case .budget:
            Text(
                title: "GPU budget per pool",
                explanation:
                    "The layout takes more GPUs than the cluster or one of its pools has, or GPUs of a pool "
                    + "that there is not, or that is for another phase.",
                advice: "Take fewer workers, or correct the nodes of the case.")
        case .nodes:
            Text(
                title: "Worker spans nodes",
                explanation:
                    "A tensor-parallel group would have to stand on more than one node, or the workers "
                    + "cannot be packed into the nodes without that.",
                advice: "Choose degrees that fit the GPUs of a node.")
        default:
            Text(
                title: "GPU request matches the engine",
                explanation:
                    "A manifest asks for another number of GPUs than the engine's degrees take, so that the "
                    + "engine does not start or GPUs lie idle.",
                advice:
                    "Set the GPU limit to tensor times data parallel size, over all pods of a worker."
            )
        }
    }

    // MARK: Service

    private var serviceText: Text {
        switch self {
        case .ttft:
            Text(
                title: "P95 TTFT",
                explanation:
                    "The 95th percentile of the time to first token over all simulated rounds, with its 95 % "
                    + "interval, against `slo.ttft_ms`. It passes where the whole interval is within the "
                    + "target, fails where none of it is, and is undecided between.",
                advice:
                    "More or wider prefill workers, another policy (`ampd-plan tune`), or a lower rate; "
                    + "`ampd-plan explain` tells what the time is made of.")
        case .itl:
            Text(
                title: "P95 ITL",
                explanation:
                    "The 95th percentile of the gaps between tokens, with its 95 % interval, against "
                    + "`slo.itl_ms`; judged as A020.",
                advice: "More or wider decode workers, smaller batches, or less local prefill.")
        case .attainment:
            Text(
                title: "SLO attainment",
                explanation:
                    "The share of what was offered that met every target, by the headline of the case, with "
                    + "its 95 % interval, against `slo.attainment_goal`.",
                advice: "See A020 and A021, whichever target is missed more often.")
        case .stability:
            Text(
                title: "Stability",
                explanation:
                    "Whether the backlog of unfinished work grows while sessions arrive: then there is no "
                    + "steady state, and latencies only depend on how long one waits.",
                advice:
                    "Add capacity or lower the rate; `ampd-plan plan --rates` shows where the limit is."
            )
        default:
            Text(
                title: "Link utilisation",
                explanation:
                    "The busiest network port that KV cache moves over is in use for more than four fifths "
                    + "of the time, so that small changes of the load make transfers wait.",
                advice:
                    "Spread workers over more nodes, use faster links, or keep more prefills local."
            )
        }
    }

    // MARK: Trust

    private var trustText: Text {
        switch self {
        case .outsideProfile:
            Text(
                title: "Outside the profiled range",
                explanation:
                    "Some simulated steps had shapes outside of what was timed; their times are "
                    + "extrapolated.",
                advice: "Time the missing shapes (`ampd-plan profile coverage`) and import them.")
        case .staleProfile:
            Text(
                title: "Profile stale or from another engine version",
                explanation:
                    "The curves were fitted more than a year ago, or on kernels of another engine or "
                    + "version than the case is for.",
                advice:
                    "Import timings of the engine that you run, or calibrate to measurements of it."
            )
        case .poorFit:
            Text(
                title: "Poor fit",
                explanation:
                    "Curves of some operators miss timings that they were not fitted to by more than 10 % "
                    + "in the median.",
                advice: "Time more points where the curve bends; see `ampd-plan profile fit`.")
        default:
            Text(
                title: "Interval too wide",
                explanation:
                    "A target is undecided and the interval is wider than a quarter of it: the simulation "
                    + "was too short to tell.",
                advice: "Raise `planning.replications` or `planning.sessions`.")
        }
    }

    // MARK: Deployment

    private var deploymentText: Text {
        switch self {
        case .capability:
            Text(
                title: "Policy needs a capability that the engine lacks",
                explanation:
                    "The case's policy prefills on decode workers or reads histories back, and the engine "
                    + "with its connector does not.",
                advice:
                    "Take the plans that the engine can run (`--runnable`), or another policy or engine."
            )
        case .singleWorker:
            Text(
                title: "Single worker in a role",
                explanation:
                    "One worker prefills or decodes everything; its loss stops all serving.",
                advice: "Plan with `planning.survive: 1`, or waive the rule where that is accepted."
            )
        case .differsFromPlan:
            Text(
                title: "Manifest differs from the plan",
                explanation:
                    "Layout, model, engine, connector or the digest of the plan in a manifest are not those "
                    + "of the plan or the case that it is checked under.",
                advice: "Export the plan again, or plan again with what the manifest has.")
        case .names:
            Text(
                title: "Names",
                explanation:
                    "A name is no RFC 1123 label of at most 63 characters, or graph and component of a "
                    + "DynamoGraphDeployment together have more than the 45 that Grove takes.",
                advice: "Shorten the name, or use lower-case letters, digits and hyphens alone.")
        case .image:
            Text(
                title: "Image not pinned",
                explanation:
                    "An image has no tag, or one such as `latest` that may mean another version tomorrow.",
                advice: "Give a version tag or a digest.")
        case .inexpressible:
            Text(
                title: "Target cannot hold the plan",
                explanation:
                    "The format has no form for the layout, such as two kinds of workers in one role, for "
                    + "the engine or for its connector, or the engine has no flag for the format of the "
                    + "weights.",
                advice:
                    "Export for another target, plan without mixed workers, or name weights of that format "
                    + "with `--model-id`.")
        case .notSimulated:
            Text(
                title: "Description cannot be simulated",
                explanation:
                    "What the manifests describe is beyond the simulator, such as pipeline parallelism, or "
                    + "does not say enough, such as whether a worker prefills or decodes.",
                advice: "Say the role with the engine's own flag or the label `llm-d.ai/role`.")
        case .cost:
            Text(
                title: "Cost above budget",
                explanation:
                    "The layout costs more US dollars an hour than `--max-usd-per-hour` allows.",
                advice: "Plan with the objective `min_cost`, or raise the limit.")
        case .solverGap:
            Text(
                title: "Solver gap",
                explanation:
                    "The integer program of the plan was not solved to the end, so that a better layout may "
                    + "exist.",
                advice: "Plan again with more time.")
        case .worseThanBest:
            Text(
                title: "Clearly worse than the best plan",
                explanation:
                    "On the same sessions the layout attains less than the best plan, and the whole interval "
                    + "of the difference is beyond `--tolerance`.",
                advice: "Roll out the best plan, or say with a waiver why not.")
        case .regression:
            Text(
                title: "Worse than before",
                explanation:
                    "On the same sessions a figure is worse than that of `--against` by more than "
                    + "`--max-regression` allows.",
                advice:
                    "Find the change that costs it; `ampd-plan compare` shows both side by side.")
        default:
            Text(
                title: "Waiver has expired",
                explanation: "A waiver's day has passed, so that it does not count any more.",
                advice: "Mend what it covered, or give it a new day and a reason.")
        }
    }
}
