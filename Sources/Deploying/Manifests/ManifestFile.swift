public import Catalog

/// A manifest or a launch script as it was read: what it is, what its schema refuses, and its workers.
public struct ManifestFile: Sendable {
    /// One document that describes workers.
    struct Part: Sendable {
        let kind: ManifestKind
        let name: String
        let workers: [WorkerDescription]
        let place: SourcePlace
        /// Digest of the plan that it was exported from.
        let planDigest: String?
        /// Faults of its schema, names and images.
        var faults: [Finding] = []
        /// What keeps workers from being read.
        var obstacles: [Finding] = []
    }

    public let path: String
    public let kinds: [ManifestKind]
    let parts: [Part]
    /// Faults of documents that describe no workers.
    let looseFaults: [Finding]

    /// Faults of schemas, names and images.
    public var findings: [Finding] { parts.flatMap(\.faults) + looseFaults }

    /// Whether anything in it describes workers.
    public var describesWorkers: Bool { kinds.contains(where: \.describesWorkers) }

    /// Fails for a file that is no manifest and no launch script.
    ///
    /// - Parameters:
    ///   - bytes: of the file.
    ///   - path: its name.
    ///   - release: of the schemas.
    /// - Throws: where the text can be nothing at all.
    public init?(
        bytes: [UInt8], path: String, release: SchemaRelease = .release
    ) throws(CatalogError) {
        self.path = path
        if Self.isScript(bytes, path) {
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw .malformed(at: SourcePlace(file: path), problem: "the text is not UTF-8")
            }
            let (workers, obstacles) = ScriptReading.workers(in: text, file: path)
            kinds = [.script]
            looseFaults = []
            parts = [
                Part(
                    kind: .script, name: path, workers: workers,
                    place: SourcePlace(file: path, line: 1, column: 1),
                    planDigest: Self.digest(in: text), obstacles: obstacles)
            ]
            return
        }
        let documents = try ManifestText.documents(bytes: bytes, file: path)
        let known = documents.flatMap(\.items).map { (document: $0, kind: ManifestKind($0)) }
        guard known.contains(where: { $0.kind != nil }) else { return nil }
        kinds = known.compactMap(\.kind)
        let digest = Self.digest(in: String(decoding: bytes.prefix(2000), as: UTF8.self))
        var (parts, loose): ([Part], [Finding]) = ([], [])
        for (document, kind) in known {
            let faults = Self.faults(in: document, kind, release)
            guard var part = Self.part(document, kind, digest) else {
                loose += faults
                continue
            }
            part.faults = faults
            parts.append(part)
        }
        (self.parts, looseFaults) = (parts, loose)
    }

    private static func isScript(_ bytes: [UInt8], _ path: String) -> Bool {
        let endings = [".sh", ".bash", ".sbatch", ".slurm"]
        return endings.contains { path.lowercased().hasSuffix($0) } || bytes.starts(with: "#!".utf8)
    }

    private static func part(
        _ document: SourceValue, _ kind: ManifestKind?, _ fileDigest: String?
    ) -> Part? {
        guard let kind, kind.describesWorkers else { return nil }
        let workers = kind.workers(in: document)
        guard !workers.isEmpty || kind.isWhole else { return nil }
        let digest =
            document.member(at: "metadata", "annotations", ManifestMarks.digest)?.text
            ?? fileDigest
        return Part(
            kind: kind, name: document.name ?? document.place.file, workers: workers,
            place: document.place, planDigest: digest)
    }

    /// The digest in the comments at the head of an exported script or values file.
    private static func digest(in text: String) -> String? {
        for line in text.split(separator: "\n").prefix(20) where line.hasPrefix("#") {
            guard let mark = line.firstRange(of: ManifestMarks.digest + ": ") else { continue }
            return String(line[mark.upperBound...].prefix { !$0.isWhitespace })
        }
        return nil
    }
}

extension SourceValue {
    /// The objects of a `List`, as `kubectl get -o yaml` prints it; of anything else itself.
    fileprivate var items: [SourceValue] {
        guard member("kind")?.text == "List", let items = member("items")?.elements else {
            return [self]
        }
        return items
    }
}

extension ManifestFile {
    private static func faults(
        in document: SourceValue, _ kind: ManifestKind?, _ release: SchemaRelease
    ) -> [Finding] {
        guard let kind else { return [] }
        guard let schema = kind.schema(of: document, release: release) else {
            let version = document.member("apiVersion")
            return [
                Finding(
                    .schema,
                    "apiVersion of \(kind.rawValue) is \(version?.shown ?? "missing"); expected "
                        + kind.versions,
                    at: version?.place ?? document.place, key: "apiVersion")
            ]
        }
        let faults = ManifestSchemas.embedded.faults(of: document, against: schema)
        return faults.map { Finding($0) } + NameCheck.findings(in: document, kind)
            + ImageCheck.findings(in: document)
    }
}
