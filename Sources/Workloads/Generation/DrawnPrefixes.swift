import DiscreteEvents
import ServingDomain

/// Prefix groups with their lengths, and the group of every session.
struct DrawnPrefixes {
    /// A table without sessions that knows the groups' segments.
    let vocabulary: SessionTable
    /// Tokens of each group's prefix.
    private let tokens: [Int]
    private let lists: [Range<Int32>]
    /// Probability of each group and all before it, times a common factor.
    private let cumulated: [Double]
    private let draws: RandomStream

    init(_ groups: Workload.PrefixGroups, seed: UInt64) {
        let lengths = RandomStream(seed: seed, named: "prefix tokens")
        var (table, lists, sum) = (SessionTable(), [Range<Int32>](), 0.0)
        let numbers = 0..<max(1, groups.count)
        tokens = numbers.map {
            WholeTokens.rounding(groups.tokens.distribution.sample(unit: lengths.unit($0)))
        }
        for length in tokens {
            let segment = table.prefixes.define(tokens: length)
            lists.append(table.prefixes.addList(endingWith: segment))
        }
        cumulated = numbers.map { number in
            sum += groups.popularity == .zipf ? 1 / Double(number + 1) : 1
            return sum
        }
        vocabulary = table
        self.lists = lists
        draws = RandomStream(seed: seed, named: "prefix group")
    }

    /// The prefix of a session: its place among the segments of `vocabulary` and its tokens.
    func prefix(of session: Int) -> (list: Range<Int32>, tokens: Int) {
        let group = group(of: session)
        return (lists[group], tokens[group])
    }

    /// The first group at which the cumulated probability exceeds a uniform number.
    private func group(of session: Int) -> Int {
        let point = draws.unit(session) * (cumulated.last ?? 1)
        var (low, high) = (0, cumulated.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if cumulated[middle] > point { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

/// Whole tokens from fractional ones.
enum WholeTokens {
    /// The nearest whole number from 1 up to the most that a round can hold.
    static func rounding(_ value: Double) -> Int {
        guard value > 1 else { return 1 }
        return Int(min(value.rounded(), Double(Int32.max)))
    }
}
