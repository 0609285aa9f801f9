import DiscreteEvents
import ServingDomain

/// Runs that are given up once too many rounds or sessions have missed their targets.
extension RunningCluster {
    /// A measured round has ended.
    mutating func countMissed(roundMeetingTTFT meetsTTFT: Bool, _ meetsITL: PerStatistic) {
        let meetsITL = meetsITL[setup.service.itlStatistic.place] > 0
        switch setup.service.headline {
        case .sessionStrict: break
        case .roundJoint: miss(meetsTTFT && meetsITL ? 0 : 1)
        case .ttftOnly: miss(meetsTTFT ? 0 : 1)
        case .itlOnly: miss(meetsITL ? 0 : 1)
        }
    }

    /// A measured session has ended; `good` says under which statistics it met its targets.
    mutating func countMissed(session good: PerStatistic) {
        guard setup.service.headline == .sessionStrict else { return }
        miss(good[setup.service.itlStatistic.place] > 0 ? 0 : 1)
    }

    /// Measured sessions were refused.
    mutating func countRefused(sessions: Int, rounds: Int) {
        miss(setup.service.headline == .sessionStrict ? sessions : rounds)
    }

    /// A round that fills the cluster has ended.
    ///
    /// Its single gaps were not counted, so that only a mean of them is held against the target.
    mutating func countMissed(fillingRound slot: Int, lastToken: SimulatedTime) {
        let target = targets[Int(slots[slot].tenant)]
        let ttft = slots[slot].firstToken - slots[slot].released + slots[slot].firstTokenLatency
        let gaps = GapTotals(
            time: lastToken - slots[slot].firstToken, count: Int64(slots[slot].outputTokens - 1),
            over: 0)
        let meetsMean = gaps.meets(target.itl)[ServiceLevel.ITLStatistic.mean.place] > 0
        let meetsITL = setup.service.itlStatistic != .mean || meetsMean
        switch setup.service.headline {
        case .sessionStrict: return
        case .roundJoint: result.misses.filling += ttft <= target.ttft && meetsITL ? 0 : 1
        case .ttftOnly: result.misses.filling += ttft <= target.ttft ? 0 : 1
        case .itlOnly: result.misses.filling += meetsITL ? 0 : 1
        }
        giveUpIfBeyond()
    }

    private mutating func miss(_ units: Int) {
        result.misses.measured += units
        giveUpIfBeyond()
    }

    private mutating func giveUpIfBeyond() {
        guard let bound = missBound,
            result.misses.measured > bound.measured || result.misses.filling > bound.filling
        else { return }
        result.isGivenUp = true
        // Nothing more is waited for.
        outstanding = 0
    }
}
