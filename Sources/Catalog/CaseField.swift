import ServingDomain

/// One key of the case file: the single place that says what it may hold.
///
/// Key check, range check, JSON Schema and the table of the documentation all read it.
struct CaseField: Sendable {
    enum Kind: Sendable {
        case section
        case text
        /// One of a closed list of words.
        case word([String])
        case number(NumberRange)
        case integer(ClosedRange<Int>)
        case numbers(NumberRange)
        /// A list of tensor-parallel degrees.
        case degrees
        /// A number, or a section with a distribution; its mean and bounds lie in the range.
        case law(NumberRange)
        /// A list of laws with weights.
        case components(NumberRange)
        /// A list of tenants with their targets.
        case tenants
        /// A list of pools of GPUs.
        case pools
        case poolName
        /// A list of ways to spread a worker over GPUs.
        case parallelisms
    }

    enum Fallback: Sendable {
        case required
        /// Absent means that there is none.
        case none
        case fixed(DocumentValue, source: String)
        /// Follows from other keys, as the text says.
        case derived(String)
    }

    /// Keys from the top joined by dots.
    let path: String
    let kind: Kind
    let unit: String
    let fallback: Fallback
    let summary: String

    init(
        _ path: String, _ kind: Kind, unit: String = "", _ fallback: Fallback,
        _ summary: String
    ) {
        self.path = path
        self.kind = kind
        self.unit = unit
        self.fallback = fallback
        self.summary = summary
    }

    /// A key that must be there.
    init(_ path: String, _ kind: Kind, _ summary: String) {
        self.init(path, kind, .required, summary)
    }

    /// The last key of the path.
    var key: String { path.split(separator: ".").last.map(String.init) ?? path }

    /// The path of the section that holds the key; empty at the top.
    var parent: String { String(path.dropLast(path == key ? key.count : key.count + 1)) }
}

/// Numbers between two bounds; the lower one may be excluded.
struct NumberRange: Sendable {
    let low: Double
    let high: Double
    var excludesLow = false

    static func positive(to high: Double) -> Self { Self(low: 0, high: high, excludesLow: true) }
    static func from(_ low: Double, to high: Double) -> Self { Self(low: low, high: high) }

    func contains(_ value: Double) -> Bool {
        (excludesLow ? value > low : value >= low) && value <= high
    }
}

extension NumberRange: CustomStringConvertible {
    var description: String {
        excludesLow
            ? "above \(short(low)) and at most \(short(high))"
            : "from \(short(low)) to \(short(high))"
    }

    private func short(_ value: Double) -> String {
        DocumentValue.decimal(value).yaml.trimmingSuffix { $0.isNewline }
    }
}

extension String {
    fileprivate func trimmingSuffix(_ drop: (Character) -> Bool) -> String {
        var copy = self
        while let last = copy.last, drop(last) { copy.removeLast() }
        return copy
    }
}

extension CaseField.Kind: CustomStringConvertible {
    /// What an error message expects.
    var description: String {
        switch self {
        case .section: "a section of keys and values"
        case .text: "a text of 1 to 1000 characters"
        case .word(let words): "one of " + words.joined(separator: ", ")
        case .number(let range): "a number \(range)"
        case .integer(let range):
            "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .numbers(let range): "a list of numbers, each \(range)"
        case .degrees: "a list of different powers of two from 1 to 64"
        case .law(let range): "a number \(range), or a section with a distribution"
        case .components: "a list of 1 to 100 sections, each with a weight and a distribution"
        case .pools: "a list of 1 to \(CaseFields.mostPools) sections with gpu and nodes"
        case .poolName:
            "a name of at most 40 lower-case letters, digits, hyphens and dots"
        case .parallelisms:
            "a list of different ways to spread a worker over GPUs, such as 8, 1dp8ep8 or 4ep4"
        case .tenants: "a list of 1 to \(TenantLabels.most) sections with name, ttft_ms and itl_ms"
        }
    }
}
