/// The curves of a fit as bytes that are equal exactly where the curves are, for a digest of them.
///
/// Neither the origin of the timings nor the day of the fit is in them. Every number takes eight bytes,
/// least significant first; words and lists have their count in front, and what is absent is a count of -1.
public struct CurveBytes: Sendable {
    public private(set) var bytes: [UInt8] = []

    public init(of file: FitFile) {
        append(file.curves.count)
        for curve in file.curves { append(curve) }
    }

    private mutating func append(_ curve: FitFile.Entry) {
        append(curve.kind)
        append(curve.format)
        append(curve.variant)
        append(curve.dims) { $0.append($1) }
        append(curve.form)
        append(curve.x) { bytes, xs in bytes.append(xs) { $0.append($1) } }
        append(curve.us) { bytes, us in bytes.append(us) { $0.append($1) } }
        append(curve.members) { $0.append($1) }
        append(curve.samples)
        append(curve.heldOut)
        append(curve.medianError.map { [$0] }) { $0.append($1) }
        append(curve.p95Error.map { [$0] }) { $0.append($1) }
        append(curve.monotoneCost)
    }

    private mutating func append<Element>(
        _ list: [Element]?, _ each: (inout Self, Element) -> Void
    ) {
        append(list?.count ?? -1)
        for element in list ?? [] { each(&self, element) }
    }

    private mutating func append(_ word: String?) {
        append(word?.utf8.count ?? -1)
        bytes += (word ?? "").utf8
    }

    private mutating func append(_ number: Int) {
        append(UInt64(bitPattern: Int64(number)))
    }

    private mutating func append(_ number: Double) {
        append(number.bitPattern)
    }

    private mutating func append(_ bits: UInt64) {
        for shift in stride(from: 0, to: 64, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: bits >> UInt64(shift)))
        }
    }
}
