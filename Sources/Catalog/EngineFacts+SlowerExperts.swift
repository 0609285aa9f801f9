import ServingDomain

/// Builds whose kernels of experts are not those that were timed.
extension EngineFacts {
    /// Each under a name of its own.
    static func slowerExperts(
        _ fields: Fields?, of engine: String
    ) throws(CatalogError) -> [SlowerExperts] {
        var found: [SlowerExperts] = []
        for name in fields?.keys ?? [] {
            guard let one = try fields?.requiredSection(name) else { continue }
            found.append(try slowerExperts(one, engine))
        }
        return found
    }

    private static func slowerExperts(
        _ fields: Fields, _ engine: String
    ) throws(CatalogError) -> SlowerExperts {
        try fields.refuseKeys(
            except: ["since", "before", "formats", "hardware", "decode_factor", "source"])
        func version(_ key: String) throws(CatalogError) -> EngineVersion {
            guard let version = EngineVersion(try fields.text(key)), version.numbers != nil else {
                throw fields.invalid(key, expected: "a version in quotes, such as \"0.15.0\"")
            }
            return version
        }
        guard try !fields.formats("formats").isEmpty, try !fields.texts("hardware").isEmpty else {
            throw fields.missing("formats", "formats of weights, and GPUs as `hardware`")
        }
        return SlowerExperts(
            engine: engine, since: try version("since"), before: try version("before"),
            formats: Set(try fields.formats("formats")),
            hardware: Set(try fields.texts("hardware")),
            factor: try fields.number("decode_factor", in: 1...10),
            source: try fields.text("source"))
    }
}

extension Fields {
    /// Formats of numbers by name; none where the key is absent.
    func formats(_ key: String) throws(CatalogError) -> [NumberFormat] {
        try texts(key).map { name throws(CatalogError) in
            guard let format = NumberFormat(rawValue: name) else {
                throw invalid(
                    key,
                    expected: "some of "
                        + NumberFormat.allCases.map(\.rawValue).joined(separator: ", "))
            }
            return format
        }
    }
}

extension CaseResolver {
    /// What the engine's version has in place of the experts that were timed, told where the case has such.
    mutating func slowerExperts(
        _ facts: EngineFacts, _ engine: Engine, _ experts: (ModelSpec, NumberFormat),
        on gpus: [String]
    ) -> [SlowerExperts] {
        let (model, format) = experts
        let slower = facts.slowerExperts(version: engine.version)
        for one in slower
        where model.mixture != nil && one.formats.contains(format)
            && gpus.contains(where: one.hardware.contains)
        {
            _ = assume(
                "overhead.slower_experts", one, .decimal(one.factor),
                "\(facts.name) \(engine.version ?? ""): \(one.source)")
        }
        return slower
    }
}
