/// Which rounds have prompts that begin alike.
///
/// A prompt begins with a list of *segments*. A segment stands for its tokens and for all that
/// comes before them, as a chained hash of prompt blocks does: equal segments mean equal prompts
/// up to their end, and a segment always follows the same predecessor. What a prompt holds behind
/// its last segment belongs to its session alone.
///
/// Rounds without segments take no memory as long as no later round has any.
@frozen
public struct SharedPrefixes: Hashable, Sendable {
    /// Stands for "no segment".
    public static let none: Int32 = -1

    /// Tokens of each segment, at least 1; its place is the segment's id.
    public private(set) var segmentTokens: [Int32] = []
    /// The segment before each, or `none` where the segment begins a prompt.
    public private(set) var predecessors: [Int32] = []
    /// Lists of segments in the order of their prompts, end to end.
    public private(set) var segments: [Int32] = []
    /// Where the list of each round lies in `segments`; empty after the last round that has one.
    @usableFromInline var places: [Range<Int32>] = []

    public init() {}

    /// Whether no round has a segment.
    @inlinable
    public var isEmpty: Bool { places.isEmpty }

    /// Where in `segments` the list of a round lies, by the round's place in its table.
    ///
    /// The list is for the whole prompt of the round, its history included.
    @inlinable
    public func range(ofRound round: Int) -> Range<Int> {
        guard round < places.count else { return 0..<0 }
        return Int(places[round].lowerBound)..<Int(places[round].upperBound)
    }

    /// The segments of a round's prompt, first to last.
    public func segments(ofRound round: Int) -> ArraySlice<Int32> {
        segments[range(ofRound: round)]
    }

    /// Tokens of the segments in `range`.
    public func tokens(in range: Range<Int>) -> Int {
        segments[range].reduce(0) { $0 + Int(segmentTokens[Int($1)]) }
    }

    // MARK: Building

    /// Defines the next segment and returns its id; ids are dense, in order of definition.
    ///
    /// - Precondition: `tokens` is from 1 to 2³¹ − 1, and `predecessor` is defined or `none`.
    public mutating func define(tokens: Int, after predecessor: Int32 = none) -> Int32 {
        precondition(tokens > 0 && predecessor < segmentTokens.count)
        segmentTokens.append(Int32(tokens))
        predecessors.append(predecessor)
        return Int32(segmentTokens.count - 1)
    }

    /// Adds the list that ends with `last`, all its predecessors before it.
    ///
    /// - Returns: its place, for any number of rounds; empty for `none`.
    public mutating func addList(endingWith last: Int32) -> Range<Int32> {
        let start = segments.count
        var segment = last
        while segment != Self.none {
            segments.append(segment)
            segment = predecessors[Int(segment)]
        }
        segments[start...].reverse()
        return Int32(start)..<Int32(segments.count)
    }

    /// Lets the prompt of a round begin with a list that was added.
    mutating func set(_ list: Range<Int32>, ofRound round: Int) {
        guard !list.isEmpty else { return }
        while places.count <= round { places.append(0..<0) }
        places[round] = list
    }

    /// Gives a round the list of a round of `other`, whose segments these are.
    mutating func copyList(ofRound source: Int, of other: Self, to round: Int) {
        guard source < other.places.count else { return }
        set(other.places[source], ofRound: round)
    }

    /// The same segments and lists for other rounds.
    var withoutRounds: Self {
        var copy = self
        copy.places = []
        return copy
    }
}
