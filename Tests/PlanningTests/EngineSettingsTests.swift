import CostModeling
import Scheduling
import ServingDomain
import Simulation
import Testing

@testable import Planning

@Suite("From the engine of a case to the simulator")
struct EngineSettingsTests {
    private func setup(_ change: (inout EngineBehaviour) -> Void) -> ClusterSetup {
        var planningCase = h20Case()
        change(&planningCase.engine.behaviour)
        let worker = WorkerGroup(parallelism: Parallelism(tensor: .one), replicas: 1)
        return DeploymentSimulation(
            planningCase: planningCase, costs: costs(planningCase), jobs: 1
        ).setup(.disaggregated(prefill: [worker], decode: [worker]))
    }

    @Test("every setting arrives")
    func settings() {
        let setup = setup {
            $0.localPrefill = .chunked
            $0.prefillBatch = .tokens(4096)
            $0.firstTokenSite = .prefillShipped
            $0.historySource = .recompute
            $0.retention = .pinned
            $0.prefixCaching = false
            $0.formsStepsAhead = true
            $0.dataParallelRanks = 3
        }
        #expect(setup.localPrefill == .chunked)
        #expect(setup.prefillBatch == .tokens(4096))
        #expect(setup.firstTokenSite == .prefillShipped)
        #expect(setup.historySource == .recompute)
        #expect(setup.retention == .pinned)
        #expect(!setup.prefixCaching)
        #expect(setup.formsStepsAhead)
        #expect(setup.dataParallelRanks == 3)
        #expect(setup.host == nil)
    }

    @Test(
        "what windowed layers keep arrives in whole clusters and in single replicas, and in transfers"
    )
    func windows() throws {
        func setups(
            _ kept: SlidingWindowKV
        ) throws -> (cluster: ClusterSetup, replica: ClusterSetup) {
            var planningCase = h20Case()
            planningCase.model = ModelSpec(
                name: "alternating", architecture: "m", layers: 36, hidden: 2880,
                attention: .grouped(heads: 64, kvHeads: 8, headDimension: 64),
                intermediate: 2880, vocabulary: 1000,
                slidingWindow: .init(tokens: 128, layers: 18), maxContext: 131_072)
            planningCase.engine.behaviour.slidingWindowKV = kept
            let costs = costs(planningCase)
            let worker = WorkerGroup(parallelism: Parallelism(tensor: .one), replicas: 1)
            let replica = ReplicaSimulation(
                planningCase: planningCase, costs: costs, candidates: CandidateWorkers([.one]),
                replications: Replications(planningCase, jobs: 1))
            return (
                DeploymentSimulation(planningCase: planningCase, costs: costs, jobs: 1)
                    .setup(.disaggregated(prefill: [worker], decode: [worker])),
                replica.setup(.init(phase: .decode, kind: worker.kind, replicas: 1))
            )
        }
        func capacity(_ setup: ClusterSetup) -> Int {
            guard case .workers(let seats) = setup.decode else { return 0 }
            return seats[0].capacity.value
        }
        let (window, whole) = (try setups(.window), try setups(.whole))
        for (kept, all) in [(window.cluster, whole.cluster), (window.replica, whole.replica)] {
            #expect(all.keptBeside == nil)
            #expect(
                kept.keptBeside == .window(KeptWindow(tokens: 128, layers: 18, wholeLayers: 18)))
            #expect(abs(capacity(kept) + 8192 - 2 * capacity(all)) <= 32)
            #expect(kept.transfer.bytesPerToken == Bytes(36_864))
            #expect(kept.transfer.windowBytes == Bytes(36_864) && kept.transfer.window == 128)
            #expect(all.transfer.bytesPerToken == Bytes(73_728))
            #expect(all.transfer.windowBytes == .zero)
        }
    }

    /// 45 of 60 layers with 16 key heads and states of 128 x 128 values for each of 64 value heads.
    private var hybrid: ModelSpec {
        ModelSpec(
            name: "hybrid", architecture: "m", layers: 60, hidden: 4096,
            attention: .grouped(heads: 32, kvHeads: 2, headDimension: 256),
            intermediate: 1024, vocabulary: 1000,
            linearAttention: .init(
                layers: 45, keyHeads: 16, valueHeads: 64, keyDimension: 128,
                valueDimension: 128, convolution: 4),
            hasOutputGate: true, maxContext: 262_144)
    }

    @Test("sequences hold states on serving workers, as on those where they are most")
    func states() throws {
        var planningCase = h20Case()
        planningCase.model = hybrid
        let question = LayoutQuestion(planningCase)
        let size = planningCase.engine.blockSize
        let kinds = try [1, 8].map { WorkerKind(try #require(TensorParallelDegree($0))) }
        let both = try #require(question.keptBeside(on: kinds)).blocks(of: size)
        #expect(both == question.keptBeside(on: [kinds[0]])?.blocks(of: size))
        #expect(both > question.keptBeside(on: [kinds[1]])?.blocks(of: size) ?? .max)
        var stated = question
        stated.statedCapacity = Tokens(1000)
        #expect(stated.keptBeside(on: kinds) == nil)
    }

    @Test("degrees that do not split the key heads of linear attention are refused, and why")
    func keyHeads() throws {
        var planningCase = h20Case()
        planningCase.model = hybrid
        let degree = try #require(TensorParallelDegree(32))
        let worker = WorkerGroup(parallelism: Parallelism(tensor: degree), replicas: 1)
        let messages = planningCase.obstacles(to: .colocated([worker])).map(\.message)
        #expect(
            messages.contains {
                $0.contains("16 key and 64 value heads of linear attention cannot be split")
            })
    }

    @Test("where the states of one sequence have no room, that is said")
    func noRoomForStates() {
        var planningCase = h20Case()
        planningCase.model = ModelSpec(
            name: "m", architecture: "m", layers: 40, hidden: 64,
            attention: .grouped(heads: 16, kvHeads: 16, headDimension: 64), intermediate: 64,
            vocabulary: 1000,
            linearAttention: .init(
                layers: 30, keyHeads: 16, valueHeads: 1024, keyDimension: 1024,
                valueDimension: 1024, convolution: 4),
            maxContext: 100_000)
        let worker = WorkerGroup(parallelism: Parallelism(tensor: .one), replicas: 1)
        let found = planningCase.obstacles(to: .colocated([worker])).map(\.message)
        // 30 layers of 1,024 matrices of 4 MiB, and 3 tokens of 1,081,344 values in each.
        #expect(
            found.count == 1 && found[0].contains("states of one sequence (123066 MiB"), "\(found)")
    }

    @Test("where the prompts of a step take all memory in windowed layers, that is said")
    func noRoomForWindows() throws {
        var planningCase = h20Case()
        planningCase.model = ModelSpec(
            name: "m", architecture: "m", layers: 80, hidden: 8192,
            attention: .grouped(heads: 64, kvHeads: 8, headDimension: 128), intermediate: 8192,
            vocabulary: 1000, slidingWindow: .init(tokens: 128, layers: 79), maxContext: 1_000_000)
        planningCase.engine.behaviour.slidingWindowKV = .window
        planningCase.engine.tokenBudget = 1_000_000
        let worker = WorkerGroup(parallelism: Parallelism(tensor: .one), replicas: 1)
        let found = planningCase.obstacles(to: .colocated([worker])).map(\.message)
        #expect(found.count == 1 && found[0].contains("engine.token_budget"), "\(found)")
        planningCase.engine.tokenBudget = 2048
        #expect(planningCase.obstacles(to: .colocated([worker])).isEmpty)
    }

    @Test("serving workers have to make whole engines")
    func ranks() throws {
        func messages(_ layout: String, _ ranks: Int) throws -> [String] {
            var behaviour = EngineBehaviour()
            behaviour.dataParallelRanks = ranks
            let deployment = try #require(Deployment(notation: layout))
            return behaviour.obstacles(to: deployment).map(\.message)
        }
        #expect(try messages("P:4x3,D:4x4", 2) == [])
        #expect(try messages("C:4x3,C:2x2", 1) == [])
        // Ranks of one engine are alike, so that two degrees are two numbers of workers.
        #expect(
            try messages("P:4x3,D:4x1,D:2x3", 2) == [
                "serving workers of TP 4 make up engines of 2 (engine.data_parallel_ranks), and 1 is "
                    + "no multiple of that",
                "serving workers of TP 2 make up engines of 2 (engine.data_parallel_ranks), and 3 is "
                    + "no multiple of that",
            ])
    }

    @Test("prefill workers make up engines of their own, and experts whole shares of any")
    func prefillRanks() throws {
        var behaviour = EngineBehaviour()
        behaviour.prefillRanks = 2
        let odd = try #require(Deployment(notation: "P:2x3,D:4x1"))
        #expect(
            behaviour.obstacles(to: odd).map(\.message) == [
                "prefill workers of TP 2 make up engines of 2 (engine.prefill_data_parallel_ranks), "
                    + "and 3 is no multiple of that"
            ])
        var planningCase = h20Case()
        planningCase.model = ModelSpec(
            name: "m", architecture: "m", layers: 2, hidden: 512,
            attention: .grouped(heads: 8, kvHeads: 8, headDimension: 64), intermediate: 0,
            mixture: .init(experts: 16, expertsPerToken: 2, expertIntermediate: 256),
            vocabulary: 1000, maxContext: 4096)
        planningCase.engine.behaviour.prefillRanks = 3
        planningCase.engine.behaviour.prefillExpertDegree = 2
        let layout = try #require(Deployment(notation: "P:1x3,D:4x1"))
        #expect(
            planningCase.obstacles(to: layout).map(\.message) == [
                "experts over 2 GPUs cannot be shared by an engine of 3 ranks of TP 1: 3 is no "
                    + "multiple of that"
            ])
        planningCase.engine.behaviour.prefillExpertDegree = 4
        #expect(planningCase.obstacles(to: layout).isEmpty)
        let setup = DeploymentSimulation(
            planningCase: planningCase,
            costs: CostModel.build(
                planningCase, degrees: TensorParallelDegree.usual,
                resolver: CurveResolver(
                    fit: ProfileFit(trust: .analytic, entries: []),
                    roofline: Roofline(hardware: planningCase.hardware)),
                overhead: .none),
            jobs: 1
        ).setup(layout)
        // Three GPUs are one prefill worker, whose memory is that of all.
        guard case .workers(let prefill) = setup.prefill,
            case .workers(let seats) = setup.decode
        else {
            Issue.record("workers of both kinds expected")
            return
        }
        #expect(prefill.count == 1 && setup.prefillRanks == 3)
        let ofRank = try #require(planningCase.prefillKVCapacity(WorkerKind(.one))).tokens
        #expect(setup.prefillMemory == [Tokens(3 * ofRank.value)])
        // Experts over all GPUs leave more room than experts over one.
        #expect(try ofRank > #require(planningCase.kvCapacity(WorkerKind(.one))).tokens)
        #expect(prefill[0] != seats[0].costs)
    }

    @Test("host memory holds what its bytes hold, over the links of all GPUs of a worker")
    func hostMemory() throws {
        var planningCase = h20Case()
        planningCase.engine.behaviour.hostMemory = Bytes(327_680 * 1000)
        // Without a link there is no second tier.
        #expect(planningCase.hostTier(of: ["default"]) == nil)
        let gpu = planningCase.hardware
        planningCase.hardware = HardwareSpec(
            name: gpu.name, peakFLOPS: gpu.peakFLOPS, memory: gpu.memory,
            memoryBandwidth: gpu.memoryBandwidth, reservedMemory: gpu.reservedMemory,
            intraNode: gpu.intraNode, interNode: gpu.interNode,
            hostBandwidth: Bandwidth(gigabytesPerSecond: 32.768), gpusPerNode: 8, power: 400,
            source: "test")
        let host = try #require(planningCase.hostTier(of: ["default"]))
        #expect(host.capacity == 1000)
        // 327,680 bytes at 32.768 GB/s are 10 us, over four links 2.5 us; 10 us to begin.
        let four = try #require(TensorParallelDegree(4))
        #expect(abs(host.time(tokens: 100, four) - 260_000) < 1e-6)
    }
}
