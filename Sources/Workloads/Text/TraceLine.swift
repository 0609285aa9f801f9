/// One line of a trace that holds data, with its number counted from 1.
struct TraceLine {
    let number: Int
    let bytes: [UInt8]
    /// Of the line in `bytes`, without white space at either end.
    let range: Range<Int>

    /// - Throws: where the bytes are not UTF-8.
    func text() throws(WorkloadError) -> String {
        guard let text = String(validating: bytes[range], as: UTF8.self) else {
            throw .notText(line: number)
        }
        return text
    }

    var first: UInt8? { range.isEmpty ? nil : bytes[range.lowerBound] }

    /// The beginning of the line, short enough for a message.
    var excerpt: String {
        let start = String(decoding: bytes[range].prefix(240), as: UTF8.self)
        let shown = start.map { $0.isASCII && ($0.asciiValue ?? 32) < 32 ? " " : $0 }
        return shown.count > 60 ? String(shown.prefix(60)) + "…" : String(shown)
    }
}

/// Cuts chunks of bytes into lines, wherever the chunks end.
///
/// Blank lines, lines that begin with `#`, a byte-order mark and carriage returns are dropped.
struct LineAssembler {
    /// Bytes of the longest line that is read.
    static let longest = 64 << 20

    private var number = 0
    private var rest: [UInt8] = []

    /// Hands over the lines that `chunk` completes.
    mutating func read(
        _ chunk: [UInt8], _ take: (TraceLine) throws(WorkloadError) -> Void
    ) throws(WorkloadError) {
        var start = chunk.startIndex
        while let end = chunk[start...].firstIndex(of: UInt8(ascii: "\n")) {
            number += 1
            let line: TraceLine? =
                if rest.isEmpty { try line(chunk, start..<end) } else {
                    try joined(chunk[start..<end])
                }
            if let line { try take(line) }
            start = end + 1
        }
        rest.append(contentsOf: chunk[start...])
        guard rest.count <= Self.longest else {
            throw .badLine(
                line: number + 1, found: "a line of more than \(Self.longest) bytes",
                expected: "one record on every line")
        }
    }

    /// The last line where it has no newline at its end.
    mutating func finish() throws(WorkloadError) -> TraceLine? {
        guard !rest.isEmpty else { return nil }
        number += 1
        return try joined([])
    }

    private mutating func joined(_ end: ArraySlice<UInt8>) throws(WorkloadError) -> TraceLine? {
        let bytes = rest + end
        rest = []
        return try line(bytes, bytes.indices)
    }

    private func line(_ bytes: [UInt8], _ range: Range<Int>) throws(WorkloadError) -> TraceLine? {
        var (start, end) = (range.lowerBound, range.upperBound)
        if number == 1, bytes[range].starts(with: [0xEF, 0xBB, 0xBF]) { start += 3 }
        while start < end, Self.isBlank(bytes[start]) { start += 1 }
        while start < end, Self.isBlank(bytes[end - 1]) { end -= 1 }
        guard start < end, bytes[start] != UInt8(ascii: "#") else { return nil }
        return TraceLine(number: number, bytes: bytes, range: start..<end)
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0D).contains(byte)
    }
}

extension StringProtocol {
    /// Without white space at either end.
    var trimmed: String {
        let start = drop { $0.isWhitespace }
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...last])
    }
}
