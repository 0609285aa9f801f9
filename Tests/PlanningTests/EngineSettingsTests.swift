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

    @Test("host memory holds what its bytes hold, over the links of all GPUs of a worker")
    func hostMemory() throws {
        var planningCase = h20Case()
        planningCase.engine.behaviour.hostMemory = Bytes(327_680 * 1000)
        // Without a link there is no second tier.
        #expect(planningCase.hostTier == nil)
        let gpu = planningCase.hardware
        planningCase.hardware = HardwareSpec(
            name: gpu.name, peakFLOPS: gpu.peakFLOPS, memory: gpu.memory,
            memoryBandwidth: gpu.memoryBandwidth, reservedMemory: gpu.reservedMemory,
            intraNode: gpu.intraNode, interNode: gpu.interNode,
            hostBandwidth: Bandwidth(gigabytesPerSecond: 32.768), gpusPerNode: 8, power: 400,
            source: "test")
        let host = try #require(planningCase.hostTier)
        #expect(host.capacity == 1000)
        // 327,680 bytes at 32.768 GB/s are 10 us, over four links 2.5 us; 10 us to begin.
        let four = try #require(TensorParallelDegree(4))
        #expect(abs(host.time(tokens: 100, four) - 260_000) < 1e-6)
    }
}
