/// One line of a trace that holds data, with its number counted from 1.
struct TraceLine {
    let number: Int
    let text: String

    /// The beginning of the line, short enough for a message.
    var excerpt: String { text.count > 60 ? text.prefix(60) + "…" : text }
}

/// Cuts chunks of bytes into lines, wherever the chunks end.
///
/// Blank lines, lines that begin with `#`, a byte-order mark and carriage returns are dropped.
struct LineAssembler {
    private var number = 0
    private var rest: [UInt8] = []

    /// The lines that `chunk` completes.
    mutating func lines(completedBy chunk: [UInt8]) throws(WorkloadError) -> [TraceLine] {
        var lines: [TraceLine] = []
        var start = chunk.startIndex
        while let end = chunk[start...].firstIndex(of: UInt8(ascii: "\n")) {
            rest.append(contentsOf: chunk[start..<end])
            if let line = try takeLine() { lines.append(line) }
            start = end + 1
        }
        rest.append(contentsOf: chunk[start...])
        return lines
    }

    /// The last line where it has no newline at its end.
    mutating func finish() throws(WorkloadError) -> TraceLine? {
        rest.isEmpty ? nil : try takeLine()
    }

    private mutating func takeLine() throws(WorkloadError) -> TraceLine? {
        number += 1
        defer { rest.removeAll(keepingCapacity: true) }
        guard let text = String(validating: rest, as: UTF8.self) else {
            throw .notText(line: number)
        }
        let line = text.drop { $0 == "\u{FEFF}" }.trimmed
        return line.isEmpty || line.hasPrefix("#") ? nil : TraceLine(number: number, text: line)
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
