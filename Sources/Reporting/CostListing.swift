public import CostModeling
public import ServingDomain

/// A model on a GPU whose costs are asked for.
public struct CostQuestion: Sendable {
    public struct Step: Hashable, Sendable {
        let phase: Phase
        /// Increment or batch.
        let tokens: Int
        /// History, or context per sequence.
        let cached: Int

        public init(phase: Phase, tokens: Int, cached: Int) {
            self.phase = phase
            self.tokens = tokens
            self.cached = cached
        }
    }

    let model: ModelSpec
    let weightFormat: NumberFormat
    let kvFormat: NumberFormat
    let hardware: HardwareSpec
    let engine: Engine
    let degrees: [TensorParallelDegree]

    public init(
        model: ModelSpec, weightFormat: NumberFormat, kvFormat: NumberFormat,
        hardware: HardwareSpec, engine: Engine, degrees: [TensorParallelDegree]
    ) {
        self.model = model
        self.weightFormat = weightFormat
        self.kvFormat = kvFormat
        self.hardware = hardware
        self.engine = engine
        self.degrees = degrees
    }
}

/// Step times at each degree, as table or document.
public struct CostListing: Answer, Sendable {
    private struct Row {
        let degree: TensorParallelDegree
        let step: CostQuestion.Step
        let time: StepTime
        /// Nanoseconds with host time, as the simulator uses it.
        let withHost: Double
    }

    private let rows: [Row]
    /// Kernels that the engine's version has in decode in place of experts that were timed.
    public let slowerExperts: [SlowerExperts]

    public init(question: CostQuestion, fit: ProfileFit, steps: [CostQuestion.Step]) {
        let roofline = Roofline(
            hardware: question.hardware,
            mxfp4Activations: question.engine.expertActivations.format(on: question.hardware.name))
        let costs = CostModel.build(
            question, degrees: question.degrees,
            resolver: CurveResolver(fit: fit, roofline: roofline))
        slowerExperts = costs.slowerExperts
        rows = steps.flatMap { step in
            question.degrees.compactMap { degree in
                guard
                    let time = costs.stepTime(
                        step.phase, degree: degree, tokens: step.tokens, cached: step.cached,
                        roofline: roofline), let worker = costs.worker(degree)
                else { return nil }
                let phase = step.phase == .prefill ? worker.prefill : worker.decode
                return Row(
                    degree: degree, step: step, time: time,
                    withHost: phase.time(tokens: step.tokens, cached: step.cached))
            }
        }
    }

    public var table: TextTable {
        var table = TextTable([
            ("phase", .left), ("tokens", .right), ("cached", .right), ("tp", .right),
            ("operators_ms", .right), ("floor_ms", .right), ("times_floor", .right),
            ("step_ms", .right), ("trust", .left), ("extrapolated", .left),
        ])
        for row in rows {
            table.append([
                row.step.phase.rawValue, String(row.step.tokens), String(row.step.cached),
                row.degree.description, milliseconds(row.time.operatorSum),
                milliseconds(row.time.floor),
                String(rounded(row.time.operatorSum / row.time.floor, 2)),
                milliseconds(row.withHost), row.time.trust.headline.rawValue,
                String(row.time.extrapolated),
            ])
        }
        return table
    }

    public var value: JSONValue {
        .array(
            rows.map { row in
                [
                    "phase": .string(row.step.phase.rawValue),
                    "tokens": .integer(row.step.tokens), "cached": .integer(row.step.cached),
                    "tp": .integer(row.degree.value),
                    "operators_ms": .number(rounded(row.time.operatorSum / 1e6, 5)),
                    "floor_ms": .number(rounded(row.time.floor / 1e6, 5)),
                    "step_ms": .number(rounded(row.withHost / 1e6, 5)),
                    "trust": .string(row.time.trust.headline.rawValue),
                    "extrapolated": .bool(row.time.extrapolated),
                ]
            })
    }

    private func milliseconds(_ nanoseconds: Double) -> String {
        String(rounded(nanoseconds / 1e6, 3))
    }
}

extension CostModel {
    /// Costs without transfers, for a question that has no cluster.
    fileprivate static func build(
        _ question: CostQuestion, degrees: [TensorParallelDegree], resolver: CurveResolver
    ) -> Self {
        build(
            ServedModel(
                model: question.model, weightFormat: question.weightFormat,
                kvFormat: question.kvFormat),
            degrees: degrees, resolver: resolver, overhead: question.engine.stepOverhead,
            transfer: TransferCosts(
                latency: .zero, bandwidth: question.hardware.intraNode.bandwidth,
                bytesPerToken: question.model.kvBytesPerToken(question.kvFormat)))
    }
}

extension CostListing {
    static let shape = DocumentShape.list(
        .object([
            "phase": .phase, "tokens": .count, "cached": .count, "tp": .positive,
            "operators_ms": .amount, "floor_ms": .amount, "step_ms": .amount, "trust": .trust,
            "extrapolated": .flag,
        ]))
}

extension DocumentShape {
    static let phase = oneOf(Phase.allCases.map(\.rawValue))
    /// The dimensions of an operator by their names.
    static let dimensions = map(.count)
    static let operatorKind = oneOf(OperatorRecord.kinds)
}
