public import DiscreteEvents

/// What one run showed about the measured sessions of one tenant.
public struct TenantFigures: Sendable, Codable {
    /// Empty for sessions without a tenant.
    public let name: String
    /// Refused ones included.
    public internal(set) var sessions = 0
    public internal(set) var roundCount = 0
    public internal(set) var refusedRounds = 0
    /// As in `SimulationResult`, all in nanoseconds.
    public internal(set) var ttft = LogHistogram()
    public internal(set) var gaps = LogHistogram()
    public internal(set) var tpot = LogHistogram()
    public internal(set) var endToEnd = LogHistogram()
    public internal(set) var untilPrefilled = LogHistogram()
    var good = SimulationResult.GoodCounts()

    init(name: String) { self.name = name }
}
