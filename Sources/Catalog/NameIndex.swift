/// Values found by name or alias, in any case of letters.
struct NameIndex<Value: Sendable>: Sendable {
    let kind: String
    /// Canonical names in the order of their files.
    private(set) var names: [String] = []
    private var values: [Value] = []
    private var files: [String] = []
    private var aliases: [[String]] = []
    private var indexByName: [String: Int] = [:]

    init(kind: String) { self.kind = kind }

    /// Adds a value; an alias `owner/name` also stands for `name`.
    mutating func add(
        _ value: Value, name: String, aliases: [String], file: String
    ) throws(CatalogError) {
        let short = aliases.compactMap { $0.split(separator: "/").last.map(String.init) }
        for key in Set(([name] + aliases + short).map { $0.lowercased() }) {
            if let other = indexByName[key] {
                throw .nameTaken(kind: kind, name: key, files: [files[other], file])
            }
            indexByName[key] = values.count
        }
        names.append(name)
        values.append(value)
        files.append(file)
        self.aliases.append(aliases)
    }

    /// Other names of the value that `name` stands for; empty where there is none.
    func aliases(of name: String) -> [String] {
        indexByName[name.lowercased()].map { aliases[$0] } ?? []
    }

    /// The name of the value that `name` stands for; nil where there is none.
    func canonicalName(of name: String) -> String? {
        indexByName[name.lowercased()].map { names[$0] }
    }

    func find(_ name: String) -> Value? {
        indexByName[name.lowercased()].map { values[$0] }
    }

    func get(_ name: String) throws(CatalogError) -> Value {
        guard let value = find(name) else {
            let keys = names + indexByName.keys.sorted().filter { !names.contains($0) }
            let nearest = NearestName.suggestions(for: name, among: keys)
            throw .unknownName(kind: kind, name: name, nearest: nearest, known: names)
        }
        return value
    }
}
