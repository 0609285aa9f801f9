import ServingDomain

/// `facts.yaml` of one GPU type.
struct HardwareFile {
    let hardware: HardwareSpec

    private static let sections = ["peak_tflops", "intra_node", "inter_node"]
    private static let values = [
        "memory_bytes", "memory_gbytes_per_s", "reserved_memory_bytes", "host_gbytes_per_s",
        "gpus_per_node", "linked_gpus", "operand_tflops", "multiprocessors", "boost_mhz", "power_w",
    ]

    init(_ tree: SourceValue) throws(CatalogError) {
        let fields = try Fields(tree)
        let facts = Self.sections + Self.values
        try fields.refuseKeys(except: ["name", "aliases", "source", "sources"] + facts)
        try fields.section("sources")?.refuseKeys(except: facts)
        let memory = try fields.integer("memory_bytes", in: 1 << 30...1 << 44)
        let gpusPerNode = try fields.integer("gpus_per_node", in: 1...72)
        hardware = HardwareSpec(
            name: try fields.text("name"), aliases: try fields.texts("aliases"),
            peakFLOPS: try Self.peaks(fields.requiredSection("peak_tflops")),
            operandRate: fields.value("operand_tflops") == nil
                ? nil : try fields.number("operand_tflops", in: 1e-3...1e6) * 1e12,
            multiprocessorClocks: try Self.clocks(fields),
            memory: Bytes(memory),
            memoryBandwidth: Bandwidth(
                gigabytesPerSecond: try fields.number("memory_gbytes_per_s", in: 1...1e6)),
            reservedMemory: Bytes(
                try fields.integer("reserved_memory_bytes", in: 0...memory)),
            intraNode: try Self.link(fields.requiredSection("intra_node")),
            interNode: try Self.link(fields.requiredSection("inter_node")),
            hostBandwidth: fields.value("host_gbytes_per_s") == nil
                ? nil
                : Bandwidth(
                    gigabytesPerSecond: try fields.number("host_gbytes_per_s", in: 1e-3...1e5)),
            gpusPerNode: gpusPerNode,
            linkedGPUs: try fields.integer(
                "linked_gpus", in: gpusPerNode...4096, default: gpusPerNode),
            power: try fields.number("power_w", in: 1...1e5), source: try fields.text("source"))
    }

    /// Both figures or none.
    private static func clocks(_ fields: Fields) throws(CatalogError) -> Double? {
        let keys = ["multiprocessors", "boost_mhz"]
        guard keys.contains(where: { fields.value($0) != nil }) else { return nil }
        let count = try fields.integer(keys[0], in: 1...10_000)
        return Double(count) * (try fields.number(keys[1], in: 100...10_000)) * 1e6
    }

    private static func peaks(_ fields: Fields) throws(CatalogError) -> [NumberFormat: Double] {
        try fields.refuseKeys(except: NumberFormat.computeFormats.map(\.rawValue))
        var peaks = [NumberFormat.bf16: try fields.number("bf16", in: 1e-3...1e6) * 1e12]
        for format in NumberFormat.computeFormats where fields.value(format.rawValue) != nil {
            peaks[format] = try fields.number(format.rawValue, in: 1e-3...1e6) * 1e12
        }
        return peaks
    }

    private static func link(_ fields: Fields) throws(CatalogError) -> HardwareSpec.Link {
        try fields.refuseKeys(except: ["gbytes_per_s", "latency_us"])
        let latency = try fields.number("latency_us", in: 0...1e6)
        return HardwareSpec.Link(
            bandwidth: Bandwidth(
                gigabytesPerSecond: try fields.number("gbytes_per_s", in: 1e-3...1e5)),
            latency: .nanoseconds(Int64((latency * 1e3).rounded())))
    }
}
