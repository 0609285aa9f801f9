/// What lies in host memory beside one worker, in whole blocks: histories of sessions, and segments
/// that prompts share, in the order in which they came or were copied last.
struct HostShelf {
    private var entries = KVEntryList()
    private(set) var historyBlocks = 0
    private(set) var segmentBlocks = 0

    var blocks: Int { historyBlocks + segmentBlocks }

    /// What has to leave before anything else; there is something where there are blocks.
    var first: Int { Int(entries.first) }

    mutating func append(_ entry: Int, in all: inout KVEntries) {
        entries.append(entry, in: &all)
        count(all[entry], sign: 1)
    }

    mutating func remove(_ entry: Int, in all: inout KVEntries) {
        entries.remove(entry, in: &all)
        count(all[entry], sign: -1)
    }

    /// Leaves the first tokens of an entry, in so many blocks, at its place.
    mutating func shorten(
        _ entry: Int, to tokens: Int, blocks: Int, in all: inout KVEntries
    ) {
        count(all[entry], sign: -1)
        all[entry].shorten(to: tokens, blocks: blocks)
        count(all[entry], sign: 1)
    }

    private mutating func count(_ entry: KVEntry, sign: Int) {
        if entry.segment == nil {
            historyBlocks += sign * Int(entry.blocks)
        } else {
            segmentBlocks += sign * Int(entry.blocks)
        }
    }
}
