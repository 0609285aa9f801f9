import ServingDomain

/// Turns checked values into a draft and notes each default that it fills in.
struct CaseResolver {
    let values: CaseValues
    let catalog: Catalog
    var warnings: [String] = []
    var assumptions: [CaseDraft.Assumption] = []

    init(values: CaseValues, catalog: Catalog) {
        self.values = values
        self.catalog = catalog
    }

    var folder: String { CasePath.folder(of: values.file) }

    mutating func draft() throws(CatalogError) -> CaseDraft {
        let costs = try statedCosts()
        let profiled = try platform(costs)
        let engine = if let profiled { profiled.engine } else { try bareEngine() }
        if let costs, profiled == nil { noteMissingPlatform(costs) }
        let layout = try layout(costs)
        let workload = try workload()
        if let costs { noteOtherRate(workload, costs) }
        let arrivals = try arrivals(workload)
        let concurrency = values.integer("workload.concurrency")
        let (service, policy) = (try service(), try policy(costs))
        let draft = CaseDraft(
            name: values.text("name") ?? "", platform: profiled?.platform, statedCosts: costs,
            layout: layout, engine: engine, ownOverhead: ownOverhead, workload: workload,
            arrivals: arrivals, concurrency: concurrency, service: service, policy: policy,
            policyTable: try table(of: policy), planning: try planning(profiled?.platform),
            warnings: [], assumptions: [])
        return noted(draft)
    }

    private func noted(_ draft: CaseDraft) -> CaseDraft {
        var copy = draft
        copy.warnings = warnings + CaseWarnings(draft).all
        copy.assumptions = assumptions
        return copy
    }

    func model() throws(CatalogError) -> ModelSpec {
        let name = values.text("model") ?? ""
        do {
            return try catalog.model(named: name, relativeTo: folder)
        } catch .unknownName(_, _, let nearest, let known) {
            throw unknown("model", nearest, known)
        }
    }

    func modelFile() -> CaseDraft.FileReference? {
        let name = values.text("model") ?? ""
        return catalog.modelPath(name, relativeTo: folder)
            .map { CaseDraft.FileReference(written: name, path: $0) }
    }

    mutating func format(
        _ key: String, _ native: NumberFormat, _ source: String
    ) -> NumberFormat {
        let text = text(key, default: native.rawValue, source: source)
        return NumberFormat(rawValue: text) ?? native
    }

    /// A name that the catalog does not know, as an error at the place where it stands.
    func unknown(_ path: String, _ nearest: [String], _ known: [String]) -> CatalogError {
        let expected =
            known.isEmpty
            ? "a known name, and the folder that is named in place of the built-in one has none"
            : nearest.isEmpty
                ? "one of " + known.joined(separator: ", ")
                : nearest.joined(separator: " or ") + " (the nearest known names)"
        return values.invalid(path, expected: expected)
    }
}

/// Values with their defaults.
extension CaseResolver {
    /// The value, or the default; `value` and `source` count only where the table has none.
    mutating func number(_ path: String, default value: Double = 0, source: String = "") -> Double {
        if let given = values.number(path) { return given }
        switch tableDefault(path) {
        case .number(let fixed)?: return fixed
        case .integer(let fixed)?: return Double(fixed)
        default: return assume(path, value, DocumentValue.decimal(value), source)
        }
    }

    mutating func integer(_ path: String, default value: Int = 0, source: String = "") -> Int {
        if let given = values.integer(path) { return given }
        if case .integer(let fixed)? = tableDefault(path) { return fixed }
        return assume(path, value, .integer(value), source)
    }

    mutating func text(_ path: String, default value: String = "", source: String = "") -> String {
        if let given = values.text(path) { return given }
        if case .text(let fixed)? = tableDefault(path) { return fixed }
        return assume(path, value, .text(value), source)
    }

    mutating func assume<Value>(
        _ key: String, _ value: Value, _ shown: DocumentValue, _ source: String
    ) -> Value {
        assumptions.append(CaseDraft.Assumption(key, shown, source))
        return value
    }

    private mutating func tableDefault(_ path: String) -> DocumentValue? {
        guard case .fixed(let value, let source)? = CaseFields.field(path)?.fallback else {
            return nil
        }
        return assume(path, value, value, source)
    }

    /// A time given in seconds times `scale`, in whole nanoseconds.
    mutating func duration(
        _ path: String, scale: Double, default value: Duration = .zero, source: String = ""
    ) -> Duration {
        let fallback = Double(value.inNanoseconds) / scale
        let amount = number(path, default: fallback, source: source)
        return .nanoseconds(Int64((amount * scale).rounded()))
    }

    /// A bandwidth given in gigabytes per second, in whole bytes per second.
    mutating func bandwidth(_ path: String, default value: Bandwidth, source: String) -> Bandwidth {
        let amount = number(path, default: value.bytesPerSecond / 1e9, source: source)
        return Bandwidth(bytesPerSecond: (amount * 1e9).rounded())
    }
}
