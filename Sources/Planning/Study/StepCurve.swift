import CostModeling
public import ServingDomain

/// The time of a step of one worker as the simulator computes it.
public struct StepCurve: Hashable, Sendable {
    public struct Point: Hashable, Sendable {
        /// New tokens of a prefill, or sequences of a decode step.
        public let size: Int
        public let nanoseconds: Double
        /// Whether everything in it lies inside the fitted ranges.
        public let isFitted: Bool
    }

    public let phase: Phase
    public let kind: WorkerKind
    /// Tokens of history, or mean context of a sequence.
    public let cached: Int
    public let points: [Point]

    /// Histories of a prefill and contexts of a decode step that are shown.
    public static let histories = [0, 16_384]
    public static let contexts = [2048, 16_384]
}

extension StudyRuns {
    /// Both cost functions of each kind of worker of a layout.
    func stepCurves(of layout: Deployment) -> [StepCurve] {
        let prefill = layout.prefillGroups.isEmpty ? layout.servingGroups : layout.prefillGroups
        return Self.distinct(prefill).flatMap { kind in
            StepCurve.histories.map { prefillCurve(kind, history: $0, layout) }
        }
            + Self.distinct(layout.servingGroups).flatMap { kind in
                StepCurve.contexts.map { decodeCurve(kind, context: $0) }
            }
    }

    static func distinct(_ groups: [WorkerGroup]) -> [WorkerKind] {
        groups.map(\.kind).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    private func prefillCurve(
        _ kind: WorkerKind, history: Int, _ layout: Deployment
    ) -> StepCurve {
        let worker =
            layout.prefillGroups.isEmpty ? costs.require(kind) : costs.requirePrefill(kind)
        let most = max(64, planningCase.model.maxContext.value - history)
        let points = Self.sizes(from: 16, to: min(131_072, most)).map { tokens in
            StepCurve.Point(
                size: tokens,
                nanoseconds: worker.prefillTime(history: history, increment: tokens),
                isFitted: worker.coversPrefill(history: history, increment: tokens))
        }
        return StepCurve(phase: .prefill, kind: kind, cached: history, points: points)
    }

    private func decodeCurve(_ kind: WorkerKind, context: Int) -> StepCurve {
        let worker = costs.require(kind)
        let points = Self.sizes(from: 1, to: 512).map { batch in
            StepCurve.Point(
                size: batch,
                nanoseconds: worker.decodeStepTime(batch: batch, totalContext: batch * context),
                isFitted: worker.decode.covers(tokens: batch, cached: context))
        }
        return StepCurve(phase: .decode, kind: kind, cached: context, points: points)
    }

    /// Powers of two and what lies half-way between them.
    private static func sizes(from least: Int, to most: Int) -> [Int] {
        var sizes: [Int] = []
        var size = least
        while size <= most {
            sizes.append(size)
            if size > 1, size * 3 / 2 <= most { sizes.append(size * 3 / 2) }
            size *= 2
        }
        return sizes
    }
}
