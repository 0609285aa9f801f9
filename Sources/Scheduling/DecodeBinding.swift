/// Binding of a session to a decode worker for its whole life (§4.1): by memory usage.
public enum DecodeBinding {
    /// The worker with the most free KV tokens; the lowest index at equal room.
    public static func choose(freeTokens: some Collection<Int>) -> Int? {
        var best: (index: Int, free: Int)?
        for (index, free) in freeTokens.enumerated() where free > best?.free ?? .min {
            best = (index, free)
        }
        return best?.index
    }
}
