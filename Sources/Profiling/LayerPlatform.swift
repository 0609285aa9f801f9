internal import ServingDomain

/// What a file beside a table of layer timings says of it; nil where it says nothing.
public struct LayerMeta: Hashable, Sendable {
    public let model: String?
    public let gpu: String?
    public let version: String?
    /// Number format of weights and activations.
    public let variant: String?

    public init(
        model: String? = nil, gpu: String? = nil, version: String? = nil, variant: String? = nil
    ) {
        self.model = model
        self.gpu = gpu
        self.version = version
        self.variant = variant
    }
}

/// The model whose layers were timed, and how many GPUs shared them.
struct LayerPlatform {
    let model: ModelSpec
    let degree: Int
    /// Heads of one GPU.
    let attention: AttentionShape

    /// Puts together what the options, `meta.yaml` and the folder (`tpN`) of a table tell; what only
    /// the meta tells of the origin goes into the options.
    init(of file: SourceFile, _ options: inout ImportOptions) throws(ProfilingError) {
        let meta = try Self.meta(file, options)
        func unknown(_ reason: String) -> ProfilingError {
            .layersUnknown(file: file.path, reason: reason)
        }
        guard let name = options.model ?? meta.model else {
            throw unknown(
                "no model is named, expected --model or a meta.yaml with `model` in the folder above"
            )
        }
        guard let model = options.findModel(name) else {
            throw unknown("no model is called \(name.quoted), expected one of `models list`")
        }
        guard meta.variant == nil || meta.variant == "bf16" else {
            throw unknown(
                "the variant of its meta.yaml is \(meta.variant?.quoted ?? ""), and only bf16 is read"
            )
        }
        guard let folder = file.folders.last, folder.hasPrefix("tp"),
            let degree = Int(folder.dropFirst(2)), (1...64).contains(degree)
        else {
            throw unknown(
                "it does not lie in a folder tp1, tp2, ... that tells the GPUs of a worker")
        }
        guard case .grouped(let heads, let kvHeads, let dimension) = model.attention else {
            throw unknown("\(model.name) has latent attention, whose layers are not known")
        }
        options.gpu = options.gpu ?? meta.gpu
        options.engine = options.engine ?? "vllm"
        options.version = options.version ?? meta.version
        self.model = model
        self.degree = degree
        attention = AttentionShape(
            heads: Self.share(heads, degree), kvHeads: Self.share(kvHeads, degree),
            headDimension: dimension, window: 0, kvFormat: .bf16)
    }

    /// The `meta.yaml` in the folder of a table, or in the one above it.
    private static func meta(
        _ file: SourceFile, _ options: ImportOptions
    ) throws(ProfilingError) -> LayerMeta {
        guard let path = file.neighbours(named: "meta.yaml").first else { return LayerMeta() }
        do {
            return try options.readMeta(path)
        } catch {
            throw .layersUnknown(file: file.path, reason: String(describing: error))
        }
    }

    /// What one GPU has of so many.
    func share(_ size: Int) -> Int { Self.share(size, degree) }

    private static func share(_ size: Int, _ degree: Int) -> Int {
        max(1, (size + degree - 1) / degree)
    }
}
