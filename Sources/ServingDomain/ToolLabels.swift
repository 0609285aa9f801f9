/// The tool that is called at the end of each round, where a workload tells.
///
/// Rounds without a label take no memory as long as no later round has one.
@frozen
public struct ToolLabels: Hashable, Sendable {
    /// Stands for "not told, or no tool".
    public static let none: Int16 = -1

    /// Different tools; a label is a place here.
    public private(set) var names: [String] = []
    /// Label of each round; ends after the last round that has one.
    @usableFromInline var labels: [Int16] = []

    public init() {}

    /// Label of the tool whose run is the delay after a round, by the round's place in its table.
    @inlinable
    public func label(ofRound round: Int) -> Int16 {
        round < labels.count ? labels[round] : Self.none
    }

    /// Adds a tool; `nil` where 2¹⁵ − 1 are known already.
    public mutating func add(_ name: String) -> Int16? {
        guard names.count < Int(Int16.max) else { return nil }
        names.append(name)
        return Int16(names.count - 1)
    }

    mutating func set(_ label: Int16, ofRound round: Int) {
        guard label != Self.none else { return }
        precondition(names.indices.contains(Int(label)))
        while labels.count <= round { labels.append(Self.none) }
        labels[round] = label
    }

    /// The same tools for other rounds.
    var withoutRounds: Self {
        var copy = self
        copy.labels = []
        return copy
    }
}
