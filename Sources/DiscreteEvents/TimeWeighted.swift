/// Mean over time of a quantity that jumps at events and is constant between them.
@frozen
public struct TimeWeighted: Hashable, Sendable {
    @usableFromInline let start: SimulatedTime
    @usableFromInline var changed: SimulatedTime
    @usableFromInline var area = 0.0
    public private(set) var value: Double
    public private(set) var max: Double

    public init(_ value: Double = 0, since start: SimulatedTime = .zero) {
        self.start = start
        self.changed = start
        self.value = value
        self.max = value
    }

    /// Lets the quantity jump to `value`; calls come in order of time.
    public mutating func change(to value: Double, at time: SimulatedTime) {
        area += self.value * Double(time - changed)
        changed = time
        self.value = value
        max = Swift.max(max, value)
    }

    /// Mean from the start to `time`, which is not before the last change.
    ///
    /// The present value where no time has passed.
    public func mean(until time: SimulatedTime) -> Double {
        guard time > start else { return value }
        return (area + value * Double(time - changed)) / Double(time - start)
    }
}
