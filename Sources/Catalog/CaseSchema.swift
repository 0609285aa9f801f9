import ServingDomain

/// The case file as JSON Schema, for editors and pipelines.
public enum CaseSchema {
    /// JSON Schema 2020-12 of a case file, written from the table of its keys.
    public static var json: String { document.json + "\n" }

    static var document: DocumentValue {
        let head: [DocumentValue.Entry] = [
            .init("$schema", .text("https://json-schema.org/draft/2020-12/schema")),
            .init("title", .text("ampd-plan case file, \(CaseFields.version)")),
        ]
        guard case .mapping(let body) = section("") else { return .mapping(head) }
        return .mapping(head + body)
    }

    /// JSON Schema 2020-12 of a workload file: the keys of a case's section, with a head.
    public static var workloadJSON: String {
        let word = { (text: String) in DocumentValue.mapping([.init("const", .text(text))]) }
        let text = DocumentValue.mapping([.init("type", .text("string"))])
        let head: [DocumentValue.Entry] = [
            .init("apiVersion", word(CaseFields.version)), .init("kind", word(WorkloadFile.kind)),
            .init("name", text), .init("source", text),
        ]
        let fields = CaseFields.children(of: "workload").filter { $0.key != "file" }
        let body = object(
            head + fields.map { .init($0.key, schema(of: $0)) }, required: ["apiVersion", "kind"])
        return DocumentValue.mapping(
            [
                .init("$schema", .text("https://json-schema.org/draft/2020-12/schema")),
                .init("title", .text("ampd-plan workload file, \(CaseFields.version)")),
            ] + body
        ).json + "\n"
    }

    private static func section(_ path: String) -> DocumentValue {
        let fields = CaseFields.children(of: path)
        return .mapping(
            object(fields.map { .init($0.key, schema(of: $0)) }, required: required(fields))
                + alternatives(of: path))
    }

    private static func required(_ fields: [CaseField]) -> [String] {
        fields.compactMap { field in
            guard case .required = field.fallback else { return nil }
            return field.key
        }
    }

    private static func object(
        _ properties: [DocumentValue.Entry], required: [String]
    ) -> [DocumentValue.Entry] {
        let base: [DocumentValue.Entry] = [
            .init("type", .text("object")), .init("additionalProperties", .flag(false)),
            .init("properties", .mapping(properties)),
        ]
        return base + (required.isEmpty ? [] : [.init("required", texts(required))])
    }

    /// What the sections demand beyond single keys.
    private static func alternatives(of path: String) -> [DocumentValue.Entry] {
        let laws = [
            "length_reading", "rounds", "prefill_tokens", "decode_tokens", "environment_delay_s",
        ]
        switch path {
        case "": return anyOf([["model", "cluster"], ["cost_model"]])
        case "workload":
            return anyOf([
                ["trace"], ["file"], ["template", "rate_per_s"], ["template", "concurrency"],
                ["rate_per_s"] + laws, ["concurrency"] + laws,
            ])
        case "slo": return anyOf([["preset"], ["ttft_ms", "itl_ms"]])
        default: return []
        }
    }

    private static func anyOf(_ keys: [[String]]) -> [DocumentValue.Entry] {
        [.init("anyOf", .list(keys.map { .mapping([.init("required", texts($0))]) }))]
    }

    private static func schema(of field: CaseField) -> DocumentValue {
        let notes: [DocumentValue.Entry] = [.init("description", .text(field.described))]
        if case .section = field.kind, case .mapping(let body) = section(field.path) {
            return .mapping(notes + body)
        }
        return .mapping(notes + defaults(of: field) + type(of: field.kind))
    }

    private static func defaults(of field: CaseField) -> [DocumentValue.Entry] {
        guard case .fixed(let value, _) = field.fallback else { return [] }
        return [.init("default", value)]
    }

    private static func type(of kind: CaseField.Kind) -> [DocumentValue.Entry] {
        switch kind {
        case .section:
            return [.init("type", .text("object"))]
        case .text:
            return [
                .init("type", .text("string")), .init("minLength", .integer(1)),
                .init("maxLength", .integer(1000)),
            ]
        case .word(let words):
            return [.init("enum", texts(words))]
        case .number(let range):
            return number(range)
        case .integer(let range):
            return [
                .init("type", .text("integer")), .init("minimum", .integer(range.lowerBound)),
                .init("maximum", .integer(range.upperBound)),
            ]
        case .numbers(let range):
            return list(of: .mapping(number(range)))
        case .degrees:
            let degrees = (0...6).map { DocumentValue.integer(1 << $0) }
            return list(of: .mapping([.init("enum", .list(degrees))]))
                + [.init("uniqueItems", .flag(true))]
        case .law(let range):
            let distribution = law(CaseFields.law(range))
            return [.init("anyOf", .list([.mapping(number(range)), distribution]))]
        case .tenants:
            let fields = CaseFields.tenant
            let properties = fields.map { DocumentValue.Entry($0.key, schema(of: $0)) }
            return list(of: .mapping(object(properties, required: required(fields))))
                + [.init("maxItems", .integer(TenantLabels.most))]
        case .pools:
            let fields = CaseFields.pool
            let properties = fields.map { DocumentValue.Entry($0.key, schema(of: $0)) }
            return list(of: .mapping(object(properties, required: required(fields))))
                + [.init("maxItems", .integer(CaseFields.mostPools))]
        case .poolName:
            return [
                .init("type", .text("string")), .init("minLength", .integer(1)),
                .init("maxLength", .integer(40)),
                .init("pattern", .text("^[a-z0-9][a-z0-9.-]*$")),
            ]
        case .parallelisms:
            let word: [DocumentValue.Entry] = [
                .init("type", .list([.text("string"), .text("integer")])),
                .init("pattern", .text("^[0-9]+(dp[0-9]+)?(ep[0-9]+)?$")),
            ]
            return list(of: .mapping(word)) + [.init("uniqueItems", .flag(true))]
        case .components(let range):
            return list(of: law(CaseFields.component(range))) + [.init("maxItems", .integer(100))]
        }
    }

    private static func law(_ fields: [CaseField]) -> DocumentValue {
        let properties = fields.map { DocumentValue.Entry($0.key, schema(of: $0)) }
        return .mapping(object(properties, required: self.required(fields)))
    }

    private static func number(_ range: NumberRange) -> [DocumentValue.Entry] {
        [
            .init("type", .text("number")),
            .init(range.excludesLow ? "exclusiveMinimum" : "minimum", .decimal(range.low)),
            .init("maximum", .decimal(range.high)),
        ]
    }

    private static func list(of items: DocumentValue) -> [DocumentValue.Entry] {
        [.init("type", .text("array")), .init("minItems", .integer(1)), .init("items", items)]
    }

    private static func texts(_ words: [String]) -> DocumentValue {
        .list(words.map(DocumentValue.text))
    }
}

extension CaseField {
    /// Summary with unit and default, in one line.
    fileprivate var described: String {
        let inUnit = unit.isEmpty ? "" : " In \(unit)."
        guard case .derived(let text) = fallback else { return summary + inUnit }
        return summary + inUnit + " Default: \(text)."
    }
}
