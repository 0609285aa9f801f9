/// Who prefills, where, and in which order: a value that travels with a plan.
///
/// The policies themselves are defined in `Scheduling`, one file each.
public struct ServingPolicy: Hashable, Sendable {
    /// The name of a policy, as in a case file.
    public struct Name: RawRepresentable, Hashable, Sendable, Codable {
        public let rawValue: String

        public init(rawValue: String) { self.rawValue = rawValue }
    }

    public var name: Name
    /// How a serving worker is chosen; `nil` leaves that to the policy.
    public var dispatch: Dispatch?
    /// What a policy that decides by a table looks things up in; every entry is missing in none.
    public var table: PolicyTable?
    /// Settings that differ from their standard, by key.
    private var settings: [String: Double] = [:]

    public init(name: Name, dispatch: Dispatch? = nil) {
        self.name = name
        self.dispatch = dispatch
    }

    /// The value of a knob in its own unit.
    public subscript(knob: PolicyKnob) -> Double {
        get { settings[knob.key] ?? knob.standard }
        set { settings[knob.key] = newValue == knob.standard ? nil : newValue }
    }

    /// Length of the window over which latencies are averaged.
    public var window: Duration {
        get { Self.duration(self[.window], scale: 1e9) }
        set { self[.window] = newValue.inSeconds }
    }

    /// Age of the cluster state that routing sees.
    public var stateDelay: Duration {
        get { Self.duration(self[.stateDelay], scale: 1e6) }
        set { self[.stateDelay] = newValue.inSeconds * 1e3 }
    }

    private static func duration(_ value: Double, scale: Double) -> Duration {
        .nanoseconds(Int64((value * scale).rounded()))
    }
}

/// How one of several serving workers is chosen.
public enum Dispatch: String, Hashable, Sendable, CaseIterable, Codable {
    /// Most blocks that no session bound to the worker counts on.
    case leastUsedMemory = "least_used_memory"
    /// Fewest rounds that have been released and have not ended.
    case leastLoaded = "least_loaded"
    case roundRobin = "round_robin"
    /// Round robin in proportion to KV memory.
    case weightedRoundRobin = "weighted_round_robin"
    case random
    /// Least loaded at a session's arrival, and the same worker ever after.
    case sessionSticky = "session_sticky"
    /// Least work that is left after what is cached there, plus the blocks in use.
    case prefixAware = "prefix_aware"
}
