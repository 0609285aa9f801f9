/// Suggestions for a misspelt name.
public enum NearestName {
    /// The candidates close to `name`, best first, at most three.
    public static func suggestions(for name: String, among candidates: [String]) -> [String] {
        let wanted = name.prefix(80).lowercased()
        let scored = candidates.map { ($0, distance(wanted, $0.lowercased())) }
        let limit = max(1, wanted.count / 3)
        let close = scored.filter { $0.1 <= limit || contains($0.0.lowercased(), wanted) }
        return close.sorted { ($0.1, $0.0) < ($1.1, $1.0) }.prefix(3).map(\.0)
    }

    private static func contains(_ candidate: String, _ wanted: String) -> Bool {
        wanted.count >= 3 && (candidate.contains(wanted) || wanted.contains(candidate))
    }

    /// Insertions, deletions and replacements that lead from one word to the other.
    private static func distance(_ first: String, _ second: String) -> Int {
        let columns = Array(second)
        var previous = Array(0...columns.count)
        for (row, letter) in first.enumerated() {
            var current = [row + 1]
            for (column, other) in columns.enumerated() {
                let replace = previous[column] + (letter == other ? 0 : 1)
                current.append(min(replace, previous[column + 1] + 1, current[column] + 1))
            }
            previous = current
        }
        return previous[columns.count]
    }
}
