import ServingDomain

/// The values of a case file after every key, type and range has been checked.
struct CaseValues {
    let file: String
    private let root: SourcePlace
    private var values: [String: SourceValue] = [:]
    private var laws: [String: Law] = [:]
    private var places: [String: SourcePlace] = [:]

    init(_ tree: SourceValue, file: String) throws(CatalogError) {
        self.file = file
        root = tree.place
        try read(tree, section: "")
    }

    /// The keys of one section alone, as `tree` holds them.
    init(_ tree: SourceValue, section: String, file: String) throws(CatalogError) {
        self.file = file
        root = tree.place
        try read(tree, section: section)
    }

    func has(_ path: String) -> Bool { values[path] != nil }
    /// Whether a key or a section is there, whatever it holds.
    func hasSection(_ path: String) -> Bool { places[path] != nil }
    func text(_ path: String) -> String? { values[path]?.text }
    func number(_ path: String) -> Double? { values[path]?.number }
    func integer(_ path: String) -> Int? { values[path]?.integer }
    func law(_ path: String) -> Law? { laws[path] }
    func numbers(_ path: String) -> [Double]? { values[path]?.elements?.compactMap(\.number) }

    /// The sections of a list.
    func sections(_ path: String) throws(CatalogError) -> [Fields] {
        var sections: [Fields] = []
        for (index, element) in (values[path]?.elements ?? []).enumerated() {
            sections.append(try Fields(element, named: "\(path)[\(index)]"))
        }
        return sections
    }

    func degrees(_ path: String) -> [TensorParallelDegree]? {
        values[path].flatMap(Self.degrees)
    }

    func parallelisms(_ path: String) -> [Parallelism]? {
        values[path].flatMap(Self.parallelisms)
    }

    /// How many sections a list has.
    func count(_ path: String) -> Int { values[path]?.elements?.count ?? 0 }

    /// The error for a value that is there and does not go with the others.
    func invalid(_ path: String, expected: String) -> CatalogError {
        guard let value = values[path] else { return missing(path, expected) }
        return .invalid(at: value.place, field: path, found: value.shown, expected: expected)
    }

    /// The error for a key that is not there, placed at its section.
    func missing(_ path: String, _ expected: String) -> CatalogError {
        let section = path.lastIndex(of: ".").map { String(path[..<$0]) } ?? ""
        return .missing(at: places[section] ?? root, field: path, expected: expected)
    }

    private mutating func read(
        _ tree: SourceValue, section: String
    ) throws(CatalogError) {
        guard let entries = tree.entries else {
            throw .invalid(
                at: tree.place, field: section.isEmpty ? "the file" : section, found: tree.shown,
                expected: "\(CaseField.Kind.section)")
        }
        let fields = CaseFields.children(of: section)
        for entry in entries {
            guard let field = fields.first(where: { $0.key == entry.key }) else {
                throw CaseKeys.unknown(entry, in: section)
            }
            places[field.path] = entry.place
            try read(entry.value, as: field)
        }
        try requireFields(fields)
    }

    /// Keys of each section of a list, kept as `pools[0].gpu`.
    private mutating func readPools(
        _ list: SourceValue, _ field: CaseField
    ) throws(CatalogError) {
        for (index, element) in (list.elements ?? []).enumerated() {
            let name = "\(field.path)[\(index)]"
            let section = try Fields(element, named: name)
            try section.refuseKeys(except: CaseFields.pool.map(\.key))
            places[name] = element.place
            for key in CaseFields.pool {
                guard let given = section.value(key.key) else {
                    guard case .required = key.fallback else { continue }
                    throw section.missing(key.key, "\(key.kind)")
                }
                try key.check(given, as: section.prefix + key.key)
                values[section.prefix + key.key] = given
            }
        }
    }

    private mutating func read(
        _ value: SourceValue, as field: CaseField
    ) throws(CatalogError) {
        if case .section = field.kind { return try read(value, section: field.path) }
        if case .law(let range) = field.kind {
            laws[field.path] = try LawReader(path: field.path, range: range).law(value)
        } else {
            try field.check(value, as: field.path)
        }
        values[field.path] = value
        if case .pools = field.kind { try readPools(value, field) }
    }

    private func requireFields(_ fields: [CaseField]) throws(CatalogError) {
        for field in fields {
            guard case .required = field.fallback, places[field.path] == nil else { continue }
            throw missing(field.path, "\(field.kind)")
        }
    }
}

extension CaseValues {
    /// Different degrees in rising order, or nil where one is no power of two or comes twice.
    static func degrees(_ value: SourceValue) -> [TensorParallelDegree]? {
        guard let elements = value.elements, !elements.isEmpty else { return nil }
        let degrees = elements.compactMap { $0.integer.flatMap { TensorParallelDegree($0) } }
        guard degrees.count == elements.count, Set(degrees).count == degrees.count else {
            return nil
        }
        return degrees.sorted()
    }
}

extension CaseValues {
    static func parallelism(_ value: SourceValue) -> Parallelism? {
        (value.text ?? value.integer.map(String.init)).flatMap { Parallelism(notation: $0) }
    }

    /// Different ways to spread a worker over GPUs, or nil where one is none or comes twice.
    static func parallelisms(_ value: SourceValue) -> [Parallelism]? {
        guard let elements = value.elements, (1...100).contains(elements.count) else { return nil }
        let found = elements.compactMap(parallelism)
        return found.count == elements.count && Set(found).count == found.count ? found : nil
    }
}

extension CaseField {
    /// Refuses a value of the wrong type or outside the range.
    func check(_ value: SourceValue, as path: String) throws(CatalogError) {
        guard !accepts(value) else { return }
        // Of a list of numbers the one that is wrong.
        if case .numbers(let range) = kind, let elements = value.elements,
            let bad = elements.firstIndex(where: { !($0.number.map(range.contains) ?? false) })
        {
            throw .invalid(
                at: elements[bad].place, field: "\(path)[\(bad)]", found: elements[bad].shown,
                expected: "a number \(range)")
        }
        // Of a list of ways to spread a worker the one that is none, or comes again.
        if case .parallelisms = kind, let elements = value.elements,
            let bad = elements.indices.first(where: { place in
                let own = CaseValues.parallelism(elements[place])
                return own == nil
                    || elements[..<place].contains { CaseValues.parallelism($0) == own }
            })
        {
            throw .invalid(
                at: elements[bad].place, field: "\(path)[\(bad)]", found: elements[bad].shown,
                expected: "a TP degree that is a power of two up to 64, with dp ranks and ep GPUs "
                    + "up to 1024 behind it as in 1dp8ep8 or 4ep4, and each once")
        }
        throw .invalid(at: value.place, field: path, found: value.shown, expected: "\(kind)")
    }

    private func accepts(_ value: SourceValue) -> Bool {
        switch kind {
        case .section: value.entries != nil
        case .text: value.text.map { (1...1000).contains($0.count) } ?? false
        case .word(let words): value.text.map(words.contains) ?? false
        case .number(let range), .law(let range): value.number.map(range.contains) ?? false
        case .integer(let range): value.integer.map(range.contains) ?? false
        case .numbers(let range): acceptsAll(value.elements, in: range)
        case .components: value.elements.map { (1...100).contains($0.count) } ?? false
        case .tenants:
            value.elements.map { (1...TenantLabels.most).contains($0.count) } ?? false
        case .pools:
            value.elements.map { (1...CaseFields.mostPools).contains($0.count) } ?? false
        case .poolName: value.text.map { GPUPool.isName($0) } ?? false
        case .degrees: CaseValues.degrees(value) != nil
        case .parallelisms: CaseValues.parallelisms(value) != nil
        }
    }

    private func acceptsAll(_ elements: [SourceValue]?, in range: NumberRange) -> Bool {
        guard let elements, (1...100_000).contains(elements.count) else { return false }
        return elements.allSatisfy { $0.number.map(range.contains) ?? false }
    }
}

/// Advice on keys that do not exist.
enum CaseKeys {
    static func unknown(_ entry: SourceValue.Entry, in section: String) -> CatalogError {
        let siblings = CaseFields.children(of: section)
        let path = section.isEmpty ? entry.key : section + "." + entry.key
        return .unknownKey(
            at: entry.place, key: path, nearest: nearest(entry.key, siblings),
            known: siblings.map(\.key))
    }

    /// The same key in another section, a similar one here, or a similar one elsewhere.
    private static func nearest(_ key: String, _ siblings: [CaseField]) -> String? {
        if let moved = CaseFields.all.first(where: { $0.key == key }) { return moved.path }
        let here = NearestName.suggestions(for: key, among: siblings.map(\.key)).first
        if let here { return here }
        let anywhere = NearestName.suggestions(for: key, among: CaseFields.all.map(\.key)).first
        return anywhere.flatMap { near in CaseFields.all.first { $0.key == near }?.path }
    }
}
