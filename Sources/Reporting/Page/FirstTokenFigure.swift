import Planning
import ServingDomain

extension PlanFigures {
    /// Where the time to the first token goes; nil where no round had one.
    var firstTokens: Figure? {
        guard !study.firstTokens.bars.isEmpty else { return nil }
        return Figure(
            id: "first-token", title: "Where the time to the first token goes",
            caption:
                "Mean milliseconds from the release of a round until its first token reaches the "
                + "client, split into what it waits for, over the measured rounds of one "
                + "replication; the parts of a bar add up to its mean TTFT. Queue holds the waits "
                + "for KV memory and for the worker; the hand-over is the way of the KV cache to "
                + "the decode worker and the wait for a step there." + trusted,
            chart: firstTokenChart, table: firstTokenTable)
    }

    private var firstTokenChart: StackedBars {
        StackedBars(
            title: "ms, mean", parts: FirstTokenSplit.Part.allCases.map(\.words),
            bars: study.firstTokens.bars.map { bar in
                StackedBars.Bar(
                    name: "\(bar.group.words) (\(bar.rounds))", values: bar.means.map { $0 / 1e6 })
            }, guide: (service.ttft.inMilliseconds, "target of TTFT: \(targetTTFT)"),
            label: { "\(rounded($0, 1))" })
    }

    private var firstTokenTable: TextTable {
        var table = TextTable(
            [("rounds", .left), ("count", .right)]
                + FirstTokenSplit.Part.allCases.map { ("\($0.name)_ms", .right) }
                + [("ttft_ms", .right)])
        for bar in study.firstTokens.bars {
            table.append(
                [bar.group.words, "\(bar.rounds)"]
                    + (bar.means + [bar.total]).map { Self.milliseconds($0, 3) })
        }
        return table
    }
}

extension FirstTokenSplit.Part {
    fileprivate var name: String {
        switch self {
        case .queue: "queue"
        case .history: "history_read"
        case .compute: "compute"
        case .handOver: "hand_over"
        case .client: "client"
        }
    }

    fileprivate var words: String {
        switch self {
        case .queue: "queue: for memory and a worker"
        case .history: "history read by the prefill worker"
        case .compute: "compute of the prompt"
        case .handOver: "hand-over to the decode worker"
        case .client: "way of the token to the client"
        }
    }
}

extension FirstTokenSplit.Group {
    fileprivate var words: String {
        switch self {
        case .all: "all rounds"
        case .firstRounds: "first rounds"
        case .laterRounds: "later rounds"
        case .slowest: "slowest twentieth"
        }
    }
}
