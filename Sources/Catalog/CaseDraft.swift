public import ServingDomain

/// A case file with every default filled in; only what needs other rooms is still open.
///
/// A trace has not been read, and a preset of service levels has not been computed.
public struct CaseDraft: Hashable, Sendable {
    /// A file that the case mentions.
    public struct FileReference: Hashable, Sendable {
        /// As the case file writes it.
        public let written: String
        /// Relative to the working directory, or absolute.
        public let path: String

        public init(written: String, path: String) {
            self.written = written
            self.path = path
        }
    }

    public enum Load: Hashable, Sendable {
        /// The rate is unlimited in a closed loop.
        case synthetic(Workload.Synthetic, rate: Rate)
        /// The trace's own rate is kept where `rate` is nil.
        case trace(FileReference, format: TraceFormat, rate: Rate?)
    }

    public enum Service: Hashable, Sendable {
        case bounds(ServiceLevel)
        /// 8 times the unloaded TTFT and 1.6 times the unloaded decode step at TP 4, batch 8.
        case paperPreset(
            attainmentGoal: Double, headline: ServiceLevel.Headline,
            itlStatistic: ServiceLevel.ITLStatistic)
    }

    /// A value that the case file leaves open.
    public struct Assumption: Hashable, Sendable, Encodable {
        /// Path of the key, or a name like `overhead.per_layer_us` for what no key sets.
        public internal(set) var key: String
        public let value: String
        public let source: String

        init(_ key: String, _ shown: DocumentValue, _ source: String) {
            self.key = key
            value = shown.yaml.split(separator: "\n").joined()
            self.source = source
        }
    }

    /// The model, the GPUs that serve it, and how KV cache moves between them.
    public struct Platform: Hashable, Sendable {
        public var model: ModelSpec
        /// Nil where the model is known by name.
        public var modelFile: FileReference?
        /// The published name under which the case asks for the model, `owner/name`; nil where it is asked for
        /// by another name.
        public var publishedAs: String?
        public var weightFormat: NumberFormat
        public var kvFormat: NumberFormat
        /// At least one, that of `cluster` first.
        public var pools: [GPUPool]

        /// GPU type of the first pool.
        public var hardware: HardwareSpec { pools[0].hardware }
        /// GPUs of the first pool.
        public var cluster: Cluster { pools[0].cluster }
    }

    /// Costs that a file states, with what the case says of them.
    public struct StatedCosts: Hashable, Sendable {
        public var reference: FileReference
        public var file: CostModelFile
        /// Whether the file's own host time counts.
        public var includesOverhead: Bool
        /// Nil for what the platform has room for, or no limit without one.
        public var kvCapacity: Tokens?

        /// The step times that the case asks for.
        public var costs: ExplicitCosts {
            var costs = file.costs
            if !includesOverhead { costs.overhead = .none }
            return costs
        }
    }

    public var name: String
    /// Nil only where costs are stated.
    public var platform: Platform?
    /// Nil where costs come from a profile of the platform.
    public var statedCosts: StatedCosts?
    /// Workers to look at; nil where the case names none.
    public var layout: Deployment?
    public var engine: Engine
    /// Host times and factors that the case states in place of those of its engine.
    public var ownOverhead: [OverheadFigure: Double] = [:]
    public var workload: Load
    public var arrivals: Workload.Arrivals
    /// Most jobs under way at once; nil where every job starts at its arrival.
    public var concurrency: Int?
    public var service: Service
    public var policy: ServingPolicy
    /// The table that the policy decides by; nil where it has none, or it is to be simulated.
    public var policyTable: FileReference?
    public var planning: Case.Planning
    /// Combinations that work but are probably not meant.
    public var warnings: [String]
    /// Every default that was filled in, in the order of the table of keys.
    public var assumptions: [Assumption]

    /// Lets sessions arrive at another rate.
    public mutating func offer(_ rate: Rate) {
        switch workload {
        case .synthetic(let sessions, _): workload = .synthetic(sessions, rate: rate)
        case .trace(let file, let format, _):
            workload = .trace(file, format: format, rate: rate)
        }
    }

    /// The case, once its workload and its service level are known; nil without a platform.
    public func resolved(workload: Workload, service: ServiceLevel) -> Case? {
        guard let platform else { return nil }
        var planning = planning
        planning.incumbent = layout.map(engine.behaviour.countingEngines)
        return Case(
            name: name, model: platform.model, weightFormat: platform.weightFormat,
            kvFormat: platform.kvFormat, pools: platform.pools, engine: engine,
            workload: workload, service: service, policy: policy, planning: planning)
    }

    /// What is asked of each layout, once workload and service level are known.
    public func question(workload: Workload, service: ServiceLevel) -> LayoutQuestion {
        LayoutQuestion(
            workload: workload, service: service, policy: policy, planning: planning,
            engine: engine, planningCase: resolved(workload: workload, service: service),
            statedCapacity: statedCosts?.kvCapacity)
    }

    /// The case itself where nothing is open: synthetic sessions and given bounds.
    public var resolved: Case? {
        guard case .synthetic(let sessions, let rate) = workload,
            case .bounds(let level) = service
        else { return nil }
        return resolved(
            workload: offered(.synthetic(sessions), rate: rate), service: level)
    }

    /// Sessions with the draft's arrivals, at `rate` unless they form a closed loop.
    public func offered(_ sessions: Workload.Sessions, rate: Rate) -> Workload {
        Workload(
            sessions: sessions, rate: arrivals == .closed ? .unlimited : rate, arrivals: arrivals,
            concurrency: concurrency)
    }

    /// The same question without the notes on how it was read.
    public var withoutNotes: Self {
        var copy = self
        copy.warnings = []
        copy.assumptions = []
        return copy
    }
}

extension CaseDraft {
    /// Takes a measured bandwidth for KV transfers inside a node of a pool in place of the rule of thumb.
    ///
    /// A figure that the case file gives, for the transfers or for the link, stays; and so does the
    /// one between nodes, whose network cards no table of a GPU knows.
    public mutating func prefer(_ measured: Bandwidth?, inPool place: Int, from source: String) {
        let section = CaseFields.section(ofPool: place)
        let (speed, link) = (
            section + "transfer_intra_node_gbytes_per_s", section + "intra_node_gbytes_per_s"
        )
        guard let measured, assumptions.contains(where: { $0.key == link }),
            let index = assumptions.firstIndex(where: { $0.key == speed })
        else { return }
        platform?.pools[place].transfer.intraNode = measured
        assumptions[index] = Assumption(
            speed, .decimal(measured.bytesPerSecond / 1e9),
            "copies between two GPUs, \(source)")
    }
}
