/// One line of a CSV file, cut into cells.
///
/// A record is a line: quoted cells may hold commas and doubled quotes, but no line break.
struct CSVLine {
    /// Where a cell lies in `bytes`, without its quotes.
    struct Cell {
        let range: Range<Int>
        /// Whether doubled quotes in it stand for one.
        let hasEscapes: Bool
    }

    let bytes: [UInt8]
    /// Counted from 1.
    var number = 0
    var range = 0..<0
    var cells: [Cell] = []
    /// Why the line cannot be cut into cells, where it cannot.
    var fault: RowFault?

    /// The cell without surrounding blanks; nil where it is not valid UTF-8.
    func text(_ cell: Cell) -> String? {
        let trimmed = trimmedRange(of: cell)
        guard let raw = String(validating: bytes[trimmed], as: UTF8.self) else { return nil }
        guard cell.hasEscapes else { return raw }
        return raw.split(separator: "\"\"", omittingEmptySubsequences: false).joined(
            separator: "\"")
    }

    /// The bytes of a cell without surrounding blanks.
    func trimmedRange(of cell: Cell) -> Range<Int> {
        var (start, end) = (cell.range.lowerBound, cell.range.upperBound)
        while start < end, bytes[start].isBlank { start += 1 }
        while end > start, bytes[end - 1].isBlank { end -= 1 }
        return start..<end
    }
}

extension UInt8 {
    static let comma = UInt8(ascii: ",")
    static let quote = UInt8(ascii: "\"")
    static let newline = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")
    static let hash = UInt8(ascii: "#")

    fileprivate var isBlank: Bool { self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") }
}
