import DiscreteEvents
public import ServingDomain

/// Sessions of several tenants that share a cluster.
public struct TenantMix {
    /// A tenant with its workload, which has a rate.
    public struct Tenant {
        public let name: String
        public let workload: Workload

        public init(name: String, workload: Workload) {
            (self.name, self.workload) = (name, workload)
        }

        /// Rounds that are released per second on average.
        fileprivate var roundsPerSecond: Double {
            let rounds: Double =
                switch workload.sessions {
                case .synthetic(let laws): laws.rounds.mean
                case .recorded(let table):
                    Double(table.rounds.count) / Double(max(1, table.jobCount))
                }
            return workload.rate.sessionsPerSecond * rounds
        }

        /// Seconds that a recording takes at the rate; nil for laws, which never end.
        fileprivate var span: Double? {
            guard case .recorded(let table) = workload.sessions else { return nil }
            return Double(table.jobCount) / workload.rate.sessionsPerSecond
        }

        /// Whether a recording is played again before a window ends.
        ///
        /// How much of a window came after its last arrival, a recording does not know: two mean gaps less
        /// are none.
        fileprivate func startsOver(before seconds: Double) -> Bool {
            guard let span else { return false }
            return span + 2 / workload.rate.sessionsPerSecond < seconds
        }
    }

    /// All jobs that arrive in the window.
    public let sessions: SessionTable
    /// Names of tenants whose recording is shorter than the window, so that it started over.
    public let repeated: [String]

    /// Rounds of a mixture of laws whose window is not told.
    private static let usualRounds = 200_000.0
    /// Most jobs of a mixture.
    public static let mostJobs = 10_000_000

    /// Seconds of the shortest recording; where there are laws alone, those in which about 200,000
    /// rounds are released.
    public static func usualWindow(of tenants: [Tenant]) -> Double {
        tenants.compactMap(\.span).min()
            ?? usualRounds / max(1e-9, tenants.reduce(0) { $0 + $1.roundsPerSecond })
    }

    /// Jobs that arrive in so many seconds on average.
    public static func expectedJobs(of tenants: [Tenant], in seconds: Double) -> Double {
        tenants.reduce(0) { $0 + $1.workload.rate.sessionsPerSecond } * seconds
    }

    /// Draws the jobs of every tenant from a stream of its own, and puts them in order of arrival,
    /// equal ones in that of the tenants.
    ///
    /// Nil where there are more than 64 tenants, or more tools than can be.
    ///
    /// - Parameters:
    ///   - tenants: each with a name of its own and a rate above 0.
    ///   - seconds: length of the window.
    ///   - seed: of the draws.
    public init?(_ tenants: [Tenant], seconds: Double, seed: UInt64) {
        let end = Nanoseconds.rounding(seconds * 1e9)
        var mixed = SessionTable()
        var translations: [SessionTable.Translation] = []
        var jobs: [(arrival: Int64, tenant: Int, job: Int)] = []
        var tables: [SessionTable] = []
        for (place, tenant) in tenants.enumerated() {
            let own = RandomStream(seed: seed, named: "tenant \(tenant.name)").draw(0)
            let table = Self.sessions(of: tenant, until: end, seconds, seed: own)
            guard let translation = mixed.add(tenant: tenant.name, speaking: table) else {
                return nil
            }
            translations.append(translation)
            tables.append(table)
            for (job, arrival) in table.jobArrivals.enumerated() where arrival < end {
                jobs.append((arrival, place, job))
            }
        }
        jobs.sort { ($0.arrival, $0.tenant, $0.job) < ($1.arrival, $1.tenant, $1.job) }
        for (arrival, tenant, job) in jobs {
            mixed.append(
                arrival: arrival, translatingJob: job, of: tables[tenant],
                by: &translations[tenant])
        }
        sessions = mixed
        repeated = tenants.filter { $0.startsOver(before: seconds) }.map(\.name)
    }

    /// So many jobs that the last one arrives behind the window.
    private static func sessions(
        of tenant: Tenant, until end: Int64, _ seconds: Double, seed: UInt64
    ) -> SessionTable {
        let workload = tenant.workload
        let generator = SessionGenerator(workload: workload, seed: seed)
        if case .recorded(let table) = workload.sessions, !tenant.startsOver(before: seconds) {
            return generator.sessions(count: table.jobCount, rate: workload.rate)
        }
        var count = Int(workload.rate.sessionsPerSecond * seconds * 1.05) + 20
        while true {
            let table = generator.sessions(count: count, rate: workload.rate)
            guard let last = table.jobArrivals.last, last < end, count < 4 * mostJobs else {
                return table
            }
            count *= 2
        }
    }
}
