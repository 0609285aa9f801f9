import ServingDomain

/// What an engine's kernels do where experts are dealt out over GPUs.
extension EngineFacts {
    /// With GPUs on which they go over the rows of every token; none where nothing is said.
    static func dealtExperts(
        _ fields: Fields?, of engine: String, _ gpus: GPUNames
    ) throws(CatalogError) -> DealtExperts {
        guard let fields else { return DealtExperts(engine: engine) }
        try fields.refuseKeys(except: ["every_row_on", "source"])
        _ = try fields.text("source")
        let hardware = try fields.gpus("every_row_on", gpus)
        guard !hardware.isEmpty else {
            throw fields.invalid("every_row_on", expected: "one or more names of GPUs")
        }
        return DealtExperts(engine: engine, everyRowOn: Set(hardware))
    }
}
