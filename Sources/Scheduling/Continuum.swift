import DiscreteEvents
public import ServingDomain

extension PolicyDefinition {
    /// Continuum as its code is (a fork of vLLM): histories are pinned for a fixed time, unless the
    /// tool is known to take longer.
    static let continuumCode = colocatedV1.with(
        name: "continuum_code",
        "Replicas that pin histories through short tool calls; whole sessions first come first served."
    ) {
        $0.knobs = [.pinTime, .longestPinnedCall]
        $0.order = .programs(first: [.pinned])
        $0.victim = .latestSession
        $0.pin = { policy in
            let (time, longest) = (policy[.pinTime], policy[.longestPinnedCall])
            return { $0.experience.durations(of: $0.tool).mean > longest ? 0 : time }
        }
    }

    /// Continuum as version 6 of its text (arXiv 2511.02230) describes it: a pin lasts for as long
    /// as what it is likely to save exceeds what it holds back.
    static let continuumV6 = colocatedV1.with(
        name: "continuum_v6",
        "Replicas that pin histories for as long as it pays; whole sessions first come first served."
    ) {
        $0.knobs = [.enoughCalls]
        $0.order = .programs(first: [.preempted, .pinned])
        $0.victim = .latestSession
        $0.pin = { policy in
            let enough = Int(policy[.enoughCalls])
            return { $0.mostUsefulPin(enough: enough) }
        }
    }
}

/// A tool call that begins, as a rule sees it that decides how long the session's history stays.
public struct ToolCall: Sendable {
    /// Label of the tool.
    public let tool: Int16
    /// Seconds that it takes to compute the history anew.
    public let recomputation: Double
    /// What the worker has seen so far.
    public let experience: ToolExperience

    public init(tool: Int16, recomputation: Double, experience: ToolExperience) {
        self.tool = tool
        self.recomputation = recomputation
        self.experience = experience
    }

    /// Seconds t for which F(t) B - t is greatest, where B is what a return in time saves.
    ///
    /// F is the distribution of the tool's durations, that of all tools where no more than `enough`
    /// are known of it, and exponential with a mean of one second where no more are known at all.
    func mostUsefulPin(enough: Int) -> Double {
        guard experience.durations(of: nil).count > enough else {
            let saved = experience.meanWait + recomputation
            return saved > 1 ? DeterministicMath.log(saved) : 0
        }
        let own = experience.durations(of: tool)
        let durations = own.count > enough ? own.sorted : experience.durations(of: nil).sorted
        let share = -(experience.correlationOfRoundsLeft ?? -1)
        let saved = share * experience.meanWait + recomputation
        var best = (time: 0.0, gain: 0.0)
        for (place, time) in durations.enumerated() {
            let gain = Double(place + 1) / Double(durations.count) * saved - time
            if gain > best.gain { best = (time, gain) }
        }
        return best.time
    }
}

extension PolicyKnob {
    public static let pinTime = Self(
        "pin_s", .number(0...86_400, isOpen: false), standard: 2, unit: "s",
        meaning: "Time for which a history is pinned when a tool is called.",
        origin: "Continuum's code")
    public static let longestPinnedCall = Self(
        "longest_pinned_call_s", .number(0...86_400, isOpen: false), standard: 2, unit: "s",
        meaning: "Mean duration of a tool above which its calls pin nothing.",
        origin: "Continuum's code")
    public static let enoughCalls = Self(
        "enough_calls", .whole(0...1_000_000), standard: 100, unit: "calls",
        meaning: "Calls that must have been seen before their durations are trusted.",
        origin: "Continuum, version 6")
}

extension ServingPolicy.Name {
    public static let continuumCode = PolicyDefinition.continuumCode.name
    public static let continuumV6 = PolicyDefinition.continuumV6.name
}
