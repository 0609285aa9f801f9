import DiscreteEvents
import ServingDomain

/// Prompts that prefill workers keep for the next round of their session, and for all that begin as
/// they do; least recently used first out.
extension RunningCluster {
    /// Tokens of the round's prompt that a prefill worker has; at least one is left to compute.
    ///
    /// What a session has for itself is of use only behind the whole of what it shares.
    func cachedTokens(_ slot: Int, on index: Int) -> Int {
        let (prompt, found) = (slots[slot].promptTokens, cachedSegments(slot, on: index))
        let shared = found.last.map { prefillSegments.end(of: Int($0)) } ?? 0
        guard found.count == segmentsToKeep(slot).count, let entry = cacheEntry(of: slot, on: index)
        else { return shared }
        return max(shared, min(Int(entries[entry].tokens), wholeBlocks(prompt - 1)))
    }

    /// A prompt has been computed: its whole blocks stay, as far as the worker has memory.
    mutating func keepPrompt(_ slot: Int, on index: Int) {
        guard setup.historySource == .prefillCache else { return }
        if let entry = cacheEntry(of: slot, on: index) { forgetPrompt(entry) }
        let tokens = wholeBlocks(slots[slot].promptTokens)
        guard tokens > 0, tokens / setup.blockSize <= prefillWorkers[index].cacheCapacity else {
            return
        }
        let shared = segmentsToKeep(slot).prefix { prefillSegments.end(of: Int($0)) <= tokens }
        let rest = tokens - (shared.last.map { prefillSegments.end(of: Int($0)) } ?? 0)
        // Nobody loses for a prompt what it shares.
        useLast(shared, on: index)
        makeRoom(rest / setup.blockSize + missingBlocks(shared, on: index), on: index)
        if rest > 0 { keepOwn(slot, tokens, rest / setup.blockSize, on: index) }
        for segment in shared.reversed() { keep(segment: Int(segment), on: index) }
    }

    /// A task is selected: what the worker has of it was used last.
    mutating func touchPrompt(_ slot: Int, on index: Int) {
        guard setup.historySource == .prefillCache else { return }
        if let entry = cacheEntry(of: slot, on: index) { useLast(entry) }
        useLast(cachedSegments(slot, on: index), on: index)
    }

    /// An ended session leaves nothing of its own behind.
    mutating func forgetPrompts(_ slot: Int) {
        while slots[slot].cachedPrompt >= 0 { forgetPrompt(Int(slots[slot].cachedPrompt)) }
    }

    mutating func forgetPrompt(_ entry: Int) {
        let index = Int(entries[entry].worker)
        prefillWorkers[index].cache.remove(entry, in: &entries)
        prefillWorkers[index].cachedBlocks -= Int(entries[entry].blocks)
        if let segment = entries[entry].segment {
            prefillSegments.set(nil, of: segment, on: index)
        } else {
            entries.unchain(entry, from: &slots[Int(entries[entry].owner)].cachedPrompt)
        }
        entries.remove(entry)
    }

    private mutating func makeRoom(_ blocks: Int, on index: Int) {
        while prefillWorkers[index].cachedBlocks + blocks > prefillWorkers[index].cacheCapacity {
            forgetPrompt(Int(prefillWorkers[index].cache.first))
        }
    }

    /// Puts a new entry behind all others.
    private mutating func keep(_ entry: Int) {
        let index = Int(entries[entry].worker)
        prefillWorkers[index].cache.append(entry, in: &entries)
        prefillWorkers[index].cachedBlocks += Int(entries[entry].blocks)
    }

    private mutating func useLast(_ entry: Int) {
        let index = Int(entries[entry].worker)
        prefillWorkers[index].cache.remove(entry, in: &entries)
        prefillWorkers[index].cache.append(entry, in: &entries)
    }

    private func wholeBlocks(_ tokens: Int) -> Int { tokens / setup.blockSize * setup.blockSize }

    // MARK: What belongs to a session alone

    private mutating func keepOwn(_ slot: Int, _ tokens: Int, _ blocks: Int, on index: Int) {
        let entry = entries.insert(
            KVEntry(session: slot, worker: index, blocks: blocks, tokens: tokens))
        entries[entry].sibling = slots[slot].cachedPrompt
        slots[slot].cachedPrompt = Int32(entry)
        keep(entry)
    }

    private func cacheEntry(of slot: Int, on index: Int) -> Int? {
        entries.find(from: slots[slot].cachedPrompt) { Int($0.worker) == index }
    }

    // MARK: Segments that prompts share

    /// The segments with which the round's prompt begins, where prefill workers keep any.
    private func segmentsToKeep(_ slot: Int) -> ArraySlice<Int32> {
        prefillSegments.isEmpty ? [] : sharedSegments(slot)
    }

    /// Those that a worker has, from the first on, and that leave at least a token to compute.
    private func cachedSegments(_ slot: Int, on index: Int) -> ArraySlice<Int32> {
        let prompt = slots[slot].promptTokens
        return segmentsToKeep(slot).prefix {
            prefillSegments.entry(of: Int($0), on: index) != nil
                && prefillSegments.end(of: Int($0)) < prompt
        }
    }

    private func missingBlocks(_ shared: ArraySlice<Int32>, on index: Int) -> Int {
        shared.reduce(0) { sum, segment in
            prefillSegments.entry(of: Int(segment), on: index) == nil
                ? sum + prefillSegments.blocks(of: Int(segment)) : sum
        }
    }

    /// Those behind others become the older ones.
    private mutating func useLast(_ shared: ArraySlice<Int32>, on index: Int) {
        for segment in shared.reversed() {
            if let entry = prefillSegments.entry(of: Int(segment), on: index) { useLast(entry) }
        }
    }

    private mutating func keep(segment: Int, on index: Int) {
        if let entry = prefillSegments.entry(of: segment, on: index) { return useLast(entry) }
        let entry = entries.insert(
            KVEntry(segment: segment, worker: index, blocks: prefillSegments.blocks(of: segment)))
        prefillSegments.set(entry, of: segment, on: index)
        keep(entry)
    }
}
