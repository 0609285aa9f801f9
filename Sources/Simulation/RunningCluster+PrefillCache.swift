import DiscreteEvents
import ServingDomain

/// Prompts that prefill workers keep for the next round of their session, least recently used
/// first out.
extension RunningCluster {
    /// Tokens of the round's prompt that a prefill worker has; at least one is left to compute.
    func cachedTokens(_ slot: Int, on index: Int) -> Int {
        guard let entry = cacheEntry(of: slot, on: index) else { return 0 }
        return min(Int(entries[entry].tokens), wholeBlocks(slots[slot].promptTokens - 1))
    }

    /// A prompt has been computed: its whole blocks stay, as far as the worker has memory.
    mutating func keepPrompt(_ slot: Int, on index: Int) {
        guard setup.historySource == .prefillCache else { return }
        if let entry = cacheEntry(of: slot, on: index) { forgetPrompt(entry) }
        let tokens = wholeBlocks(slots[slot].promptTokens)
        guard tokens > 0, tokens <= prefillWorkers[index].cacheCapacity else { return }
        while prefillWorkers[index].cachedTokens + tokens > prefillWorkers[index].cacheCapacity {
            forgetPrompt(Int(prefillWorkers[index].cache.first))
        }
        let entry = entries.insert(
            KVEntry(session: slot, worker: index, blocks: 0, tokens: tokens))
        entries[entry].sibling = slots[slot].cachedPrompt
        slots[slot].cachedPrompt = Int32(entry)
        prefillWorkers[index].cache.append(entry, in: &entries)
        prefillWorkers[index].cachedTokens += tokens
    }

    /// A task is selected: what the worker has of it was used last.
    mutating func touchPrompt(_ slot: Int, on index: Int) {
        guard let entry = cacheEntry(of: slot, on: index) else { return }
        prefillWorkers[index].cache.remove(entry, in: &entries)
        prefillWorkers[index].cache.append(entry, in: &entries)
    }

    /// An ended session leaves nothing behind.
    mutating func forgetPrompts(_ slot: Int) {
        while slots[slot].cachedPrompt >= 0 { forgetPrompt(Int(slots[slot].cachedPrompt)) }
    }

    private mutating func forgetPrompt(_ entry: Int) {
        let (index, slot) = (Int(entries[entry].worker), Int(entries[entry].owner))
        prefillWorkers[index].cache.remove(entry, in: &entries)
        prefillWorkers[index].cachedTokens -= Int(entries[entry].tokens)
        entries.unchain(entry, from: &slots[slot].cachedPrompt)
        entries.remove(entry)
    }

    private func cacheEntry(of slot: Int, on index: Int) -> Int? {
        var entry = Int(slots[slot].cachedPrompt)
        while entry >= 0, Int(entries[entry].worker) != index {
            entry = Int(entries[entry].sibling)
        }
        return entry >= 0 ? entry : nil
    }

    private func wholeBlocks(_ tokens: Int) -> Int { tokens / setup.blockSize * setup.blockSize }
}
