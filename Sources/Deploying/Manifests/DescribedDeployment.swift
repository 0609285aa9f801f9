public import Catalog
public import ServingDomain

/// The layout that one or more manifests describe together.
public struct DescribedDeployment: Sendable {
    /// The file, with the object's name where the file has several; of objects that are one together, their
    /// folder, or the first file where the folder holds further ones.
    public let name: String
    public let kinds: [ManifestKind]
    /// Nil where the manifests describe nothing that can be simulated; `findings` says why.
    public let layout: Deployment?
    public let engine: String?
    public let connector: String?
    public let model: String?
    /// Digest of the plan that it was exported from; nil where it does not say.
    public let planDigest: String?
    /// Faults of schemas, names and images of its manifests.
    public fileprivate(set) var faults: [Finding]
    /// What keeps it from being simulated as it is described.
    public let findings: [Finding]
    /// Where it is described.
    public let place: SourcePlace
    let workers: [WorkerDescription]
}

extension DescribedDeployment {
    /// The deployments in a set of files: every object that is whole is one, and the others of one kind in a
    /// folder are one together, unless they come from different plans.
    ///
    /// Batch scripts start what they need by themselves, so that they do not belong to scripts beside them.
    public static func all(in files: [ManifestFile]) -> [Self] {
        var found: [Self] = []
        var sets: [(key: SetKey, parts: [ManifestFile.Part])] = []
        for file in files {
            let whole = file.parts.filter(\.kind.isWhole)
            for part in whole {
                let name = whole.count == 1 ? file.path : "\(file.path)#\(part.name)"
                found.append(Self(name, [part]))
            }
            for part in file.parts where !part.kind.isWhole {
                let key = SetKey(
                    folder: file.path.folder, kind: part.kind, isBatch: file.path.isBatchScript,
                    digest: part.planDigest)
                if let place = sets.firstIndex(where: { $0.key == key }) {
                    sets[place].parts.append(part)
                } else {
                    sets.append((key, [part]))
                }
            }
        }
        for set in sets {
            let isOnly = sets.count { $0.key.folder == set.key.folder } == 1
            let first = set.parts[0].place.file
            found.append(Self(isOnly ? set.key.folder : first, set.parts))
        }
        return found.takingLooseFaults(of: files)
    }

    /// What objects have in common that are one deployment together.
    private struct SetKey: Hashable {
        let folder: String
        let kind: ManifestKind
        let isBatch: Bool
        let digest: String?
    }

    init(_ name: String, _ parts: [ManifestFile.Part]) {
        let place = parts.first?.place ?? SourcePlace(file: name)
        var reading = LayoutReading(
            parts.flatMap(\.workers), obstacles: parts.flatMap(\.obstacles), at: place)
        let layout = reading.layout()
        func common(_ key: KeyPath<WorkerDescription, String?>) -> String? {
            reading.workers.compactMap { $0[keyPath: key] }.first
        }
        self.init(
            name: name, kinds: parts.map(\.kind), layout: layout, engine: common(\.engine),
            connector: common(\.connector), model: common(\.model),
            planDigest: parts.compactMap(\.planDigest).first, faults: parts.flatMap(\.faults),
            findings: reading.findings,
            place: reading.workers.first?.place ?? place, workers: reading.workers)
    }
}

extension [DescribedDeployment] {
    /// Faults of Services and the like are told once, with the first deployment of their file.
    fileprivate func takingLooseFaults(of files: [ManifestFile]) -> Self {
        var found = self
        for file in files {
            guard let first = found.firstIndex(where: { $0.isDescribed(in: file) }) else {
                continue
            }
            found[first].faults += file.looseFaults
        }
        return found
    }
}

extension String {
    /// What stands before the last slash; a point where there is none.
    fileprivate var folder: String {
        guard let slash = lastIndex(of: "/") else { return "." }
        return String(self[..<slash])
    }

    fileprivate var isBatchScript: Bool {
        [".sbatch", ".slurm"].contains { lowercased().hasSuffix($0) }
    }
}

extension DescribedDeployment {
    /// Whether a file holds a part of it.
    public func isDescribed(in file: ManifestFile) -> Bool {
        workers.contains { $0.place.file == file.path } || place.file == file.path
    }
}

extension ManifestFile {
    /// Whether anything that it describes can be seen to be a worker.
    public var hasWorkers: Bool { parts.contains { !$0.workers.isEmpty } }
}
