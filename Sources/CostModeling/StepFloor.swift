public import ServingDomain

/// The least time of a whole step, and its operator sum, at one point.
public struct StepTime: Hashable, Sendable {
    /// Sum of the operators' times in nanoseconds, without host time.
    public let operatorSum: Double
    /// The larger of all FLOPs at peak and all bytes at full memory bandwidth, in nanoseconds;
    /// communication and latencies are not included.
    public let floor: Double
    public let trust: TrustShares
    /// Whether a curve was asked outside its fitted range.
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
        guard let parts = components[degree]?.filter({ $0.phase == phase }) else { return nil }
        var (sum, flopTime, byteTime) = (0.0, 0.0, 0.0)
        var extrapolated = false
        for part in parts {
            let point = part.use.point(
                tokens: tokens, cached: cached, sampled: phase == .prefill ? 1 : tokens)
            let count = Double(part.use.count)
            sum += count * max(part.resolved.curve(point), 0)
            extrapolated = extrapolated || !part.resolved.curve.covers(point)
            guard !part.use.shape.isTransfer else { continue }
            let work = part.use.shape.work(at: point) * count
            flopTime += work.flops / roofline.hardware.peak(part.use.shape.computeFormat) * 1e9
            byteTime += work.bytes / roofline.hardware.memoryBandwidth.bytesPerSecond * 1e9
        }
        return StepTime(
            operatorSum: sum, floor: max(flopTime, byteTime),
            trust: TrustShares(parts, tokens: tokens, cached: cached), extrapolated: extrapolated)
    }
}
