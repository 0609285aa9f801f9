import Catalog
import CostModeling
import Crypto
import Deploying
import Foundation
import ServingDomain

/// The curves that a case's costs are made of, and where they come from.
///
/// Timings of the store come first, if some of them were taken on the GPU; the fit that ships with the
/// GPU's facts is used for shapes of which it has none (operators, if it is of another engine), and for all
/// of them without such timings. What neither has is that of the nearest shape, or else analytic.
struct CostProfile: Sendable {
    let fit: ProfileFit
    /// One line for people: which timings, of which engine.
    let source: String
    /// SHA-256 over the curves.
    let digest: String
    /// Engine and version whose kernels were timed, and the day of the fit, where they are known.
    let kernels: (engine: String, version: String, date: String?)?

    /// What rules ask about the profile.
    func facts(of gpu: String) -> ProfileFacts {
        ProfileFacts(
            gpu: gpu, engine: kernels?.engine, version: kernels?.version, date: kernels?.date,
            summaries: fit.summaries)
    }

    /// The curves of a pool's GPUs, for workers of the usual degrees and of some kinds.
    static func find(
        for pool: GPUPool, _ platform: CaseDraft.Platform, _ draft: CaseDraft,
        kinds: [WorkerKind], common: CommonOptions, catalog: Catalog
    ) throws(Failure) -> Self {
        let behaviour = draft.engine.behaviour
        func shapes(_ degrees: [TensorParallelDegree], _ split: ModelSplit) -> [OperatorShape] {
            StepOperators.shapes(
                of: platform.model, weightFormat: platform.weightFormat,
                kvFormat: platform.kvFormat, degrees: degrees, split: split)
        }
        let plain = [behaviour.servingSplit, behaviour.prefillSplit].flatMap { split in
            shapes(TensorParallelDegree.usual + draft.planning.degrees, split)
        }
        let own = kinds.flatMap { kind in
            kind.parallelism.split.map { shapes([kind.degree], $0) } ?? []
        }
        return try find(
            for: pool.hardware, engine: draft.engine, common: common, catalog: catalog,
            shapes: plain + own + [Self.copyInsideNode])
    }

    /// A copy from GPU to GPU inside a node, as tables of send and receive have it.
    private static let copyInsideNode = OperatorShape.pointToPoint(path: "nccl-2-per-node")

    /// Bandwidth of a large copy inside a node, where the profile has timings of it.
    var measuredCopyBandwidth: Bandwidth? {
        guard let entry = fit.entries[Self.copyInsideNode], entry.trust ?? fit.trust != .analytic
        else { return nil }
        let curve = entry.curve
        let bytes = curve.range.upperBound
        let seconds = curve(OperatorPoint(x: Int(bytes))) / 1e9
        return seconds > 0
            ? Bandwidth(bytesPerSecond: (bytes / seconds / 1e9).rounded() * 1e9) : nil
    }

    static func find(
        for hardware: HardwareSpec, engine: Engine?, common: CommonOptions, catalog: Catalog,
        shapes: [OperatorShape]
    ) throws(Failure) -> Self {
        let stored = try StoredProfile(gpu: hardware.name, engine: engine, common: common)
        let shipped = try ShippedCurves(hardware.name, catalog)
        let wanted = shapes + shapes.flatMap(CurveResolver.bounds)
        // Timings that nobody took never displace a fit of some that were.
        if let stored, stored.isMeasured || shipped == nil {
            let own = try (shipped == nil ? stored : stored.taken).fit(for: wanted)
            own.warnOfDefects(on: hardware)
            guard let shipped else { return own.namingAnalytic(among: shapes) }
            return try [shipped.profile(), stored.guessed.fit(for: wanted)]
                .reduce(own) { $0.filled(with: $1, wherever: wanted) }
                .namingAnalytic(among: shapes)
        }
        if let shipped { return try shipped.profile() }
        let empty = ProfileFit(trust: .analytic, entries: [])
        return Self(fit: empty, source: "analytic roofline of \(hardware.name)")
    }

    /// These curves, with those of `other` for shapes that these lack, or for operators where `other` is not of
    /// the same engine.
    private func filled(with other: Self, wherever needed: [OperatorShape]) -> Self {
        let isSame = kernels != nil && kernels?.engine == other.kernels?.engine
        let more = fit.filled(
            with: other.fit, of: isSame ? .shapes : .operators, wherever: needed)
        guard let more else { return self }
        return Self(
            fit: more,
            source:
                "\(source); \(isSame ? "shapes" : "operators") that it lacks from \(other.source)",
            kernels: kernels ?? other.kernels)
    }

    /// Says where timings cannot have been taken on the GPU, for they beat its peak.
    private func warnOfDefects(on hardware: HardwareSpec) {
        let defects = fit.defects(Roofline(hardware: hardware))
        guard let worst = defects.max(by: { $0.ratio < $1.ratio }) else { return }
        let record = worst.shape.record
        Console.say(
            "warning: \(source): timings of \(defects.count) shapes beat the peak of \(hardware.name), "
                + "\(record.kind) \(record.dimensions) by a factor of "
                + "\((worst.ratio * 100).rounded() / 100); were they taken on another GPU?")
    }

    /// What takes most of the time of steps, so that it is worth a word where nobody timed it.
    private static let mainKinds: Set = [
        "gemm", "prefill_attention", "decode_attention", "experts", "all_reduce",
    ]

    /// These curves, whose source says which of the main operators are analytic.
    private func namingAnalytic(among needed: [OperatorShape]) -> Self {
        let known = MeasuredShapes(fit.shapes)
        let kinds = Set(needed.filter { known.standIn(for: $0) == nil }.map(\.record.kind))
            .intersection(Self.mainKinds).sorted()
        guard !kinds.isEmpty else { return self }
        return Self(
            fit: fit, source: "\(source); analytic \(kinds.joined(separator: ", "))",
            kernels: kernels)
    }

    init(
        fit: ProfileFit, source: String,
        kernels: (engine: String, version: String, date: String?)? = nil
    ) {
        self.fit = fit
        self.source = source
        self.kernels = kernels
        let file = FitFile(
            fit: fit, gpu: "", engine: "", engineVersion: "", source: "", date: "")
        digest = "sha256:" + SHA256.hash(data: CurveBytes(of: file).bytes).hexadecimal
    }
}

extension Sequence where Element == UInt8 {
    /// Two lower-case hexadecimal digits per byte.
    var hexadecimal: String {
        map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

extension ProfileFacts {
    /// Of curves that nobody's timings stand behind.
    static let untimed = "nobody"

    /// Whose timings of kernels the curves are made of, in words.
    var timings: String {
        guard let engine, let version else { return Self.untimed }
        return "\(engine) \(version) " + (date.map { "of \($0)" } ?? "in the store")
    }
}
