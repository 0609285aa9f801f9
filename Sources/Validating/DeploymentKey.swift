import ServingDomain

/// What rows share that measured the same.
struct DeploymentKey: Hashable {
    private let build: EngineVersion?
    private let layout: MeasuredRow.Layout
    private let load: MeasuredRow.Load
    private let precisions: MeasuredRow.Precisions
    private let limits: MeasuredRow.Limits

    init(_ row: MeasuredRow) {
        build = row.build
        layout = row.layout
        load = row.load
        precisions = row.precisions
        limits = row.limits
    }
}
