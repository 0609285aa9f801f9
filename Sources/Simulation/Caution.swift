import DiscreteEvents
import ServingDomain

/// Why a 95 % interval may hold the truth less often than in 95 cases of 100.
public enum Caution: String, Hashable, Sendable, CaseIterable {
    /// A single replication has no interval.
    case oneReplication = "one_replication"
    /// The recording holds fewer jobs than the replications measure together: they share some, and
    /// are not independent.
    case repeatedRecording = "repeated_recording"
    /// The lengths of the sessions have a tail index below 2: their variance is infinite as far as
    /// the run can tell, and what matters most may not have come up yet.
    case heavyTail = "heavy_tail"
    /// The measured sessions still feel that the run began empty.
    case warmUp = "warm_up"
    /// Too few independent observations: the standard error exceeds a tenth of a mean, or a third
    /// of the share of values beyond a percentile.
    case fewObservations = "few_observations"
}

extension Caution {
    /// What the sessions and the course of the runs say about every figure; nil for nothing.
    static func general(_ runs: [SimulationResult]) -> Self? {
        guard !runs.isEmpty else { return nil }
        if runs.count == 1 { return .oneReplication }
        if runs.contains(where: \.repeatsRecording) { return .repeatedRecording }
        if let index = SessionLengths.tailIndex(runs), index < 2 { return .heavyTail }
        return WarmUpCheck(runs).isIncomplete ? .warmUp : nil
    }
}

/// Lengths that the measured sessions brought along, whatever served them.
struct SessionLengths: Sendable, Codable {
    /// New prompt tokens of each round.
    private(set) var prompts = LogHistogram()
    /// Output tokens of each round.
    private(set) var outputs = LogHistogram()

    init() {}

    init(_ table: SessionTable, _ measured: MeasuredSessions) {
        let sessions = table.sessions(ofJobs: measured)
        let rounds =
            table.firstRound[sessions.lowerBound]..<table.firstRound[sessions.upperBound]
        for round in table.rounds[rounds] {
            prompts.record(Double(round.newTokens))
            outputs.record(Double(round.outputTokens))
        }
    }

    /// The smaller of the tail indices of prompts and outputs over all runs.
    static func tailIndex(_ runs: [SimulationResult]) -> Double? {
        var (prompts, outputs) = (LogHistogram(), LogHistogram())
        for run in runs {
            prompts.merge(run.lengths.prompts)
            outputs.merge(run.lengths.outputs)
        }
        return [prompts.tailIndex, outputs.tailIndex].compactMap { $0 }.min()
    }
}

extension SessionTable {
    /// The sessions of the measured jobs; none where there are fewer jobs.
    func sessions(ofJobs measured: MeasuredSessions) -> Range<Int> {
        let last = min(measured.end, jobCount) - 1
        guard measured.first <= last else { return 0..<0 }
        return trees.sessions(ofJob: measured.first)
            .lowerBound..<trees.sessions(ofJob: last).upperBound
    }
}
