public import ServingDomain

/// Carries timings of one GPU over to another by the ratio of both rooflines at each point.
///
/// What a kernel reaches of the first GPU's roofline it is taken to reach of the other's: right where both
/// run the same kernels, and no better than the peak figures of both.
public struct RooflineScaling: Sendable {
    public let from: Roofline
    public let to: Roofline

    public init(from: HardwareSpec, to: HardwareSpec) {
        self.from = Roofline(hardware: from)
        self.to = Roofline(hardware: to)
    }

    /// The timing on the other GPU; as it was for what no roofline describes, such as host time.
    ///
    /// Rows of absent experts are not in the ratio: with them as memory's, timings of experts in bf16 between H100 and H200 are
    /// 8.5 % off in the median, and 7.7 % without.
    public func scaled(_ sample: TimingSample) -> TimingSample {
        let (here, there) = (
            from.time(sample.shape, at: sample.point), to.time(sample.shape, at: sample.point)
        )
        let ratio = here > 0 && there > 0 ? there / here : 1
        return TimingSample(
            shape: sample.shape, point: sample.point,
            nanoseconds: max(1, sample.nanoseconds * ratio))
    }

    /// How far timings that are carried over are from those of the other GPU, by kind and format.
    ///
    /// - Parameters:
    ///   - samples: timings of the first GPU.
    ///   - measured: timings of the other; points that only one of both has do not count.
    /// - Returns: in the order of kinds, with the signed median as (scaled - measured) / measured.
    public func errors(
        of samples: [TimingSample], against measured: [TimingSample]
    ) -> [ScalingError] {
        let truth = Self.medians(measured)
        var errors: [[String]: [Double]] = [:]
        for (point, time) in Self.medians(samples.map(scaled)) {
            guard let known = truth[point] else { continue }
            let record = point.shape.record
            errors[[record.kind, record.format], default: []].append((time - known) / known)
        }
        return errors.map { key, errors in
            ScalingError(kind: key[0], format: key[1], errors: errors)
        }.sorted { lhs, rhs in
            let order = OperatorRecord.kinds
            let ranks = (
                order.firstIndex(of: lhs.kind) ?? 0, order.firstIndex(of: rhs.kind) ?? 0
            )
            return ranks.0 != ranks.1 ? ranks.0 < ranks.1 : lhs.format < rhs.format
        }
    }

    private struct Place: Hashable {
        let shape: OperatorShape
        let point: OperatorPoint
    }

    private static func medians(_ samples: [TimingSample]) -> [Place: Double] {
        Dictionary(grouping: samples) { Place(shape: $0.shape, point: $0.point) }
            .compactMapValues { quantile($0.map(\.nanoseconds).sorted(), 0.5) }
    }
}

/// Errors of timings of one kind and format that were carried over.
public struct ScalingError: Hashable, Sendable {
    public let kind: String
    public let format: String
    public let points: Int
    /// Median of (scaled - measured) / measured.
    public let median: Double
    /// Median and 95th percentile of the same without its sign.
    public let medianAbsolute: Double
    public let p95Absolute: Double

    /// - Precondition: `errors` is not empty.
    init(kind: String, format: String, errors: [Double]) {
        self.kind = kind
        self.format = format
        points = errors.count
        median = quantile(errors.sorted(), 0.5) ?? 0
        let absolute = errors.map(abs).sorted()
        medianAbsolute = quantile(absolute, 0.5) ?? 0
        p95Absolute = quantile(absolute, 0.95) ?? 0
    }
}
