public import ServingDomain

/// A file that holds the keys of a case's section `workload`, so that cases can share them.
///
/// `apiVersion`, `kind: Workload`, and optionally `name` and `source` stand before them.
public struct WorkloadFile: Hashable, Sendable {
    static let kind = "Workload"
    private static let head = ["apiVersion", "kind", "name", "source"]

    /// Empty where the file gives none.
    public let name: String
    /// Where the figures come from; empty where the file does not say.
    public let source: String
    public let sessions: Workload.Synthetic
    public let arrivals: Workload.Arrivals
    /// Sessions per second; nil where the file leaves that open.
    public let rate: Rate?
    public let concurrency: Int?

    public init(
        name: String, source: String, sessions: Workload.Synthetic,
        arrivals: Workload.Arrivals, rate: Rate?, concurrency: Int? = nil
    ) {
        self.name = name
        self.source = source
        self.sessions = sessions
        self.arrivals = arrivals
        self.rate = rate
        self.concurrency = concurrency
    }

    /// Reads a file of laws.
    ///
    /// - Throws: the first thing that is wrong, with line and column, a `trace` included.
    public static func read(path: String) throws(CatalogError) -> Self {
        try read(bytes: FactFolder.read(path), fileName: path)
    }

    /// The same from bytes; `fileName` stands for them in messages.
    public static func read(bytes: [UInt8], fileName: String) throws(CatalogError) -> Self {
        try parse(SourceText.tree(bytes: bytes, file: fileName), file: fileName)
    }

    static func parse(_ tree: SourceValue, file: String) throws(CatalogError) -> Self {
        let fields = try Fields(tree)
        var entries = try keys(of: tree, in: CasePath.folder(of: file))
        let states = { (key: String) in entries.contains { $0.key == key && !$0.value.isNull } }
        for key in ["trace", "format"] where states(key) {
            throw fields.invalid(key, expected: "absent: laws are read here, and no trace")
        }
        // The resolver wants a rate, which a file of laws may leave to its cases.
        let rated = states("rate_per_s") || fields.value("arrivals")?.text == "closed"
        if !rated { entries.append(.init("rate_per_s", "1", at: tree.place)) }
        let section = SourceValue(place: tree.place, content: .mapping(entries))
        let values = try CaseValues(section, section: "workload", file: file)
        var resolver = CaseResolver(values: values, catalog: .empty)
        let load = try resolver.workload()
        guard case .synthetic(let sessions, let rate) = load else {
            throw fields.missing("rounds", "laws")
        }
        return Self(
            name: try fields.text("name", default: ""),
            source: try fields.text("source", default: ""), sessions: sessions,
            arrivals: try resolver.arrivals(load), rate: rated ? rate : nil,
            concurrency: values.integer("workload.concurrency"))
    }

    /// A case file's tree with the keys of the workload file that it names, where it has none itself.
    static func filled(_ tree: SourceValue, file: String) throws(CatalogError) -> SourceValue {
        guard let top = tree.entries,
            let place = top.firstIndex(where: { $0.key == "workload" }),
            let own = top[place].value.entries,
            let written = own.first(where: { $0.key == "file" })?.value.text
        else { return tree }
        let path = CasePath.join(CasePath.folder(of: file), written)
        let shared = try SourceText.tree(bytes: FactFolder.read(path), file: path)
        let replaced = replacedKeys(by: own)
        let others = try keys(of: shared, in: CasePath.folder(of: written)).filter {
            !replaced.contains($0.key)
        }
        var entries = top
        entries[place] = SourceValue.Entry(
            key: "workload", place: top[place].place,
            value: SourceValue(place: top[place].value.place, content: .mapping(own + others)))
        return SourceValue(place: tree.place, content: .mapping(entries))
    }

    /// Keys of a workload file that those of a case stand for: the same ones, and what only belongs to
    /// another law of arrivals or another reading.
    private static func replacedKeys(by own: [SourceValue.Entry]) -> Set<String> {
        var replaced = Set(own.map(\.key))
        if let arrivals = own.first(where: { $0.key == "arrivals" }) {
            replaced.formUnion(["concurrency"] + ArrivalWord.parameters.map(\.key))
            if arrivals.value.text == ArrivalWord.closed.rawValue { replaced.insert("rate_per_s") }
        }
        if replaced.contains("length_reading") {
            replaced.formUnion([
                "first_prefill_tokens", "context_limit_tokens", "compacted_history_tokens",
                "compacted_new_tokens",
            ])
        }
        return replaced
    }

    /// The keys of a workload file that a case's section takes, its paths put behind a folder.
    static func keys(
        of tree: SourceValue, in folder: String
    ) throws(CatalogError) -> [SourceValue.Entry] {
        let fields = try Fields(tree)
        for (key, expected) in [("apiVersion", CaseFields.version), ("kind", kind)]
        where try fields.text(key) != expected {
            throw fields.invalid(key, expected: expected)
        }
        if let nested = tree.entries?.first(where: { $0.key == "file" }) {
            throw .invalid(
                at: nested.place, field: "file", found: nested.value.shown,
                expected: "absent: a workload file names no other")
        }
        return (tree.entries ?? []).filter { !head.contains($0.key) }.map { entry in
            guard entry.key == "trace", let path = entry.value.text else { return entry }
            return .init("trace", CasePath.join(folder, path), at: entry.place)
        }
    }
}

extension SourceValue.Entry {
    fileprivate init(_ key: String, _ text: String, at place: SourcePlace) {
        self.init(
            key: key, place: place,
            value: SourceValue(place: place, content: .scalar(text, quoted: false)))
    }
}

extension WorkloadFile {
    /// The file as YAML, which reads back as the same.
    public var yaml: String {
        var entries: [DocumentValue.Entry] = [
            .init("apiVersion", .text(CaseFields.version)), .init("kind", .text(Self.kind)),
        ]
        if !name.isEmpty { entries.append(.init("name", .text(name))) }
        if !source.isEmpty { entries.append(.init("source", .text(source))) }
        if let rate, arrivals != .closed { entries.append(.init("rate_per_s", rate.document)) }
        entries += arrivals.documentEntries
        if let concurrency { entries.append(.init("concurrency", .integer(concurrency))) }
        return DocumentValue.mapping(entries + sessions.documentEntries).yaml
    }
}
