import CostModeling
import DiscreteEvents
import ServingDomain

/// KV cache on its way between prefill workers and serving workers.
extension RunningCluster {
    /// Moves the KV cache of `tokens` tokens between a round's prefill worker and its serving worker.
    ///
    /// The software path occupies nothing; then the bytes share the ports of both workers.
    ///
    /// - Returns: whether an arrival follows: that of an increment always does, that of a history
    ///   only if it takes any time.
    @discardableResult
    mutating func startTransfer(
        _ part: Transfer.Part, _ tokens: Int, of slot: Int, prefillWorker index: Int
    ) -> Bool {
        let serving = Int(slots[slot].worker)
        let link = links.link(prefill: index, serving: serving)
        let lead = nanoseconds(setup.transfer.lead(tokens: tokens))
        let bytes = ByteTime(
            nanoseconds: setup.transfer.bytes(
                tokens: tokens, between: workers[serving].costs.degree,
                and: prefillWorkers[index].costs.degree, over: link))
        guard lead > 0 || bytes != .zero || part == .increment else { return false }
        noteTransfer(part, tokens, slot, prefillWorker: index)
        let id = transfers.insert(
            Transfer(
                part, slot: slot, prefillWorker: index, asked: now,
                ports: ports(part, prefillWorker: index, serving: serving, link), bytes: bytes))
        if setup.contention == .none || bytes == .zero {
            transfers.end(id, at: now + lead + bytes.nanoseconds(sharers: 1), &events)
        } else {
            schedule(.bytesBegan, id, after: lead)
        }
        return true
    }

    private func ports(
        _ part: Transfer.Part, prefillWorker index: Int, serving: Int, _ link: LinkClass
    ) -> (egress: Int, ingress: Int) {
        let home = prefillWorkers.count + serving
        let (source, target) = part == .history ? (home, index) : (index, home)
        return (
            TransferPorts.egress(of: source, over: link),
            TransferPorts.ingress(of: target, over: link)
        )
    }

    /// Ends a transfer, if its last byte arrives now and not at another time.
    mutating func arriveIfDue(_ id: Int) {
        guard let transfer = transfers.check(id, at: now, &events) else { return }
        let slot = Int(transfer.slot)
        slots[slot].transferTime += now - transfer.asked
        noteTransferEnd(slot)
        switch transfer.part {
        case .history:
            note(.workerWait, slot)
            acceptHistory(Int(transfer.prefillWorker))
        case .increment:
            if slots[slot].isMeasured {
                result.transferTime.record(nanoseconds: slots[slot].transferTime)
            }
            acceptIncrement(slot)
        }
    }
}
