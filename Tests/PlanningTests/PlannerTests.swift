import CostModeling
import Planning
import Scheduling
import ServingDomain
import Simulation
import Testing

/// Llama-3.1-70B on sixteen H20 with analytic costs and a four-round tool workload.
func h20Case(gpus: Int = 16, rate: Double = 1) -> Case {
    let h20 = HardwareSpec(
        name: "h20-96gb", peakFLOPS: [.bf16: 148e12, .fp8: 296e12], memory: 96_000_000_000,
        memoryBandwidth: Bandwidth(gigabytesPerSecond: 4000), reservedMemory: 4_169_138_176,
        intraNode: .init(
            bandwidth: Bandwidth(gigabytesPerSecond: 450), latency: .microseconds(10)),
        interNode: .init(
            bandwidth: Bandwidth(gigabytesPerSecond: 25), latency: .microseconds(10)),
        gpusPerNode: 8, power: 400, source: "test")
    let llama = ModelSpec(
        name: "llama-3.1-70b", architecture: "LlamaForCausalLM", layers: 80, hidden: 8192,
        attention: .grouped(heads: 64, kvHeads: 8, headDimension: 128), intermediate: 28672,
        vocabulary: 128_256, maxContext: 131_072)
    let sessions = Workload.Synthetic(
        rounds: .constant(4), reading: .perRound, prefillTokens: .lognormal(mean: 700, cv: 0.6),
        decodeTokens: .lognormal(mean: 50, cv: 0.6), environmentDelay: .exponential(mean: 2))
    return Case(
        name: "test", model: llama, weightFormat: .bf16, kvFormat: .bf16, hardware: h20,
        cluster: Cluster(gpu: "h20-96gb", nodes: gpus / 8, gpusPerNode: 8),
        transfer: KVTransfer(
            latency: .milliseconds(10), bandwidth: Bandwidth(gigabytesPerSecond: 20)),
        engine: Engine(name: "vllm", overhead: .none),
        workload: Workload(
            sessions: .synthetic(sessions), rate: Rate(sessionsPerSecond: rate)),
        service: ServiceLevel(ttft: .seconds(2), itl: .milliseconds(50)),
        policy: ServingPolicy(),
        planning: .init(replications: 3, sessions: 100))
}

func costs(_ planningCase: Case) -> CostModel {
    CostModel.build(
        planningCase, degrees: planningCase.planning.degrees,
        resolver: CurveResolver(
            fit: ProfileFit(trust: .analytic, entries: []),
            roofline: Roofline(hardware: planningCase.hardware)),
        overhead: planningCase.engine.overhead)
}

@Suite("The planner, end to end")
struct PlannerTests {
    @Test("a plan ranks disaggregated and co-located layouts within the budget")
    func ranks() async throws {
        let planningCase = h20Case()
        let result = try await Planner(
            planningCase: planningCase, costs: costs(planningCase), jobs: 2
        ).plan()
        #expect(result.plans.count > 5)
        #expect(result.plans.map(\.deployment.gpus).allSatisfy { $0 <= 16 })
        let shares = result.plans.map(\.attainment.value)
        #expect(shares == shares.sorted(by: >))
        #expect(result.rejected.contains { $0.layout == "tp=1" })
    }

    @Test("the optimum of the integer program is the best pair of columns by enumeration")
    func enumeration() async throws {
        let planningCase = h20Case()
        let result = try await Planner(
            planningCase: planningCase, costs: costs(planningCase), jobs: 2
        ).plan()
        let usable = result.coefficients.filter { !$0.overloaded }
        var least = Double.infinity
        for prefill in usable where prefill.phase == .prefill {
            for decode in usable where decode.phase == .decode {
                let gpus =
                    prefill.kind.gpus * prefill.replicas + decode.kind.gpus * decode.replicas
                if gpus <= 16 { least = min(least, max(prefill.ratio, decode.ratio)) }
            }
        }
        let objective = try #require(result.selection).objective
        // Figures of the program lie on a grid of about a millionth.
        #expect(abs(objective - least) <= 1e-6)
    }

    @Test("any number of jobs gives the same plans")
    func jobs() async throws {
        let planningCase = h20Case(gpus: 8)
        let model = costs(planningCase)
        let one = try await Planner(planningCase: planningCase, costs: model, jobs: 1).plan()
        let many = try await Planner(planningCase: planningCase, costs: model, jobs: 7).plan()
        #expect(one.plans.map(\.deployment) == many.plans.map(\.deployment))
        #expect(one.plans.map(\.report) == many.plans.map(\.report))
        #expect(one.coefficients == many.coefficients)
    }

    @Test("a cluster that cannot hold one worker of each kind gets co-located plans alone")
    func tooSmall() async throws {
        let planningCase = h20Case(gpus: 8)
        var small = planningCase
        small.cluster = Cluster(gpu: "h20-96gb", nodes: 1, gpusPerNode: 2)
        let result = try await Planner(planningCase: small, costs: costs(small), jobs: 1).plan()
        #expect(result.selection == nil)
        #expect(result.plans.map(\.deployment.description) == ["C:2x1"])
        #expect(result.rejected.last?.layout == "P+D")
    }

    @Test("a policy that prefills where it decodes gets co-located plans alone")
    func localPolicy() async throws {
        var planningCase = h20Case(gpus: 8)
        planningCase.policy.name = .alwaysLocal
        let result = try await Planner(
            planningCase: planningCase, costs: costs(planningCase), jobs: 2
        ).plan()
        #expect(result.selection == nil && result.coefficients.isEmpty)
        #expect(!result.plans.isEmpty)
        #expect(result.plans.allSatisfy { $0.deployment.description.hasPrefix("C:") })
        #expect(result.rejected.last?.layout == "P+D")
    }
}
