import ServingDomain

/// The GPUs that an engine's file may name: those of its own folder and those that are built in.
struct GPUNames: Sendable {
    typealias Index = NameIndex<(hardware: HardwareSpec, folder: String)>

    private let indices: [Index]

    init(_ indices: Index...) { self.indices = indices }

    /// The name under which facts are kept; nil for a GPU that nobody knows.
    fileprivate func canonical(_ name: String) -> String? {
        indices.lazy.compactMap { $0.canonicalName(of: name) }.first
    }

    /// What may have been meant, in words.
    fileprivate func advice(for name: String) -> String {
        let known = Set(indices.flatMap(\.names)).sorted()
        let near = NearestName.suggestions(for: name, among: known)
        return near.isEmpty
            ? "one of " + known.joined(separator: ", ") : near.joined(separator: " or ")
    }
}

extension Fields {
    /// A list of GPUs by any of their names, as the names of their facts.
    func gpus(_ key: String, _ known: GPUNames) throws(CatalogError) -> [String] {
        var gpus: [String] = []
        for name in try texts(key) {
            guard let gpu = known.canonical(name) else {
                throw invalid(
                    key,
                    expected: "GPUs that are known, in place of "
                        + "'\(name.shownInMessage)' \(known.advice(for: name))")
            }
            gpus.append(gpu)
        }
        return gpus
    }
}
