/// What an engine multiplies weights in mxfp4 with on GPUs whose matrix units take four bits.
///
/// Elsewhere these weights are expanded to the 16 bits of the activations.
public struct ExpertActivations: Hashable, Sendable {
    /// Names of GPUs on which activations are quantised to eight bits (mxfp8).
    public let fp8On: Set<String>
    public let source: String

    public init(fp8On: Set<String>, source: String) {
        self.fp8On = fp8On
        self.source = source
    }
}

extension HardwareSpec {
    /// Whether matrix units take weights of four bits as they are.
    public var takesFourBits: Bool { peakFLOPS[.nvfp4] != nil }
}

extension NumberFormat {
    /// Whether what weights in this format are multiplied with is an engine's choice on a GPU.
    public func leavesActivations(to hardware: HardwareSpec) -> Bool {
        self == .mxfp4 && hardware.takesFourBits
    }
}
