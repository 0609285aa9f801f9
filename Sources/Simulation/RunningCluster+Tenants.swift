import CostModeling
import DiscreteEvents
import ServingDomain

/// What the sessions of each tenant experience, where a workload tells whose they are.
///
/// Place 0 of everything stands for sessions without a tenant.
extension RunningCluster {
    /// Begins the figures, with the measured sessions of each tenant.
    mutating func countTenants() {
        guard targets.count > 1 else { return }
        result.tenants = ([""] + sessions.tenants.names).map(TenantFigures.init)
        for session in sessions.sessions(ofJobs: measured) {
            result.tenants[Int(sessions.tenants.label(ofSession: session)) + 1].sessions += 1
        }
    }

    mutating func noteRefusal(ofTenant tenant: Int32, rounds: Int) {
        guard !result.tenants.isEmpty else { return }
        result.tenants[Int(tenant)].refusedRounds += rounds
    }

    mutating func recordTenantRound(
        _ slot: Int, _ outcome: RoundOutcome, meetsTTFT: Bool, _ meetsITL: PerStatistic
    ) {
        guard !result.tenants.isEmpty else { return }
        let tenant = Int(slots[slot].tenant)
        result.tenants[tenant].good.itl &+= meetsITL
        if meetsTTFT {
            result.tenants[tenant].good.ttft += 1
            result.tenants[tenant].good.joint &+= meetsITL
        }
        result.tenants[tenant].roundCount += 1
        result.tenants[tenant].ttft.record(nanoseconds: outcome.ttft)
        if outcome.outputTokens > 1 { result.tenants[tenant].tpot.record(outcome.meanITL) }
        result.tenants[tenant].untilPrefilled.record(
            nanoseconds: outcome.prefillEnded - outcome.released)
    }

    /// A measured session has ended; `good` says under which statistics it met its targets.
    mutating func recordTenantSession(_ slot: Int, _ endToEnd: Int64, _ good: PerStatistic) {
        guard !result.tenants.isEmpty else { return }
        let tenant = Int(slots[slot].tenant)
        result.tenants[tenant].endToEnd.record(nanoseconds: endToEnd)
        result.tenants[tenant].good.sessions &+= good
    }

    // MARK: Gaps between tokens

    /// Remembers who was in a batch before the run that begins.
    mutating func noteContinuingTenants(_ worker: Int) {
        guard !workers[worker].batch.tenants.isEmpty else { return }
        for tenant in workers[worker].batch.tenants.indices {
            workers[worker].batch.tenants[tenant].continuing =
                workers[worker].batch.tenants[tenant].measured
        }
        for place in workers[worker].firstSteps.indices {
            let slot = Int(workers[worker].firstSteps[place])
            guard slots[slot].stage == .decoding, slots[slot].isMeasured else { continue }
            workers[worker].batch.tenants[Int(slots[slot].tenant)].continuing -= 1
        }
    }

    /// Gaps of those who stayed, as `recordGaps` has them for all.
    mutating func recordTenantGaps(_ worker: Int, _ run: StepRun) {
        for tenant in workers[worker].batch.tenants.indices {
            let members = workers[worker].batch.tenants[tenant]
            result.tenants[tenant].gaps.record(
                ticks: Ticks.wide(run.first) + workers[worker].entry.stall,
                count: members.continuing)
            if run.steps > 1, members.measured > 0 {
                result.tenants[tenant].gaps.record(run: run, from: 1, count: members.measured)
            }
        }
    }

    /// A single gap of a session, in ticks.
    mutating func recordTenantGap(_ gap: Int128, _ slot: Int) {
        guard !result.tenants.isEmpty, slots[slot].isMeasured else { return }
        result.tenants[Int(slots[slot].tenant)].gaps.record(ticks: gap, count: 1)
    }

    /// Whether the first step of the present run is too long for those of a session's tenant who stayed;
    /// false where no tenants are told.
    func isFirstLongForTenant(_ slot: Int, _ worker: Int) -> Bool {
        guard !workers[worker].batch.tenants.isEmpty else { return false }
        return isFirstLong(worker, for: Int(slots[slot].tenant))
    }

    private func isFirstLong(_ worker: Int, for tenant: Int) -> Bool {
        let entry = workers[worker].entry
        return Ticks.wide(entry.run.first) + entry.stall > targets[tenant].longestGap
    }

    /// Counts for each tenant the steps that were too long for those who stayed.
    mutating func countTenantLongSteps(_ worker: Int, _ run: StepRun) {
        for tenant in workers[worker].batch.tenants.indices
        where workers[worker].batch.tenants[tenant].count > 0 {
            let long = run.steps(from: 1, longerThan: targets[tenant].longestGap)
            workers[worker].batch.tenants[tenant].longSteps +=
                Int64(long) + (isFirstLong(worker, for: tenant) ? 1 : 0)
        }
    }
}
