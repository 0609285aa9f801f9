/// Jobs of several tables in one, each with its own prefixes.
extension SessionTable {
    /// What the words of another table are called in this one.
    public struct Translation {
        fileprivate var segments: [Int32] = []
        fileprivate var tools: [Int16] = []
        fileprivate let tenant: Int16
        /// By the last segment; looked up, never iterated.
        fileprivate var lists: [Int32: Range<Int32>] = [:]
    }

    /// Adds a tenant, with the prefixes and tools of its table.
    ///
    /// Tools of the same name are the same tool; prefixes are the tenant's alone.
    ///
    /// - Returns: nil where there are more tenants or tools than can be.
    public mutating func add(tenant: String, speaking other: Self) -> Translation? {
        guard let label = tenants.add(tenant) else { return nil }
        var translation = Translation(tenant: label)
        for (segment, tokens) in other.prefixes.segmentTokens.enumerated() {
            let before = other.prefixes.predecessors[segment]
            translation.segments.append(
                prefixes.define(
                    tokens: Int(tokens),
                    after: before == SharedPrefixes.none
                        ? before : translation.segments[Int(before)]))
        }
        for name in other.tools.names {
            let known = tools.names.firstIndex(of: name).map { Int16($0) }
            guard let tool = known ?? tools.add(name) else { return nil }
            translation.tools.append(tool)
        }
        return translation
    }

    /// Adds a copy of a job of another table, whose words were translated.
    public mutating func append(
        arrival: Int64, translatingJob job: Int, of other: Self, by translation: inout Translation
    ) {
        let (copied, shift) = appendRounds(arrival: arrival, ofJob: job, of: other) { _ in
            translation.tenant
        }
        for round in copied { translate(round, of: other, to: round + shift, &translation) }
    }

    private mutating func translate(
        _ round: Int, of other: Self, to place: Int, _ translation: inout Translation
    ) {
        let label = other.tools.label(ofRound: round)
        if label != ToolLabels.none {
            tools.set(translation.tools[Int(label)], ofRound: place)
        }
        histories.set(other.histories.tokens(ofRound: round), ofRound: place)
        guard let last = other.prefixes.segments(ofRound: round).last else { return }
        let list =
            translation.lists[last]
            ?? prefixes.addList(endingWith: translation.segments[Int(last)])
        translation.lists[last] = list
        prefixes.set(list, ofRound: place)
    }
}
