/// The platforms of the rows of a table, each once.
public struct RowPlatforms: Sendable {
    /// Which of `platforms` each row ran on, in the order of the table, or why that is not known.
    let places: [Result<Int, Refusal>]
    let platforms: [MeasuredPlatform]

    /// - Parameters:
    ///   - places: into `platforms`, one for each row.
    ///   - platforms: in any order.
    /// - Precondition: every place exists.
    public init(places: [Result<Int, Refusal>], platforms: [MeasuredPlatform]) {
        precondition(
            places.allSatisfy { place in
                (try? place.get()).map(platforms.indices.contains) ?? true
            }, "every row has a platform or none")
        self.places = places
        self.platforms = platforms
    }
}
