public import Validating

/// What a plan document predicts of one layout, in the figures that benchmarks tell.
public struct PlanPredictions: Sendable {
    /// A predicted figure with its interval; latencies in milliseconds.
    public struct Prediction: Hashable, Sendable {
        public let value: Double
        /// Both ends; nil where the document tells none.
        public let low: Double?
        public let high: Double?
    }

    public let layout: String
    public let gpus: Int?
    public let dollarsPerHour: Double?
    public let verdict: String
    public let attainment: Prediction?
    public let values: [ServingFigure: Prediction]
    /// Whose rounds alone these are; nil for all.
    public let tenant: String?
    /// How far predicted means are off with most deployments, as factors; 1 where nobody knows.
    public let modelFactors: (ttft: Double, tpot: Double)

    /// - Parameters:
    ///   - document: a plan document.
    ///   - plan: one of its plans.
    ///   - sessionsPerSecond: rate of the case; nil in a closed loop.
    public init(_ document: JSONValue, plan: JSONValue, sessionsPerSecond: Double?) {
        self.init(document, plan: plan, of: plan, sessionsPerSecond: sessionsPerSecond)
    }

    /// What is predicted for the rounds of one tenant; nil where the plan has none of that name.
    ///
    /// - Parameters:
    ///   - document: a plan document.
    ///   - plan: one of its plans.
    ///   - tenant: one of its tenants.
    public init?(_ document: JSONValue, plan: JSONValue, tenant: String) {
        guard
            let own = plan["tenants"]?.elements?.first(where: { $0["name"] == .string(tenant) })
        else { return nil }
        self.init(document, plan: plan, of: own, sessionsPerSecond: nil)
    }

    /// - Parameters:
    ///   - document: a plan document.
    ///   - plan: one of its plans.
    ///   - part: the plan, or one of its tenants, whose figures are meant.
    ///   - sessionsPerSecond: rate at which its sessions arrive; nil where nobody tells.
    private init(
        _ document: JSONValue, plan: JSONValue, of part: JSONValue, sessionsPerSecond: Double?
    ) {
        tenant = part["name"]?.plainText
        layout = plan["layout"]?.plainText ?? ""
        gpus = plan["gpus"]?.double.flatMap { Int(exactly: $0) }
        dollarsPerHour = plan["usd_per_hour"]?.double
        verdict = plan["verdict"]?.plainText ?? ""
        attainment = part["attainment"].flatMap { Prediction($0, "value", "low", "high") }
        let interval = document["profile"]?["prediction_interval"]
        modelFactors = (
            Self.factor(interval, "ttft_factor"), Self.factor(interval, "tpot_factor")
        )
        var found: [ServingFigure: Prediction] = [:]
        for metric in ServingFigure.Metric.allCases where metric.isLatency {
            for statistic in ServingFigure.Statistic.allCases {
                let name = statistic.rawValue
                let entry = part[metric.rawValue].flatMap {
                    Prediction($0, name, "\(name)_low", "\(name)_high")
                }
                if let entry { found[ServingFigure(metric, statistic)] = entry }
            }
        }
        let sessions = plan["sessions_simulated"]?.double ?? 0
        let rounds = plan["rounds_simulated"]?.double ?? 0
        if let rate = sessionsPerSecond, rate.isFinite, sessions > 0, rounds > 0 {
            let requests = rate * rounds / sessions
            let tokens = plan["output_tokens_simulated"]?.double ?? 0
            found[ServingFigure(.requestRate)] = Prediction(requests)
            found[ServingFigure(.outputRate)] = Prediction(requests * tokens / rounds)
        }
        values = found
    }

    /// How far a mean is off; 1, that is not at all, where the document tells nothing that makes sense.
    private static func factor(_ interval: JSONValue?, _ key: String) -> Double {
        let factor = interval?[key]?.double ?? 1
        return factor.isFinite ? max(1, factor) : 1
    }

    /// The interval that a measured figure is to be looked for in: that of the simulation, wider by how far
    /// predictions are usually off.
    public func expected(_ figure: ServingFigure) -> (low: Double, high: Double)? {
        guard let prediction = values[figure], let low = prediction.low,
            let high = prediction.high
        else { return nil }
        switch figure.metric {
        case .ttft: return (low / modelFactors.ttft, high * modelFactors.ttft)
        case .itl, .tpot: return (low / modelFactors.tpot, high * modelFactors.tpot)
        case .session:
            let factor = max(modelFactors.ttft, modelFactors.tpot)
            return (low / factor, high * factor)
        case .requestRate, .outputRate: return nil
        }
    }
}

extension PlanPredictions.Prediction {
    fileprivate init(_ value: Double) {
        self.init(value: value, low: nil, high: nil)
    }

    fileprivate init?(_ entry: JSONValue, _ value: String, _ low: String, _ high: String) {
        guard let number = entry[value]?.double else { return nil }
        self.init(value: number, low: entry[low]?.double, high: entry[high]?.double)
    }
}

extension JSONValue {
    /// A number, whole or not.
    public var double: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }
}
