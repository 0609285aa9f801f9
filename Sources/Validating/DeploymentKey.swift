import DiscreteEvents
import ServingDomain

/// What rows share that measured the same.
struct DeploymentKey: Hashable {
    private let build: EngineVersion?
    private let campaign: String?
    private let layout: MeasuredRow.Layout
    private let lengths: [Int]
    private let concurrency: Int
    private let precisions: MeasuredRow.Precisions
    private let limits: MeasuredRow.Limits

    /// Lengths of recorded runs are drawn, so that they are as good as the same within a sixteenth of an octave.
    private static let stepsPerOctave = 16.0

    private static func step(_ tokens: Int) -> Int {
        let octaves = DeterministicMath.log(Double(max(tokens, 1))) / DeterministicMath.log(2)
        return Int((octaves * stepsPerOctave).rounded())
    }

    init(_ row: MeasuredRow) {
        build = row.build
        campaign = row.campaign
        layout = row.layout
        let nominal = [row.load.inputTokens, row.load.outputTokens]
        lengths =
            row.load.recorded == nil
            ? nominal
            : nominal.map { Self.step($0) }
        concurrency = row.load.concurrency
        precisions = row.precisions
        limits = row.limits
    }
}
