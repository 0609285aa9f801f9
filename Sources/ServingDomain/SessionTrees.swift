/// Which sessions of a table are started by rounds of others.
///
/// A session that no other starts is the *root* of a *job*: itself, the sessions that its rounds
/// start, and those that their rounds start. A table holds its jobs one behind the other, each with
/// its root first. Where every session is a job of its own, nothing is kept.
@frozen
public struct SessionTrees: Hashable, Sendable {
    /// Stands for "no round".
    public static let none: Int32 = -1

    /// Round that starts each session, as its place in the table, or `none` for a root; empty
    /// where every session is a root.
    public private(set) var startingRounds: [Int32] = []
    /// The sessions that each round starts; ends after the last round that starts any.
    @usableFromInline var children: [Range<Int32>] = []
    /// The root of each job, and one past the last session at the end.
    @usableFromInline var roots: [Int32] = []

    public init() {}

    /// Whether every session is a job of its own.
    @inlinable
    public var isEmpty: Bool { children.isEmpty }

    /// The sessions that start when a round ends, by the round's place in its table.
    @inlinable
    public func children(ofRound round: Int) -> Range<Int> {
        guard round < children.count else { return 0..<0 }
        return Int(children[round].lowerBound)..<Int(children[round].upperBound)
    }

    /// Jobs among `sessions` sessions.
    @inlinable
    public func jobCount(of sessions: Int) -> Int {
        isEmpty ? sessions : roots.count - 1
    }

    /// The sessions of a job, its root first.
    @inlinable
    public func sessions(ofJob job: Int) -> Range<Int> {
        isEmpty ? job..<job + 1 : Int(roots[job])..<Int(roots[job + 1])
    }

    // MARK: Building

    /// Notes a root behind `sessions` sessions.
    mutating func addRoot(behind sessions: Int) {
        guard !isEmpty else { return }
        startingRounds.append(Self.none)
        roots.append(Int32(sessions + 1))
    }

    /// Notes that `round`, of the newest job, starts a session behind `sessions` sessions.
    mutating func addChild(of round: Int, behind sessions: Int) {
        if isEmpty { begin(sessions) }
        let child = Int32(sessions)
        while children.count <= round { children.append(0..<0) }
        let present = children[round]
        precondition(present.isEmpty || present.upperBound == child, "children in one place")
        children[round] = (present.isEmpty ? child : present.lowerBound)..<child + 1
        startingRounds.append(Int32(round))
        roots[roots.count - 1] = child + 1
    }

    /// Every session so far is a root.
    private mutating func begin(_ sessions: Int) {
        startingRounds = Array(repeating: Self.none, count: sessions)
        roots = (0...Int32(sessions)).map { $0 }
    }
}
