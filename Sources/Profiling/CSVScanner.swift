/// Walks over the lines of a CSV file in memory.
///
/// Takes CRLF and LF, a byte-order mark, blank lines and quoted cells; a line that cannot be cut
/// into cells carries a fault, and the walk goes on behind it.
struct CSVScanner {
    /// Longest line that is cut into cells, in bytes.
    static let longestLine = 1 << 20

    private(set) var line: CSVLine
    private var position: Int
    private var linesSeen = 0

    init(_ bytes: [UInt8]) {
        line = CSVLine(bytes: bytes)
        position = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    /// Moves to the next line that is not blank; false at the end of the file.
    mutating func advance() -> Bool {
        while position < line.bytes.count {
            let range = takeLine()
            guard !range.isEmpty else { continue }
            line.number = linesSeen
            line.range = range
            cutIntoCells()
            return true
        }
        return false
    }

    /// The whole current line; nil where it is not valid UTF-8.
    var text: String? { String(validating: line.bytes[line.range], as: UTF8.self) }

    private mutating func takeLine() -> Range<Int> {
        let start = position
        var end = start
        while end < line.bytes.count, line.bytes[end] != .newline { end += 1 }
        position = end + 1
        linesSeen += 1
        if end > start, line.bytes[end - 1] == .carriageReturn { end -= 1 }
        return start..<end
    }

    private mutating func cutIntoCells() {
        line.cells.removeAll(keepingCapacity: true)
        line.fault = nil
        guard line.range.count <= Self.longestLine else {
            line.fault = RowFault(
                "the line is \(line.range.count) bytes long, expected at most \(Self.longestLine)")
            return
        }
        var index = line.range.lowerBound
        do throws(RowFault) {
            repeat {
                index = try takeCell(at: index)
            } while index <= line.range.upperBound
        } catch {
            line.fault = error
        }
    }

    /// Cuts the cell that begins at `start`; returns where the next one begins.
    private mutating func takeCell(at start: Int) throws(RowFault) -> Int {
        let limit = line.range.upperBound
        if start < limit, line.bytes[start] == .quote { return try takeQuotedCell(at: start) }
        var end = start
        while end < limit, line.bytes[end] != .comma {
            guard line.bytes[end] != 0 else { throw RowFault("the line holds a NUL byte") }
            end += 1
        }
        line.cells.append(.init(range: start..<end, hasEscapes: false))
        return end + 1
    }

    private mutating func takeQuotedCell(at start: Int) throws(RowFault) -> Int {
        let limit = line.range.upperBound
        var (end, hasEscapes) = (start + 1, false)
        while end < limit {
            guard line.bytes[end] != 0 else { throw RowFault("the line holds a NUL byte") }
            if line.bytes[end] == .quote {
                guard end + 1 < limit, line.bytes[end + 1] == .quote else { break }
                hasEscapes = true
                end += 1
            }
            end += 1
        }
        guard end < limit else { throw RowFault("a quoted cell does not end on its line") }
        guard end + 1 == limit || line.bytes[end + 1] == .comma else {
            throw RowFault("text follows the closing quote of a cell")
        }
        line.cells.append(.init(range: (start + 1)..<end, hasEscapes: hasEscapes))
        return end + 2
    }
}
