import HeapModule

/// Merges of neighbouring symbols, the earliest learnt first.
struct BytePairs: Sendable {
    struct Merge: Sendable {
        let rank: Int32
        let symbol: Int32
    }

    /// What symbols a word begins as.
    enum Alphabet: Sendable {
        /// A symbol for each byte of its UTF-8 text.
        case bytes([Int32])
        /// A symbol for each character.
        case characters([Unicode.Scalar: Int32], unknown: Unknown)
    }

    /// What stands for characters without a symbol, with which nothing merges.
    enum Unknown: Sendable {
        /// A symbol for each byte.
        case bytes
        /// A symbol for each, or one for all that stand together.
        case one, oneForSeveral
        case nothing
    }

    let alphabet: Alphabet
    /// By both symbols; looked up, never iterated.
    let merges: [UInt64: Merge]
    /// UTF-8 of words that are one token whatever the merges; empty for none.
    let whole: Set<[UInt8]>

    static func key(_ left: Int32, _ right: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
    }

    /// Tokens of a word.
    func count(_ word: String) -> Int {
        if !whole.isEmpty, whole.contains(Array(word.utf8)) { return 1 }
        switch alphabet {
        case .bytes(let symbols): return merged(word.utf8.map { symbols[Int($0)] })
        case .characters(let known, let unknown):
            var symbols: [Int32] = []
            for scalar in word.unicodeScalars {
                if let symbol = known[scalar] {
                    symbols.append(symbol)
                    continue
                }
                switch unknown {
                case .bytes: symbols += Array(repeating: -1, count: UTF8.width(scalar))
                case .one: symbols.append(-1)
                case .oneForSeveral: if symbols.last != -1 { symbols.append(-1) }
                case .nothing: break
                }
            }
            return merged(symbols)
        }
    }

    /// A pair that may be merged.
    private struct Candidate: Comparable {
        let rank: Int32
        let place: Int32
        /// What stands there, while the candidate holds.
        let left: Int32
        let right: Int32
        let symbol: Int32

        static func < (a: Self, b: Self) -> Bool { (a.rank, a.place) < (b.rank, b.place) }
    }

    /// Symbols that are left when nothing can be merged any more.
    private func merged(_ start: [Int32]) -> Int {
        guard start.count > 1 else { return start.count }
        var symbols = start
        var next = (1...start.count).map { Int32($0) }
        var previous = (-1..<start.count - 1).map { Int32($0) }
        var heap = Heap<Candidate>()
        let end = Int32(start.count)
        /// Void symbols of places that became part of another.
        let gone = Int32.min
        func push(_ place: Int32) {
            guard place >= 0, next[Int(place)] < end else { return }
            let (left, right) = (symbols[Int(place)], symbols[Int(next[Int(place)])])
            guard left >= 0, right >= 0, let merge = merges[Self.key(left, right)] else { return }
            heap.insert(
                Candidate(
                    rank: merge.rank, place: place, left: left, right: right, symbol: merge.symbol))
        }
        for place in 0..<end { push(place) }
        var count = start.count
        while let candidate = heap.popMin() {
            let place = Int(candidate.place)
            let other = next[place]
            guard symbols[place] == candidate.left, other < end,
                symbols[Int(other)] == candidate.right
            else { continue }
            symbols[place] = candidate.symbol
            symbols[Int(other)] = gone
            next[place] = next[Int(other)]
            if next[place] < end { previous[Int(next[place])] = candidate.place }
            count -= 1
            push(previous[place])
            push(candidate.place)
        }
        return count
    }
}
