import ServingDomain

/// Misses of a run's targets beyond which it is given up.
package struct MissBound: Hashable, Sendable {
    /// Of measured units of the headline: rounds or sessions.
    package let measured: Int
    /// Of rounds of the sessions that fill the cluster, which meet their targets more often than later
    /// ones do, for the cluster was empty.
    package let filling: Int

    package init(measured: Int, filling: Int) {
        (self.measured, self.filling) = (measured, filling)
    }

    /// Misses are counted, and no run is given up.
    package static let none = Self(measured: .max, filling: .max)
}

/// Misses that were counted while a run went on.
struct CountedMisses: Hashable, Sendable, Codable {
    var measured = 0
    var filling = 0
}
