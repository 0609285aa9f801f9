/// A figure of what an engine adds to kernels, under the name that engine files and cases have for it.
public enum OverheadFigure: String, CaseIterable, Hashable, Sendable {
    case perStep = "per_step_us"
    case perLayer = "per_layer_us"
    case launchPerLayer = "launch_per_layer_us"
    case perRecurrence = "per_recurrence_us"
    case perSequence = "per_sequence_us"
    case perCollective = "per_collective_us"
    case perFirstToken = "per_first_token_ms"
    case perPromptToken = "per_prompt_token_us"
    case promptFactor = "prompt_factor"
    case decodeFactor = "decode_factor"
    case expertFactor = "expert_factor"

    private enum Place {
        /// A time, with the nanoseconds of its unit.
        case time(WritableKeyPath<EngineOverhead, Duration>, nanoseconds: Double)
        case factor(WritableKeyPath<EngineOverhead, Double>)
    }

    private var place: Place {
        switch self {
        case .perStep: .time(\.perStep, nanoseconds: 1e3)
        case .perLayer: .time(\.perLayer, nanoseconds: 1e3)
        case .launchPerLayer: .time(\.launchPerLayer, nanoseconds: 1e3)
        case .perRecurrence: .time(\.perRecurrence, nanoseconds: 1e3)
        case .perSequence: .time(\.perSequence, nanoseconds: 1e3)
        case .perCollective: .time(\.perCollective, nanoseconds: 1e3)
        case .perFirstToken: .time(\.firstToken.base, nanoseconds: 1e6)
        case .perPromptToken: .time(\.firstToken.perPromptToken, nanoseconds: 1e3)
        case .promptFactor: .factor(\.promptFactor)
        case .decodeFactor: .factor(\.decodeFactor)
        case .expertFactor: .factor(\.expertFactor)
        }
    }

    /// Empty for a factor.
    public var unit: String {
        switch place {
        case .time(_, let nanoseconds): nanoseconds == 1e6 ? "ms" : "us"
        case .factor: ""
        }
    }

    /// The value that changes nothing.
    public var idle: Double {
        if case .factor = place { 1 } else { 0 }
    }

    /// Where values may lie.
    public var range: ClosedRange<Double> {
        if case .factor = place { 0.1...10 } else { 0...1e6 }
    }

    /// Whether `calibrate` can tell it from measured deployments.
    public var isCalibrated: Bool {
        ![.perStep, .launchPerLayer, .perPromptToken].contains(self)
    }

    /// Whether answers name it even where it changes nothing.
    public var isAlwaysNamed: Bool {
        !unit.isEmpty && ![.launchPerLayer, .perRecurrence].contains(self)
    }

    /// What it does, for the reference of a case.
    public var summary: String {
        switch self {
        case .perStep: "Host time added to every step."
        case .perLayer: "Host time added to every step per layer."
        case .launchPerLayer:
            "Launching a layer's kernels one by one while the GPU computes: the least time of a step with prompts."
        case .perRecurrence:
            "Host time added to every step with prompts per layer with linear attention."
        case .perSequence: "Host time added to every step per sequence."
        case .perCollective: "Added to every collective among the GPUs of a worker."
        case .perFirstToken: "Added to every TTFT: HTTP, the tokenizer's call and the first chunk."
        case .perPromptToken:
            "Added to every TTFT per token of the whole prompt, cached or not: tokenizer, JSON, hashes of blocks."
        case .promptFactor:
            "How much longer than by themselves kernels over tokens, but for collectives, take in a step with prompts."
        case .decodeFactor: "How much longer than by themselves the kernels of a decode step take."
        case .expertFactor:
            "How much longer than by themselves routed experts take over many tokens."
        }
    }

    /// In the unit of the name.
    public func value(in overhead: EngineOverhead) -> Double {
        switch place {
        case .time(let path, let nanoseconds):
            Double(overhead[keyPath: path].inNanoseconds) / nanoseconds
        case .factor(let path): overhead[keyPath: path]
        }
    }

    /// Takes a value in the unit of the name; times become whole nanoseconds.
    public func set(_ value: Double, in overhead: inout EngineOverhead) {
        switch place {
        case .time(let path, let nanoseconds):
            overhead[keyPath: path] = .nanoseconds(Int64((value * nanoseconds).rounded()))
        case .factor(let path): overhead[keyPath: path] = value
        }
    }
}

extension [OverheadFigure: Double] {
    /// An overhead with these figures; the others are as in `overhead`.
    public func over(_ overhead: EngineOverhead) -> EngineOverhead {
        var own = overhead
        for figure in OverheadFigure.allCases {
            if let value = self[figure] { figure.set(value, in: &own) }
        }
        return own
    }
}
