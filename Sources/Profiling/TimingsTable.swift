/// A file whose comments and header are read, standing before its first row.
struct TimingsTable {
    let file: SourceFile
    let layout: TableLayout
    let comments: TableComments
    /// Column names in the order of the file.
    let header: [String]
    private let scanner: CSVScanner

    init(_ file: SourceFile) throws(ProfilingError) {
        var scanner = CSVScanner(file.bytes)
        comments = try Self.readComments(&scanner, of: file)
        header = try Self.readHeader(scanner, of: file)
        guard let layout = TableLayout.matching(header) else {
            throw .unknownHeader(
                file: file.path, line: scanner.line.number, columns: header,
                nearest: TableLayout.nearest(to: header), known: TableLayout.known.map(\.summary))
        }
        self.file = file
        self.layout = layout
        self.scanner = scanner
    }

    /// Calls `body` with every row in order.
    func forEachRow(_ body: (TableRow) throws -> Void) throws {
        var scanner = scanner
        var row = TableRow(columns: header, fileName: file.stem, line: scanner.line)
        while scanner.advance() {
            row.line = scanner.line
            try body(row)
        }
    }

    /// Leaves the scanner on the first line that is not a comment.
    private static func readComments(
        _ scanner: inout CSVScanner, of file: SourceFile
    ) throws(ProfilingError) -> TableComments {
        var comments = TableComments()
        while scanner.advance() {
            guard file.bytes[scanner.line.range.lowerBound] == .hash else { return comments }
            do throws(RowFault) {
                guard let text = scanner.text, !text.contains("\0") else {
                    throw RowFault("the comment is not valid UTF-8 text")
                }
                try comments.take(text)
            } catch {
                throw .malformedHeader(
                    file: file.path, line: scanner.line.number, reason: error.reason)
            }
        }
        throw .emptyFile(file.path)
    }

    private static func readHeader(
        _ scanner: CSVScanner, of file: SourceFile
    ) throws(ProfilingError) -> [String] {
        let line = scanner.line
        func fail(_ reason: String) -> ProfilingError {
            .malformedHeader(file: file.path, line: line.number, reason: reason)
        }
        if let fault = line.fault { throw fail(fault.reason) }
        let names = line.cells.map(line.text)
        let header = names.compactMap(\.self)
        guard header.count == names.count else { throw fail("the header is not valid UTF-8") }
        var seen: Set<String> = []
        for name in header where !seen.insert(name).inserted {
            throw fail("the column \(name.quoted) is there twice, expected once")
        }
        return header
    }
}
