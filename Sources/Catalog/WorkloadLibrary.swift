import EmbeddedFacts

/// Workload files that the program has with it, to start from without a trace: `Examples/workloads/`.
public enum WorkloadLibrary {
    private static let folder = "Examples/workloads/"
    private static let ending = ".yaml"

    /// Names in alphabetical order.
    public static let names: [String] = EmbeddedFacts.paths
        .filter { $0.hasPrefix(folder) && $0.hasSuffix(ending) }
        .map { String($0.dropFirst(folder.count).dropLast(ending.count)) }

    /// The file of that name; nil where there is none.
    public static func named(_ name: String) -> WorkloadFile? { files[name] }

    private static let files: [String: WorkloadFile] = {
        var files: [String: WorkloadFile] = [:]
        for name in names {
            let path = folder + name + ending
            // A test reads every one of them, so that none is left out here.
            guard let bytes = EmbeddedFacts.bytes(path),
                let tree = try? SourceText.tree(bytes: bytes, file: path)
            else { continue }
            files[name] = try? WorkloadFile.parse(tree, file: path)
        }
        return files
    }()
}
