/// The calls of a session that have their place among rounds, looked up by what others go on with.
struct PlacedCalls {
    /// Where a call stands.
    struct Place {
        let call: CallSpan
        let session: Int
        let round: Int
    }

    private var places: [Place] = []
    /// The latest call with these messages, by the hash of all of them.
    private var latest: [UInt64: Int] = [:]
    /// Calls that have not ended, the last to end first.
    private var underWay: [Int] = []
    /// The call that had ended last, and the latest of those without messages that had.
    private(set) var lastEnded: Place?
    private var lastSilent: Place?

    /// The sessions that the calls are rounds of, each once.
    var sessions: [Int] { Set(places.map(\.session)).sorted() }

    mutating func add(_ place: Place) {
        places.append(place)
        if let messages = place.call.messages.last { latest[messages] = places.count - 1 }
        var (low, high) = (0, underWay.count)
        while low < high {
            let middle = (low + high) / 2
            if places[underWay[middle]].call.end > place.call.end {
                low = middle + 1
            } else {
                high = middle
            }
        }
        underWay.insert(places.count - 1, at: low)
    }

    /// Notes that time has come to a start, before which calls may have ended.
    mutating func end(before start: Int64) {
        while let last = underWay.last, places[last].call.end <= start {
            underWay.removeLast()
            lastEnded = places[last]
            if places[last].call.messages.isEmpty { lastSilent = places[last] }
        }
    }

    /// The latest call with the longest beginning of what this one was sent; without messages, the
    /// latest without any that had ended.
    func predecessor(of call: CallSpan) -> Place? {
        guard !call.messages.isEmpty else { return lastSilent }
        for hash in call.messages.dropLast().reversed() {
            if let place = latest[hash], places[place].call.start < call.start {
                return places[place]
            }
        }
        return nil
    }
}
