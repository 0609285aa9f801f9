import ServingDomain

extension EngineFacts {
    /// What an engine multiplies weights in mxfp4 with; 16 bits where nothing is said.
    static func expertActivations(
        _ fields: Fields?, _ gpus: GPUNames
    ) throws(CatalogError) -> ExpertActivations {
        guard let fields else { return ExpertActivations() }
        try fields.refuseKeys(except: ["fp8_on", "source"])
        let hardware = try fields.gpus("fp8_on", gpus)
        guard !hardware.isEmpty else {
            throw fields.invalid("fp8_on", expected: "one or more names of GPUs")
        }
        return ExpertActivations(fp8On: Set(hardware), source: try fields.text("source"))
    }
}
