/// One known layout of a table: its header, and how a row becomes samples.
struct TableLayout: Sendable {
    /// Where the tables of a layout come from, which tells how the measured system is named.
    enum Family: Sendable {
        case own
        case aiconfigurator
        case vidur
        case layers
    }

    enum Content: Sendable {
        case samples(@Sendable (TableRow, inout RowSamples) throws(RowFault) -> Void)
        /// Timings of the layers of one model, which stands beside the table and not in it.
        case layers(@Sendable (LayerPlatform) -> any LayerReader)
        /// Published facts, one column per GPU.
        case facts
    }

    /// Name in reports and in the store.
    let name: String
    let family: Family
    /// Column names, in any order in the file; for facts the leading ones.
    let columns: [String]
    let content: Content

    init(
        _ name: String, _ family: Family, columns: [String],
        read: @escaping @Sendable (TableRow, inout RowSamples) throws(RowFault) -> Void
    ) {
        self.init(name, family, columns: columns, content: .samples(read))
    }

    init(_ name: String, _ family: Family, columns: [String], content: Content) {
        self.name = name
        self.family = family
        self.columns = columns
        self.content = content
    }

    /// Every layout that an import understands.
    static let known: [TableLayout] =
        [own] + [gemm, contextAttention, generationAttention, moe, customAllReduce, nccl]
        + [systemFacts, mlp, attention, allReduce, sendReceive, hostOverheads] + layers

    /// The layout whose columns `header` has: all of them and no others.
    static func matching(_ header: [String]) -> TableLayout? {
        known.first { $0.matches(header) }
    }

    /// Name and columns on one line.
    var summary: String { "\(name): \(columns.joined(separator: ","))" }

    /// What parts `header` from the layout that shares most columns with it.
    static func nearest(to header: [String]) -> String {
        func shared(_ layout: TableLayout) -> Int { layout.columns.count { header.contains($0) } }
        guard let layout = known.max(by: { shared($0) < shared($1) }), shared(layout) > 0 else {
            return "none of the columns is known"
        }
        let lacking = layout.columns.filter { !header.contains($0) }
        let unknown = header.filter { !layout.columns.contains($0) }
        return "the nearest is \(layout.name)"
            + (lacking.isEmpty
                ? "" : ", of which \(lacking.joined(separator: ",").quoted) is missing")
            + (unknown.isEmpty
                ? "" : ", which does not know \(unknown.joined(separator: ",").quoted)")
    }

    private func matches(_ header: [String]) -> Bool {
        switch content {
        case .samples, .layers: header.count == columns.count && Set(header) == Set(columns)
        case .facts: header.count > columns.count && header.starts(with: columns)
        }
    }
}
