import ServingDomain

/// How well a fitted curve predicts timings that it did not see.
public struct FitQuality: Hashable, Sendable {
    public let samples: Int
    public let knots: Int
    /// Distinct points that were held out for the error figures: about a fifth.
    public let heldOut: Int
    /// Median and 95th percentile of |predicted − measured| / measured over the held-out points;
    /// nil where too few points exist to hold any out.
    public let medianError: Double?
    public let p95Error: Double?
    /// Median error on all points minus that of the same fit without the monotone constraint.
    public let monotoneCost: Double

    public init(
        samples: Int, knots: Int, heldOut: Int, medianError: Double?, p95Error: Double?,
        monotoneCost: Double
    ) {
        self.samples = samples
        self.knots = knots
        self.heldOut = heldOut
        self.medianError = medianError
        self.p95Error = p95Error
        self.monotoneCost = monotoneCost
    }
}

extension OperatorShape {
    /// Whether a point belongs to the held-out fifth: decided by a hash of shape and point, so
    /// that all repeats of a point are held out together and every run holds out the same ones.
    func holdsOut(_ point: OperatorPoint) -> Bool {
        var hash = StableHash()
        let record = record
        hash.mix(record.kind)
        hash.mix(record.format)
        hash.mix(record.variant)
        record.dimensions.forEach { hash.mix($0) }
        hash.mix(point.x)
        hash.mix(point.y)
        return hash.value % 5 == 0
    }
}

/// A hash of texts and numbers with a final avalanche: the same in every process and on every machine.
struct StableHash {
    private var bytes = ByteHash()

    mutating func mix(_ text: String) {
        bytes.combine(text.utf8)
        bytes.combine(CollectionOfOne(0))
    }

    mutating func mix(_ number: Int) {
        var rest = UInt64(bitPattern: Int64(number))
        for _ in 0..<8 {
            bytes.combine(CollectionOfOne(UInt8(truncatingIfNeeded: rest)))
            rest >>= 8
        }
    }

    var value: UInt64 {
        let state = bytes.value
        var mixed = (state ^ (state >> 33)) &* 0xff51_afd7_ed55_8ccd
        mixed = (mixed ^ (mixed >> 33)) &* 0xc4ce_b9fe_1a85_ec53
        return mixed ^ (mixed >> 33)
    }
}

/// Relative errors of a prediction.
func relativeErrors(
    _ samples: [TimingSample], _ predict: (OperatorPoint) -> Double
) -> [Double] {
    samples.map { abs(predict($0.point) - $0.nanoseconds) / $0.nanoseconds }.sorted()
}

/// Linear interpolation between order statistics; `sorted` must be in increasing order.
func quantile(_ sorted: [Double], _ share: Double) -> Double? {
    guard let last = sorted.last else { return nil }
    let position = share * Double(sorted.count - 1)
    let low = Int(position)
    guard low + 1 < sorted.count else { return last }
    return sorted[low] + (position - Double(low)) * (sorted[low + 1] - sorted[low])
}
