public import ServingDomain

/// The trace that a workload file names instead of laws.
public struct NamedTrace: Hashable, Sendable {
    /// From where the reader is; in a file that is written, from the file itself.
    public let path: String
    public let format: TraceFormat
    /// The law of arrivals in place of those of the trace; `replay` for these.
    public let arrivals: Workload.Arrivals
    /// Sessions per second; nil for the rate of the trace.
    public let rate: Rate?
    public let concurrency: Int?

    public init(
        path: String, format: TraceFormat, arrivals: Workload.Arrivals = .replay,
        rate: Rate? = nil, concurrency: Int? = nil
    ) {
        self.path = path
        self.format = format
        self.arrivals = arrivals
        self.rate = rate
        self.concurrency = concurrency
    }

    /// The law that the sessions of the trace arrive by: Poisson's where they are to be replayed and have no
    /// times.
    public func arrivals(hasTimes: Bool) -> Workload.Arrivals {
        arrivals == .replay && !hasTimes ? .poisson : arrivals
    }
}

extension WorkloadFile {
    /// The trace that a file names; nil for laws.
    ///
    /// - Throws: the first thing that is wrong in the file, but for its laws.
    public static func trace(path: String) throws(CatalogError) -> NamedTrace? {
        try trace(bytes: FactFolder.read(path), fileName: path)
    }

    /// The same from bytes; `fileName` stands for them in messages, and its folder is where paths begin.
    public static func trace(
        bytes: [UInt8], fileName path: String
    ) throws(CatalogError) -> NamedTrace? {
        let tree = try SourceText.tree(bytes: bytes, file: path)
        let entries = try keys(of: tree, in: "")
        guard entries.contains(where: { $0.key == "trace" && !$0.value.isNull }) else {
            return nil
        }
        let section = SourceValue(place: tree.place, content: .mapping(entries))
        let values = try CaseValues(section, section: "workload", file: path)
        var resolver = CaseResolver(values: values, catalog: .empty)
        let load = try resolver.workload()
        guard case .trace(let file, let format, let rate) = load else { return nil }
        return NamedTrace(
            path: file.path, format: format, arrivals: try resolver.arrivals(load), rate: rate,
            concurrency: values.integer("workload.concurrency"))
    }

    /// A file that names a trace, as YAML.
    public static func naming(_ trace: NamedTrace, name: String, source: String) -> String {
        var entries: [DocumentValue.Entry] = [
            .init("apiVersion", .text(CaseFields.version)), .init("kind", .text(kind)),
            .init("name", .text(name)), .init("source", .text(source)),
            .init("trace", .text(trace.path)), .init("format", .text(trace.format.rawValue)),
        ]
        if let rate = trace.rate { entries.append(.init("rate_per_s", rate.document)) }
        if trace.arrivals != .replay { entries += trace.arrivals.documentEntries }
        if let limit = trace.concurrency { entries.append(.init("concurrency", .integer(limit))) }
        return DocumentValue.mapping(entries).yaml
    }
}
