import CostModeling
import Foundation
import Profiling
import ServingDomain

/// What the profile store holds about one GPU.
struct StoredProfile {
    private let store: ProfileStore
    /// What to prefer first: measured before scaled before analytic, the asked engine and version, the newest.
    private let contexts: [ContextSummary]

    /// Whether some of its timings were taken on the GPU.
    var isMeasured: Bool { contexts.contains(where: \.isTaken) }
    /// The timings that were taken on the GPU.
    var taken: Self { Self(store: store, contexts: contexts.filter(\.isTaken)) }
    /// The timings that nobody took.
    var guessed: Self { Self(store: store, contexts: contexts.filter { !$0.isTaken }) }

    /// The context whose timings are preferred.
    var preferred: ProfileContext { contexts[0].context }

    private init(store: ProfileStore, contexts: [ContextSummary]) {
        self.store = store
        self.contexts = contexts
    }

    /// Opens the store for reading; nil where there is none and none was named, or where it holds
    /// nothing about this GPU.
    init?(gpu: String, engine: Engine?, common: CommonOptions) throws(Failure) {
        guard let store = try ProfileStore.existing(common) else { return nil }
        self.store = store
        do {
            contexts = try store.contexts().filter { $0.context.gpu == gpu }
                .sorted { Self.precedes($0, $1, engine) }
        } catch {
            throw Failure(error)
        }
        guard !contexts.isEmpty else { return nil }
    }

    /// Timings of the decode attention among `needed` beside prompts, and of uneven batches.
    private func beside(
        _ needed: [OperatorShape], in summary: ContextSummary
    ) throws(ProfilingError) -> [OperatorShape] {
        let needed = Set(needed)
        return try store.shapes(in: summary.context, trust: summary.trust).filter { shape in
            switch shape {
            case .mixedDecodeAttention(let attention), .unevenDecodeAttention(let attention, _):
                needed.contains(.decodeAttention(attention))
            default: false
            }
        }
    }

    /// Fits some shapes of a context, or all, with what others of their families say of gaps.
    private func fitted(
        _ wanted: Set<OperatorShape>?, in summary: ContextSummary,
        knotPenalty: Double = MonotoneFit.usualPenalty
    ) throws(ProfilingError) -> ProfileFit {
        let samples: [TimingSample]
        if let wanted {
            let families = Set(wanted.map(OperatorFamily.init))
            let read = try store.shapes(in: summary.context, trust: summary.trust).filter { shape in
                wanted.contains(shape)
                    || families.contains(OperatorFamily(shape))
            }
            samples = try store.samples(
                in: summary.context, of: Set(read), trust: summary.trust)
        } else {
            samples = try store.samples(in: summary.context, trust: summary.trust)
        }
        return ProfileFit.fit(
            samples, of: wanted, trust: summary.trust, knotPenalty: knotPenalty
        ).timed(with: "\(summary.context.engine) \(summary.context.version)")
    }

    /// Fits what `needed` asks for: own shapes where they were measured, else their neighbours.
    func fit(for needed: [OperatorShape]) throws(Failure) -> CostProfile {
        do {
            var fit: ProfileFit?
            var used: [ContextSummary] = []
            for summary in contexts {
                let measured = MeasuredShapes(
                    try store.shapes(in: summary.context, trust: summary.trust))
                let missing = needed.filter { fit?.entries[$0] == nil }
                // Which of the two an engine takes is a matter of its kernels.
                let standIns = [false, true].flatMap { ownRows in
                    missing.compactMap { measured.standIn(for: $0, ownRows: ownRows)?.shape }
                }
                let wanted = Set(standIns)
                    .union(try beside(missing, in: summary))
                guard !wanted.isEmpty else { continue }
                let more = try fitted(wanted, in: summary)
                fit = fit?.filled(with: more) ?? more
                used.append(summary)
            }
            let kernels = used.first(where: \.isTaken)?.context
            let sources = used.map { "\($0.context.engine) \($0.context.version)" }
            let name = contexts.first?.context.gpu ?? ""
            return CostProfile(
                fit: fit ?? ProfileFit(trust: .analytic, entries: []),
                source: "store, \(name): "
                    + (used.isEmpty
                        ? "nothing that is asked for" : sources.joined(separator: ", ")),
                kernels: kernels.map { ($0.engine, $0.version, nil) })
        } catch {
            throw Failure(error)
        }
    }

    /// Timings of some shapes, each of the preferred context that has it.
    func samples(of shapes: Set<OperatorShape>) throws(Failure) -> [TimingSample] {
        var found: [TimingSample] = []
        var missing = shapes
        do {
            for summary in contexts where !missing.isEmpty {
                let more = try store.samples(
                    in: summary.context, of: missing, trust: summary.trust)
                found += more
                missing.subtract(more.map(\.shape))
            }
        } catch {
            throw Failure(error)
        }
        return found
    }

    /// Fits every shape of every context.
    func fitAll(knotPenalty: Double) throws(Failure) -> ProfileFit {
        do {
            var fit: ProfileFit?
            for summary in contexts {
                let more = try fitted(nil, in: summary, knotPenalty: knotPenalty)
                fit = fit?.filled(with: more) ?? more
            }
            return fit ?? ProfileFit(trust: .analytic, entries: [])
        } catch {
            throw Failure(error)
        }
    }

    /// Every timing that was taken on the GPU, by context.
    func measured() throws(Failure) -> [(context: ProfileContext, samples: [TimingSample])] {
        var found: [(context: ProfileContext, samples: [TimingSample])] = []
        do {
            for summary in contexts where [.measured, .measuredFit].contains(summary.trust) {
                found.append(
                    (summary.context, try store.samples(in: summary.context, trust: summary.trust)))
            }
        } catch {
            throw Failure(error)
        }
        return found
    }

    private static func precedes(
        _ lhs: ContextSummary, _ rhs: ContextSummary, _ engine: Engine?
    ) -> Bool {
        func order(_ summary: ContextSummary) -> (Int, Int, Int) {
            (
                summary.trust == .analytic ? 2 : summary.trust == .scaled ? 1 : 0,
                // Scaled timings have the GPU that they come from behind the engine.
                summary.context.engine.split(separator: "@").first.map(String.init) == engine?.name
                    ? 0 : 1,
                EngineVersion(summary.context.version)
                    == engine?.version.flatMap(EngineVersion.init) ? 0 : 1
            )
        }
        let (left, right) = (order(lhs), order(rhs))
        if left != right { return left < right }
        if lhs.context.engine != rhs.context.engine {
            return lhs.context.engine < rhs.context.engine
        }
        let versions = lhs.context.version.compare(rhs.context.version, options: .numeric)
        return versions == .orderedDescending
    }
}

extension ContextSummary {
    /// Whether its timings were taken on the GPU.
    fileprivate var isTaken: Bool { ![.scaled, .analytic].contains(trust) }
}

extension ProfileStore {
    /// The store that the options name, made where it does not exist.
    static func writable(_ common: CommonOptions) throws(Failure) -> ProfileStore {
        do {
            let store = try open(path: common.storePath)
            Console.sayInDetail("profile store: \(common.storePath)")
            return store
        } catch {
            throw Failure(error)
        }
    }

    /// The store that the options name; nil where there is none and none was named.
    static func existing(_ common: CommonOptions) throws(Failure) -> ProfileStore? {
        guard FileManager.default.fileExists(atPath: common.storePath) else {
            guard common.storeIsNamed else { return nil }
            throw Failure(
                ToolExit.missingInput,
                "\(common.storePath): no such profile store; import timings into it first with "
                    + "`ampd-plan profile import`.")
        }
        return try writable(common)
    }

    /// The store that the options name, which must exist.
    static func required(_ common: CommonOptions) throws(Failure) -> ProfileStore {
        guard let store = try existing(common) else {
            throw Failure(
                ToolExit.missingInput,
                "\(common.storePath): no profile store yet; import timings with "
                    + "`ampd-plan profile import`, or name one with --store.")
        }
        return store
    }
}

extension Failure {
    init(_ error: ProfilingError) {
        let code =
            switch error {
            case .cannotRead(let path, _) where !FileManager.default.fileExists(atPath: path):
                ToolExit.missingInput
            case .cannotRead, .cannotOpen, .busy, .failed: ToolExit.readWrite
            default: ToolExit.badData
            }
        self.init(code, error.description)
    }
}
