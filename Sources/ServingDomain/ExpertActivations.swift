/// What an engine multiplies experts in mxfp4 with on GPUs whose matrix units take four bits.
///
/// Elsewhere these weights are expanded to the 16 bits of the activations.
public struct ExpertActivations: Hashable, Sendable {
    /// On all such GPUs, as somebody said: bf16 or fp8; nil leaves it to the engine.
    public let stated: NumberFormat?
    /// Names of GPUs on which the engine quantises activations to eight bits (mxfp8) by itself.
    public let fp8On: Set<String>
    /// Where the latter is known from; empty for no GPU.
    public let source: String

    public init(stated: NumberFormat? = nil, fp8On: Set<String> = [], source: String = "") {
        self.stated = stated
        self.fp8On = fp8On
        self.source = source
    }

    /// The format on a GPU of that name.
    public func format(on gpu: String) -> NumberFormat {
        stated ?? (fp8On.contains(gpu) ? .fp8 : .bf16)
    }

    /// The same where something else, or nothing, is stated.
    public func stating(_ format: NumberFormat?) -> Self {
        Self(stated: format, fp8On: fp8On, source: source)
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

extension ModelSpec {
    /// The same of the model's experts; whatever else a model has stays in 16 bits beside weights in mxfp4.
    public func leavesActivations(
        of weights: NumberFormat, to hardware: HardwareSpec
    ) -> Bool {
        mixture != nil && weights.leavesActivations(to: hardware)
    }
}

extension Case {
    /// What experts in mxfp4 are multiplied with on a GPU; nil where an engine has no choice.
    public func mxfp4Activations(on gpu: HardwareSpec) -> NumberFormat? {
        model.leavesActivations(of: weightFormat, to: gpu)
            ? engine.expertActivations.format(on: gpu.name) : nil
    }
}
