/// A setting with which a policy can be tuned: its name in a case file, its range and its origin.
public struct PolicyKnob: Hashable, Sendable {
    public enum Values: Hashable, Sendable {
        /// A number in the range; `isOpen` excludes the lower end.
        case number(ClosedRange<Double>, isOpen: Bool)
        case whole(ClosedRange<Int>)
        /// One of several words; the setting holds its index.
        case choice([String])
    }

    /// Key below `policy:` in a case file.
    public let key: String
    public let values: Values
    public let standard: Double
    public let unit: String
    public let meaning: String
    /// Where the standard value comes from.
    public let origin: String

    public init(
        _ key: String, _ values: Values, standard: Double, unit: String = "", meaning: String,
        origin: String
    ) {
        self.key = key
        self.values = values
        self.standard = standard
        self.unit = unit
        self.meaning = meaning
        self.origin = origin
    }
}

/// Knobs that every policy has: what is known of the workers, and how old it is.
extension PolicyKnob {
    public static let window = Self(
        "window_s", .number(0.001...3600, isOpen: false), standard: 10, unit: "s",
        meaning: "Window over which latencies are averaged.", origin: "AMPD §4.1")
    public static let stateDelay = Self(
        "state_delay_ms", .number(0...1e6, isOpen: false), standard: 0, unit: "ms",
        meaning: "Age of the cluster state that routing sees.", origin: "none: globally visible")

    public static let common = [window, stateDelay]
}
