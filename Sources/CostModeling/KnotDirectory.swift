/// The piece at which the search for a number begins, by the number's first binary digits.
///
/// Knots of costs lie evenly in the logarithm, so that a bucket of a sixteenth of an octave holds few
/// of them.
struct KnotDirectory: Hashable, Sendable {
    /// Digits of a Double behind the sixteen that choose a bucket: sign, exponent and four of the
    /// mantissa.
    private static let shift: UInt64 = 48
    /// Fewer knots are found as fast by bisection.
    private static let fewest = 6
    /// More would make a table that is no longer small.
    private static let mostBuckets = 1 << 12

    private let first: Int
    /// For each bucket the last piece that begins before it, or with it.
    private let starts: [Int32]

    /// Nil where it is not worth its memory, or knots are negative.
    init?(_ xs: [Double]) {
        guard xs.count >= Self.fewest, xs[0] >= 0,
            let lowest = xs.first(where: { $0 > 0 })
        else { return nil }
        let (first, last) = (Self.bucket(lowest), Self.bucket(xs[xs.count - 1]))
        guard last - first < Self.mostBuckets else { return nil }
        var piece = 0
        var starts: [Int32] = []
        for bucket in first...last {
            // Numbers of the first bucket may lie before the lowest positive knot.
            let begin = Double(bitPattern: UInt64(bucket) << Self.shift)
            if bucket > first {
                while piece + 2 < xs.count, xs[piece + 1] <= begin { piece += 1 }
            }
            starts.append(Int32(piece))
        }
        self.first = first
        self.starts = starts
    }

    /// A piece at or before the one that holds `x`, which lies between the first and the last knot.
    @inline(__always)
    func start(_ x: Double) -> Int { Int(starts[max(0, Self.bucket(x) - first)]) }

    @inline(__always)
    private static func bucket(_ x: Double) -> Int { Int(x.bitPattern >> shift) }
}

extension KnotDirectory? {
    /// Index of the last of `xs` at or before `x`, which lies between the first and the last of them;
    /// by bisection without a directory.
    @inline(__always)
    func piece(holding x: Double, of xs: [Double]) -> Int {
        if let self {
            var low = self.start(x)
            while xs[low + 1] <= x { low += 1 }
            return low
        }
        var (low, high) = (0, xs.count - 1)
        while high - low > 1 {
            let middle = (low + high) / 2
            if xs[middle] <= x { low = middle } else { high = middle }
        }
        return low
    }
}
