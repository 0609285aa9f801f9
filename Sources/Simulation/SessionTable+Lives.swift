import ServingDomain

extension SessionTable {
    /// Seconds from arrival to end of each job if every round just meets its targets, in seconds.
    func lives(ttft: Double, itl: Double) -> [Double] {
        var lives = Array(repeating: 0.0, count: count)
        // What a round starts stands behind it in the table.
        for session in (0..<count).reversed() {
            for round in firstRound[session]..<firstRound[session + 1] {
                let script = rounds[round]
                let longest = trees.children(ofRound: round).map { lives[$0] }.max() ?? 0
                lives[session] += ttft + Double(script.outputTokens) * itl
                lives[session] += max(Double(script.delayAfter) / 1e9, longest)
            }
        }
        return (0..<jobCount).map { lives[trees.sessions(ofJob: $0).lowerBound] }
    }
}
