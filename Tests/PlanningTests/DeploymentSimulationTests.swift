import Planning
import ServingDomain
import Simulation
import Testing

@Suite("Simulating a deployment on the nodes of a cluster")
struct DeploymentSimulationTests {
    private func transferTime(
        prefill: Int, decode: Int, _ change: (inout Case) -> Void = { _ in }
    ) async throws -> Double {
        var planningCase = h20Case(rate: 0.2)
        planningCase.transfer = KVTransfer(
            latency: .milliseconds(10), intraNode: Bandwidth(gigabytesPerSecond: 1000),
            interNode: Bandwidth(gigabytesPerSecond: 0.1))
        change(&planningCase)
        func group(_ degree: Int) throws -> [WorkerGroup] {
            let degree = try #require(TensorParallelDegree(degree))
            return [WorkerGroup(parallelism: Parallelism(tensor: degree), replicas: 1)]
        }
        let report = await DeploymentSimulation(
            planningCase: planningCase, costs: costs(planningCase), jobs: 2
        ).run(.disaggregated(prefill: try group(prefill), decode: try group(decode)))
        return try #require(report.transferTime).p50.value / 1e6
    }

    @Test("workers that fit on one node use the links inside it, others the network")
    func links() async throws {
        // 327,680 bytes per token and some 700 new tokens a round: 0.06 ms at 4 TB/s, hundreds of
        // milliseconds at 0.4 GB/s.
        let inside = try await transferTime(prefill: 4, decode: 4)
        #expect(inside > 10 && inside < 22)
        #expect(try await transferTime(prefill: 8, decode: 4) > 200)
    }

    @Test("a case's contention reaches the simulation")
    func contention() async throws {
        let shared = try await transferTime(prefill: 8, decode: 4)
        let apart = try await transferTime(prefill: 8, decode: 4) {
            $0.transfer.contention = .none
        }
        #expect(apart < shared)
    }

    @Test("the software path pays for every block of the engine's size")
    func blocks() async throws {
        // About 700 tokens, so 44 blocks, and the history of the later rounds.
        let free = try await transferTime(prefill: 4, decode: 4)
        let paid = try await transferTime(prefill: 4, decode: 4) {
            $0.transfer.perBlock = .milliseconds(1)
        }
        #expect(paid > free + 30)
    }
}
