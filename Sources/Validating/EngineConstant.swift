public import ServingDomain

/// A constant of an engine that measured deployments can tell.
///
/// Those that ship with an engine are global: one value for every model, GPU and layout. The names are those of
/// engine files.
public enum EngineConstant: CaseIterable, Hashable, Sendable {
    case perLayer
    case perRecurrence
    case perSequence
    case perCollective
    case perFirstToken
    case promptFactor
    case decodeFactor
    case expertFactor

    /// What it is of an engine's overhead.
    var figure: OverheadFigure {
        switch self {
        case .perLayer: .perLayer
        case .perRecurrence: .perRecurrence
        case .perSequence: .perSequence
        case .perCollective: .perCollective
        case .perFirstToken: .perFirstToken
        case .promptFactor: .promptFactor
        case .decodeFactor: .decodeFactor
        case .expertFactor: .expertFactor
        }
    }

    /// As engine files name it.
    public var name: String { figure.rawValue }

    /// Where values may lie.
    var range: ClosedRange<Double> {
        switch self {
        case .perLayer: 0...100
        case .perRecurrence: 0...20_000
        case .perSequence: 0...1_000
        case .perCollective: 0...100
        case .perFirstToken: 0...200
        case .promptFactor, .decodeFactor: 0.5...2
        case .expertFactor: 1...4
        }
    }

    /// Whether a value cannot go on to where measurements want it; no host time at all, and experts without
    /// extra cost, are what they are.
    func isExhausted(_ value: Double) -> Bool {
        switch self {
        case .promptFactor, .decodeFactor: !(range.lowerBound < value && value < range.upperBound)
        default: value >= range.upperBound
        }
    }

    /// Where values may lie around one that an engine has already.
    func range(with value: Double) -> ClosedRange<Double> {
        min(range.lowerBound, value)...max(range.upperBound, value)
    }

    /// What is believed where no deployment was measured: round numbers, for no engine in particular.
    var belief: Double {
        switch self {
        case .perLayer: 5
        // Of the one model with linear attention whose rows are public.
        case .perRecurrence: 3000
        case .perSequence: 20
        case .perCollective: 2
        case .perFirstToken: 8
        // Single prompts on an H200 of our own: 0.99 and 1.05 (docs/validation.md).
        case .promptFactor: 1.03
        case .decodeFactor: 1
        case .expertFactor: 1.5
        }
    }

    /// Standard deviation of what is believed of an engine; none where a constant is left at that.
    var doubt: Double {
        switch self {
        case .perLayer: 5
        case .perRecurrence: 1500
        case .perSequence: 15
        case .perCollective: 2
        case .perFirstToken: 3
        case .promptFactor: 0.05
        case .decodeFactor: 0
        case .expertFactor: 0.5
        }
    }

    /// Standard deviation of a single deployment around its engine.
    var scatter: Double {
        switch self {
        case .perLayer: 10
        case .perRecurrence: 1500
        case .perSequence: 15
        case .perCollective: 3
        case .perFirstToken: 5
        case .promptFactor: 0.12
        case .decodeFactor: 0.08
        case .expertFactor: 0.3
        }
    }

    /// How far to either side a slope is taken: far enough that single steps which fall on the other
    /// side of an arrival do not decide.
    var reach: Double { scatter / 2 }

    func value(in overhead: EngineOverhead) -> Double { figure.value(in: overhead) }
}

/// A value for every constant of an engine.
public struct EngineConstants: Hashable, Sendable {
    /// In the order of `EngineConstant.allCases` and its units.
    var values: [Double]

    init(values: [Double]) {
        precondition(values.count == EngineConstant.allCases.count, "one value per constant")
        self.values = values
    }

    /// Largest value that engine files may have of any constant, in its unit.
    public static let largest = 1e6

    /// Values by the names of engine files; those that are missing are as in `overhead`.
    ///
    /// Nil where a value is no number from 0 to `largest`.
    public init?(_ named: [String: Double], over overhead: EngineOverhead) {
        values = EngineConstant.allCases.map { named[$0.name] ?? $0.value(in: overhead) }
        guard values.allSatisfy({ 0 <= $0 && $0 <= Self.largest }) else { return nil }
    }

    /// Values by the names of engine files.
    public var named: [String: Double] {
        Dictionary(
            uniqueKeysWithValues: EngineConstant.allCases.map { ($0.name, self[$0]) })
    }

    /// The constants of an engine as it is.
    public init(_ overhead: EngineOverhead) {
        values = EngineConstant.allCases.map { $0.value(in: overhead) }
    }

    /// What is believed of any engine.
    static let believed = Self(values: EngineConstant.allCases.map(\.belief))

    /// Value in the unit of the constant's name.
    public subscript(constant: EngineConstant) -> Double {
        get { values[constant.place] }
        set { values[constant.place] = newValue }
    }

    /// An overhead with these constants; what they do not say is as in `overhead`.
    public func overhead(over overhead: EngineOverhead) -> EngineOverhead {
        var own = overhead
        for constant in EngineConstant.allCases {
            constant.figure.set(self[constant], in: &own)
        }
        return own
    }
}

extension EngineConstant {
    /// Place among all constants.
    var place: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
