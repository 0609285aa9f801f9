/// Unpacks DEFLATE (RFC 1951), piece by piece.
struct Inflater {
    /// How far back a copy may reach.
    private static let window = 1 << 15

    private enum Block {
        case none
        case stored(left: Int)
        case packed(literals: HuffmanCode, distances: HuffmanCode)
    }

    private var block = Block.none
    private var isLast = false
    private(set) var isFinished = false
    /// The end of what was unpacked, and then more of it.
    private var output: [UInt8] = []

    /// Unpacks `count` bytes or a few more, fewer only at the end.
    mutating func read(
        _ bits: inout BitSource, upTo count: Int
    ) throws(WorkloadError) -> [UInt8] {
        let start = output.count
        while output.count - start < count, !isFinished { try step(&bits, until: start + count) }
        let bytes = Array(output[start...])
        if output.count > Self.window { output.removeFirst(output.count - Self.window) }
        return bytes
    }

    private mutating func step(
        _ bits: inout BitSource, until end: Int
    ) throws(WorkloadError) {
        switch block {
        case .none: try begin(&bits)
        case .stored(let left):
            let taken = min(left, max(1, end - output.count))
            output += try bits.bytes(taken)
            if left == taken { endBlock() } else { block = .stored(left: left - taken) }
        case .packed(let literals, let distances):
            while output.count < end {
                let symbol = try literals.symbol(&bits)
                if symbol < 256 {
                    output.append(UInt8(symbol))
                } else if symbol == 256 {
                    return endBlock()
                } else {
                    try copy(symbol - 257, distances, &bits)
                }
            }
        }
    }

    private mutating func endBlock() {
        block = .none
        isFinished = isLast
    }

    private mutating func begin(_ bits: inout BitSource) throws(WorkloadError) {
        isLast = try bits.bits(1) == 1
        switch try bits.bits(2) {
        case 0:
            bits.alignToByte()
            let (length, check) = (try bits.bits(16), try bits.bits(16))
            guard length == ~check & 0xFFFF else { throw Self.damaged }
            block = .stored(left: length)
            if length == 0 { endBlock() }
        case 1: block = .packed(literals: .fixedLiterals, distances: .fixedDistances)
        case 2: try beginDynamic(&bits)
        default: throw Self.damaged
        }
    }

    /// Reads the codes of a block, which are packed by a code themselves.
    private mutating func beginDynamic(_ bits: inout BitSource) throws(WorkloadError) {
        let literals = try bits.bits(5) + 257
        let distances = try bits.bits(5) + 1
        let count = try bits.bits(4) + 4
        var lengths = [UInt8](repeating: 0, count: 19)
        for place in Self.order.prefix(count) { lengths[place] = UInt8(try bits.bits(3)) }
        let code = try HuffmanCode(lengths)
        var all: [UInt8] = []
        while all.count < literals + distances {
            switch try code.symbol(&bits) {
            case 16:
                guard let last = all.last else { throw Self.damaged }
                all += Array(repeating: last, count: try bits.bits(2) + 3)
            case 17: all += Array(repeating: 0, count: try bits.bits(3) + 3)
            case 18: all += Array(repeating: 0, count: try bits.bits(7) + 11)
            case let length: all.append(UInt8(length))
            }
        }
        guard all.count == literals + distances else { throw Self.damaged }
        block = .packed(
            literals: try HuffmanCode(Array(all[..<literals])),
            distances: try HuffmanCode(Array(all[literals...])))
    }

    private mutating func copy(
        _ length: Int, _ distances: HuffmanCode, _ bits: inout BitSource
    ) throws(WorkloadError) {
        guard length < Self.lengths.count else { throw Self.damaged }
        let count = Self.lengths[length] + (try bits.bits(Self.lengthBits[length]))
        let symbol = try distances.symbol(&bits)
        guard symbol < Self.distances.count else { throw Self.damaged }
        let back = Self.distances[symbol] + (try bits.bits(Self.distanceBits[symbol]))
        guard back <= output.count else { throw Self.damaged }
        let start = output.count - back
        // What is copied may reach into what the copy writes.
        for offset in 0..<count { output.append(output[start + offset]) }
    }

    static let damaged = WorkloadError.badEncoding(found: "gzip that is damaged")

    /// In which the lengths of code lengths are written (RFC 1951, 3.2.7).
    private static let order = [
        16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
    ]
    /// Lengths and distances of RFC 1951, 3.2.5: each base is the one before and all that its extra bits
    /// count, but for the last length, which has a symbol of its own.
    private static let lengthBits =
        Array(repeating: 0, count: 8) + (1...5).flatMap { Array(repeating: $0, count: 4) } + [0]
    private static let lengths =
        lengthBits.dropLast(2).reduce(into: [3]) { $0.append($0[$0.count - 1] + 1 << $1) } + [258]
    private static let distanceBits =
        [0, 0, 0, 0] + (1...13).flatMap { [$0, $0] }
    private static let distances =
        distanceBits.dropLast().reduce(into: [1]) { $0.append($0[$0.count - 1] + 1 << $1) }
}

/// A prefix code that is told by the lengths of its words.
struct HuffmanCode {
    private static let longest = 15

    /// How many words have each length, and the symbols in order of their words.
    private var counts = [Int](repeating: 0, count: longest + 1)
    private var symbols: [Int] = []

    /// - Throws: where more words are told than there can be.
    init(_ lengths: [UInt8]) throws(WorkloadError) {
        for length in lengths where length > 0 { counts[Int(length)] += 1 }
        var left = 1
        for length in 1...Self.longest {
            left = 2 * left - counts[length]
            guard left >= 0 else { throw Inflater.damaged }
        }
        for length in 1...Self.longest {
            symbols += lengths.indices.filter { lengths[$0] == UInt8(length) }
        }
    }

    private init(complete lengths: [UInt8]) {
        for length in lengths { counts[Int(length)] += 1 }
        for length in 1...Self.longest {
            symbols += lengths.indices.filter { lengths[$0] == UInt8(length) }
        }
    }

    /// Reads the next word.
    func symbol(_ bits: inout BitSource) throws(WorkloadError) -> Int {
        var (word, first, index) = (0, 0, 0)
        for length in 1...Self.longest {
            word |= try bits.bits(1)
            let count = counts[length]
            if word - first < count { return symbols[index + word - first] }
            index += count
            first = (first + count) << 1
            word <<= 1
        }
        throw Inflater.damaged
    }

    static let fixedLiterals = HuffmanCode(
        complete: (0..<288).map { $0 < 144 ? 8 : $0 < 256 ? 9 : $0 < 280 ? 7 : 8 })
    static let fixedDistances = HuffmanCode(complete: Array(repeating: 5, count: 30))
}
