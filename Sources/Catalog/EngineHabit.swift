import ServingDomain

/// Something that an engine does of itself since one of its versions, unless it is told otherwise.
public struct EngineHabit: Hashable, Sendable {
    /// First version that does so.
    public let since: String
    /// Day on which that version came out, as year-month-day.
    public let released: String
    public let source: String

    init(_ fields: Fields) throws(CatalogError) {
        try fields.refuseKeys(except: ["since", "released", "source"])
        since = try fields.text("since")
        released = try fields.text("released")
        source = try fields.text("source")
    }

    /// Whether an engine of this version does so by default.
    ///
    /// - Parameters:
    ///   - version: such as `0.16.0rc1`; nil, or a name without numbers, where it is not known.
    ///   - day: the day on which it ran, as year-month-day, which decides where the version does not.
    /// - Returns: true where neither is known: engines of today do so.
    public func isDefault(version: String?, day: String? = nil) -> Bool {
        if let version = version.flatMap(EngineVersion.init), let since = EngineVersion(since),
            let isLater = version.isAtLeast(since)
        {
            return isLater
        }
        return day.map { $0 >= released } ?? true
    }
}
