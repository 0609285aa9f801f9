/// Unpacks gzip (RFC 1952) as a stream: one member or several, each checked by its length and CRC.
public struct GzipStream {
    /// Bytes that are handed over at once, about.
    private static let chunk = 1 << 18

    /// Whether bytes begin as gzip does.
    public static func isGzip(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0x1F, 0x8B]) }

    private var bits: BitSource
    private var inflater = Inflater()
    private var isInMember = false
    private var hasMember = false
    private var (checksum, length) = (CRC32(), UInt32(0))

    /// - Parameter source: the next packed bytes; none at the end.
    public init(_ source: @escaping () throws(WorkloadError) -> [UInt8]) {
        bits = BitSource(source)
    }

    /// The next unpacked bytes; none at the end.
    ///
    /// - Throws: `badEncoding` where the bytes are no gzip, damaged or cut off.
    public mutating func read() throws(WorkloadError) -> [UInt8] {
        while true {
            if !isInMember {
                guard try !bits.isAtEnd(), try readHeader() else { return [] }
                (inflater, isInMember) = (Inflater(), true)
                (checksum, length) = (CRC32(), 0)
            }
            let bytes = try inflater.read(&bits, upTo: Self.chunk)
            checksum.add(bytes)
            length &+= UInt32(truncatingIfNeeded: bytes.count)
            if inflater.isFinished {
                try readTrailer()
                isInMember = false
            }
            if !bytes.isEmpty { return bytes }
        }
    }

    /// False where zeros fill the rest of the file, as on tapes.
    private mutating func readHeader() throws(WorkloadError) -> Bool {
        let first = try bits.bytes(1)
        guard first != [0] || !hasMember else {
            while try !bits.isAtEnd() {
                guard try bits.bytes(1) == [0] else {
                    throw .badEncoding(found: "bytes that are no gzip behind some that are")
                }
            }
            return false
        }
        hasMember = true
        let header = first + (try bits.bytes(9))
        guard header[0] == 0x1F, header[1] == 0x8B, header[2] == 8, header[3] & 0xE0 == 0 else {
            throw .badEncoding(found: "bytes that are no gzip behind some that are")
        }
        let flags = header[3]
        if flags & 4 != 0 {
            let size = try bits.bytes(2)
            _ = try bits.bytes(Int(size[0]) | Int(size[1]) << 8)
        }
        // A name and a comment end with a zero.
        for flag in [UInt8(8), 16] where flags & flag != 0 {
            while try bits.bytes(1)[0] != 0 {}
        }
        if flags & 2 != 0 { _ = try bits.bytes(2) }
        return true
    }

    private mutating func readTrailer() throws(WorkloadError) {
        bits.alignToByte()
        let trailer = try bits.bytes(8)
        func number(_ start: Int) -> UInt32 {
            (0..<4).reduce(0) { $0 | UInt32(trailer[start + $1]) << UInt32(8 * $1) }
        }
        guard number(0) == checksum.value, number(4) == length else {
            throw .badEncoding(found: "gzip that is damaged")
        }
    }
}

/// Bits of a stream of bytes, the lowest of each first.
struct BitSource {
    private let source: () throws(WorkloadError) -> [UInt8]
    private var bytes: [UInt8] = []
    private var place = 0
    private var (held, count) = (UInt64(0), 0)

    init(_ source: @escaping () throws(WorkloadError) -> [UInt8]) { self.source = source }

    /// The next `count` bits, at most 32, the first as the lowest.
    mutating func bits(_ count: Int) throws(WorkloadError) -> Int {
        while self.count < count { try hold() }
        let value = Int(held & (1 << UInt64(count) - 1))
        held >>= UInt64(count)
        self.count -= count
        return value
    }

    /// Whole bytes, from where a byte begins.
    mutating func bytes(_ count: Int) throws(WorkloadError) -> [UInt8] {
        var read: [UInt8] = []
        for _ in 0..<count { read.append(UInt8(truncatingIfNeeded: try bits(8))) }
        return read
    }

    mutating func alignToByte() {
        held >>= UInt64(count % 8)
        count -= count % 8
    }

    mutating func isAtEnd() throws(WorkloadError) -> Bool {
        guard count == 0, place == bytes.count else { return false }
        (bytes, place) = (try source(), 0)
        return bytes.isEmpty
    }

    private mutating func hold() throws(WorkloadError) {
        if place == bytes.count {
            (bytes, place) = (try source(), 0)
            guard !bytes.isEmpty else { throw .badEncoding(found: "gzip that is cut off") }
        }
        held |= UInt64(bytes[place]) << UInt64(count)
        place += 1
        count += 8
    }
}

/// The checksum of gzip.
struct CRC32 {
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { value, _ in
            value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1
        }
    }

    private var state = UInt32.max

    mutating func add(_ bytes: [UInt8]) {
        for byte in bytes {
            state = Self.table[Int(UInt8(truncatingIfNeeded: state) ^ byte)] ^ (state >> 8)
        }
    }

    var value: UInt32 { ~state }
}
