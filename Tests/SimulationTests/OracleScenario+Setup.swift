import ServingDomain

@testable import CostModeling
@testable import Simulation

extension OracleScenario {
    struct UnknownName: Error {
        let name: String
    }

    /// What the engine runs.
    func setup() throws -> ClusterSetup {
        let latency = FirstTokenLatency(
            base: .nanoseconds(firstTokenNs), perPromptToken: .nanoseconds(promptTokenNs ?? 0))
        let workers = costs.map { $0.workerCosts(firstToken: latency) }
        var setup = ClusterSetup(
            prefill: .workers(prefill.map { workers[$0.costs] }),
            decode: .workers(
                serving.map {
                    .init(costs: workers[$0.costs], capacity: Tokens($0.capacityTokens))
                }),
            transfer: transfer.costs(blockSize: blockSize), policy: try policy.servingPolicy(),
            service: try service.level(),
            blockSize: blockSize, maxSequences: maxSequences, tokenBudget: tokenBudget)
        setup.placement = .nodes(prefill: prefill.map(\.node), serving: serving.map(\.node))
        setup.contention = try Self.known(transfer.contention)
        setup.localPrefill = try Self.known(localPrefill)
        setup.firstTokenSite = try Self.known(firstTokenSite)
        setup.historySource = try Self.known(historySource)
        setup.leastHistoryRead = leastHistoryRead ?? 0
        setup.retention = try Self.known(retention)
        setup.keptBeside = window.map {
            .window(
                KeptWindow(tokens: $0.tokens, layers: $0.layers, wholeLayers: $0.wholeLayers))
        }
        if let stateBlocks {
            // A token of three bytes: the last block is not filled.
            setup.keptBeside = .state(
                KeptState(
                    bytes: Bytes(3 * stateBlocks * blockSize - 1), bytesPerToken: Bytes(3)))
        }
        let memory = prefill.compactMap { $0.capacityTokens.map { Tokens($0) } }
        if memory.count == prefill.count { setup.prefillMemory = memory }
        setup.host = host.map {
            HostTier(
                capacity: Tokens($0.capacityTokens), latency: .nanoseconds($0.latencyNs),
                bandwidth: Bandwidth(bytesPerSecond: $0.bytesPerSecond),
                bytesPerToken: Bytes($0.bytesPerToken))
        }
        setup.formsStepsAhead = asyncScheduling ?? false
        setup.dataParallelRanks = dataParallelRanks ?? 1
        setup.promptBalance = promptBalance.map {
            PromptBalance(patience: $0.patience, gathering: $0.gathering)
        }
        setup.promptPooling = promptPooling.map {
            PromptPooling(steps: $0.steps, share: $0.share)
        }
        setup.receiveInterval = receiveInterval ?? 1
        setup.prefillRanks = prefillRanks ?? 1
        setup.prefillBatch =
            prefillBatch.tokens.map { .tokens($0) } ?? prefillBatch.tasks.map { .tasks($0) }
            ?? .oneTask
        return setup
    }

    static func known<Value: RawRepresentable<String>>(_ name: String) throws -> Value {
        guard let value = Value(rawValue: name) else { throw UnknownName(name: name) }
        return value
    }

    var table: SessionTable {
        var table = SessionTable()
        table.concurrency = concurrency
        for segment in segments {
            _ = table.prefixes.define(tokens: segment[0], after: Int32(segment[1]))
        }
        for session in sessions {
            let rounds = session.rounds.map {
                RoundScript(newTokens: Int($0[0]), outputTokens: Int($0[1]), delayAfter: $0[2])
            }
            if let start = session.startedBy {
                table.append(startedByRound: table.firstRound[start[0]] + start[1], rounds: rounds)
            } else {
                table.append(arrival: session.arrival, rounds: rounds)
            }
            for (round, said) in session.rounds.enumerated() where said.count > 3 {
                table.setHistory(Int32(said[3]), ofRound: round)
            }
            if let prefix = session.prefix {
                table.setPrefix(table.prefixes.addList(endingWith: Int32(prefix)))
            }
            session.nameTools(in: &table)
        }
        return table
    }
}

extension OracleScenario.Service {
    func level() throws -> ServiceLevel {
        ServiceLevel(
            ttft: .nanoseconds(ttftNs), itl: .nanoseconds(itlNs),
            itlStatistic: try itlStat.map { try OracleScenario.known($0) } ?? .mean,
            job: jobNs.map { .nanoseconds($0) })
    }
}

extension OracleScenario.Transfer {
    func costs(blockSize: Int) -> TransferCosts {
        TransferCosts(
            KVTransfer(
                latency: .nanoseconds(latencyNs), perBlock: .nanoseconds(perBlockNs),
                intraNode: Bandwidth(bytesPerSecond: intraNodeBytesPerSecond ?? .infinity),
                interNode: Bandwidth(bytesPerSecond: interNodeBytesPerSecond)),
            bytesPerToken: Bytes(bytesPerToken), windowBytes: Bytes(windowBytes ?? 0),
            window: window ?? 0, stateBytes: Bytes(stateBytes ?? 0), blockSize: blockSize,
            networkLanes: networkLanes)
    }
}

extension OracleScenario.Policy {
    func servingPolicy() throws -> ServingPolicy {
        var policy = ServingPolicy(
            name: ServingPolicy.Name(rawValue: name), dispatch: try OracleScenario.known(dispatch))
        policy.window = .nanoseconds(windowNs)
        policy.stateDelay = .nanoseconds(stateDelayNs)
        policy.table = try table.map {
            PolicyTable(layout: "", source: "drawn", entries: try $0.map { try $0.entry() })
        }
        for (key, value) in settings {
            let knob = PolicyKnob(
                key, .number(0...1e9, isOpen: false), standard: -1, meaning: "", origin: "")
            policy[knob] = value
        }
        return policy
    }
}

extension OracleScenario.TableEntry {
    func entry() throws -> PolicyTable.Entry {
        PolicyTable.Entry(
            context: try OracleScenario.known(context), shape: try OracleScenario.known(shape),
            rate: rate, remote: .init(ttft: remote.ttft, tpot: remote.tpot),
            local: .init(ttft: local.ttft, tpot: local.tpot))
    }
}

extension OracleScenario.Costs {
    func workerCosts(firstToken: FirstTokenLatency) -> WorkerCosts {
        var prefillCosts = PhaseCosts(
            linear: Self.curve(prefill.tokens), attention: [], fittedTokens: .infinity)
        prefillCosts.sampled = Self.curve(prefill.sequences)
        prefillCosts.context = Self.curve(prefill.context)
        prefillCosts.shared = prefill.shared.map(Self.curve)
        let shape = OperatorShape.decodeAttention(
            AttentionShape(heads: 8, kvHeads: 1, headDimension: 128, window: 0, kvFormat: .bf16))
        let reading = OperatorCurve(shape: shape, form: .pairs(Self.curve(decode.meanContext)))
        var decodeCosts = PhaseCosts(
            linear: Self.curve(decode.batch), attention: [.init(curve: reading, layers: 1)],
            fittedTokens: .infinity)
        decodeCosts.given = decode.spread.map { Shared(Self.spread(perToken: $0)) }
        decodeCosts.shared = decode.shared.map(Self.curve)
        return WorkerCosts(
            degree: TensorParallelDegree(degree) ?? .one, prefill: prefillCosts,
            decode: decodeCosts, firstToken: firstToken)
    }

    /// A line that is nothing but its term of the spread.
    private static func spread(perToken: Double) -> GivenTerms {
        let line = DecodeLine(
            constant: 0, perContextToken: 0, perSequence: 0, perSpreadToken: perToken)
        var given = GivenTerms()
        given.lines = GivenTerms.DecodeLines(threshold: 1, small: line, large: line)
        return given
    }

    private static func curve(_ knots: OracleScenario.Knots) -> PiecewiseLinear {
        PiecewiseLinear(xs: knots.map { $0[0] }, ys: knots.map { $0[1] })
    }
}
