public import ServingDomain

/// The least time of a whole step, and its operator sum, at one point.
public struct StepTime: Hashable, Sendable {
    /// Sum of the operators' times in nanoseconds, without host time.
    public let operatorSum: Double
    /// The larger of all FLOPs at peak and all bytes at full memory bandwidth, in nanoseconds;
    /// communication and latencies are not included.
    public let floor: Double
    public let trust: TrustShares
    /// Whether more than a tenth of the time comes from outside the fitted ranges of the curves.
    public let extrapolated: Bool
}

extension CostModel {
    /// The step of one phase at one degree.
    ///
    /// - Parameters:
    ///   - phase: prefill or decode.
    ///   - degree: a degree that the model was built for.
    ///   - tokens: increment or batch.
    ///   - cached: history, or context per sequence.
    ///   - roofline: peak figures for the floor.
    /// - Returns: nil for a degree that the model was not built for.
    public func stepTime(
        _ phase: Phase, degree: TensorParallelDegree, tokens: Int, cached: Int, roofline: Roofline
    ) -> StepTime? {
        let parts = parts(of: WorkerKind(degree)).filter { $0.phase == phase }
        guard !parts.isEmpty else { return nil }
        var (sum, flopTime, byteTime) = (0.0, 0.0, 0.0)
        var outside = 0.0
        for part in parts {
            let time = part.time(tokens: tokens, cached: cached)
            sum += time
            if !part.covers(tokens: tokens, cached: cached) { outside += time }
            guard !part.use.shape.isTransfer else { continue }
            let work = part.work(tokens: tokens, cached: cached)
            flopTime += work.flops / roofline.peak(part.use.shape) * 1e9
            byteTime += work.bytes / roofline.hardware.memoryBandwidth.bytesPerSecond * 1e9
        }
        return StepTime(
            operatorSum: sum, floor: max(flopTime, byteTime),
            trust: TrustShares(parts, tokens: tokens, cached: cached),
            extrapolated: outside > StepComponent.tolerance * sum)
    }
}
