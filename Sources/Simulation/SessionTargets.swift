import CostModeling
import DiscreteEvents
import ServingDomain

/// What sessions were promised, in the units of a run.
struct SessionTargets {
    /// Nanoseconds.
    let ttft: Int64
    let itl: Double
    /// Longest gap between tokens that is within the target, in ticks.
    let longestGap: Int128

    init(ttft: Duration, itl: Duration) {
        (self.ttft, self.itl) = (ttft.inNanoseconds, itl.inSeconds * 1e9)
        longestGap = Ticks.ticks(nanoseconds: itl.inNanoseconds)
    }

    /// Those of sessions without a tenant, then those of each tenant.
    static func all(_ service: ServiceLevel, _ tenants: [String]) -> ContiguousArray<Self> {
        let general = Self(ttft: service.ttft, itl: service.itl)
        return [general]
            + tenants.map { name in
                let own = service.bounds(of: name)
                return Self(ttft: own.ttft, itl: own.itl)
            }
    }
}

/// Members of a batch that belong to one tenant.
struct TenantMembers {
    var count = 0
    var measured = 0
    /// Measured ones that were in the batch before the present run.
    var continuing = 0
    /// Steps that were longer, for those who stayed, than the tenant's target.
    var longSteps: Int64 = 0
}
