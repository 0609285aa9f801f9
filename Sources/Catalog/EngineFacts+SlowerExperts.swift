import ServingDomain

/// Builds whose kernels of experts are not those that were timed.
extension EngineFacts {
    /// Each under a name of its own.
    static func slowerExperts(
        _ fields: Fields?, of engine: String, _ gpus: GPUNames
    ) throws(CatalogError) -> [SlowerExperts] {
        var found: [SlowerExperts] = []
        for name in fields?.keys ?? [] {
            guard let one = try fields?.requiredSection(name) else { continue }
            found.append(try slowerExperts(one, engine, gpus))
        }
        return found
    }

    private static func slowerExperts(
        _ fields: Fields, _ engine: String, _ gpus: GPUNames
    ) throws(CatalogError) -> SlowerExperts {
        try fields.refuseKeys(
            except: ["since", "before", "formats", "hardware", "decode_factor", "source"])
        func version(_ key: String) throws(CatalogError) -> EngineVersion {
            guard let version = EngineVersion(try fields.text(key)), version.numbers != nil else {
                throw fields.invalid(key, expected: "a version in quotes, such as \"0.15.0\"")
            }
            return version
        }
        let (since, before) = (try version("since"), try version("before"))
        guard before.isAtLeast(since) == true, since.isAtLeast(before) == false else {
            throw fields.invalid("before", expected: "a later version than \(since)")
        }
        let (formats, hardware) = (
            try fields.formats("formats"), try fields.gpus("hardware", gpus)
        )
        for (key, isEmpty) in [("formats", formats.isEmpty), ("hardware", hardware.isEmpty)]
        where isEmpty {
            throw fields.invalid(key, expected: "one or more")
        }
        return SlowerExperts(
            engine: engine, since: since, before: before, formats: Set(formats),
            hardware: Set(hardware),
            factor: try fields.number("decode_factor", in: 1...10),
            source: try fields.text("source"))
    }
}
