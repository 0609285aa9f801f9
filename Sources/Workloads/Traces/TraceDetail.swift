/// A figure that only some formats have, under the name that it has there.
public struct TraceDetail: Hashable, Sendable {
    public indirect enum Value: Hashable, Sendable {
        case count(Int)
        case number(Double)
        case text(String)
        case texts([String])
        /// Figures of values times a factor that makes them the unit of the name.
        case figures(CountedValues, factor: Double)
        case group([TraceDetail])
        case list([[TraceDetail]])
    }

    public let name: String
    public let value: Value

    init(_ name: String, _ value: Value) {
        self.name = name
        self.value = value
    }
}
