import Planning
import Scheduling
import ServingDomain
import Simulation
import Testing

@Suite("Policy tables by simulation")
struct PolicyTableSimulationTests {
    private func simulation(jobs: Int = 2) throws -> (PolicyTableSimulation, Deployment) {
        var planningCase = h20Case()
        planningCase.policy.name = .ppd
        let layout = try #require(Deployment(notation: "P:4x2,D:4x2"))
        let simulation = PolicyTableSimulation(
            planningCase: planningCase, costs: costs(planningCase), jobs: jobs)
        return (simulation, layout)
    }

    @Test("every class at every rate has an entry, the same on any number of threads")
    func entries() async throws {
        let (simulation, layout) = try simulation()
        let table = await simulation.table(for: layout, rates: [0.1, 1])
        #expect(table.layout == "P:4x1,D:4x1")
        #expect(table.entries.count == 3 * 9 * 2)
        #expect(Set(table.entries.map { [$0.context.rawValue, $0.shape.rawValue] }).count == 27)
        let (alone, _) = try self.simulation(jobs: 1)
        #expect(await alone.table(for: layout, rates: [0.1, 1]) == table)
    }

    @Test("without load a short append saves the transfers and costs next to nothing")
    func unloaded() async throws {
        let (simulation, layout) = try simulation()
        let table = await simulation.table(for: layout, rates: [0.01])
        let entry = try #require(
            table.entries.first { $0.context == .huge && $0.shape == .shortGeneration })
        // Reading 8,191 tokens and writing 32 back takes two software latencies of 10 ms at least.
        #expect(entry.remote.ttft - entry.local.ttft > 20e6)
        #expect(entry.localAdvantage(ttftWeight: 1, tpotWeight: 1) > 0.1)
    }

    @Test("appended prompts stretch the gaps of those that decode, the more the longer they are")
    func loaded() async throws {
        let (simulation, layout) = try simulation()
        let table = await simulation.table(for: layout, rates: [2])
        func lost(_ shape: RoundShape) throws -> Double {
            let entry = try #require(
                table.entries.first { $0.context == .small && $0.shape == shape })
            return entry.local.tpot / entry.remote.tpot - 1
        }
        #expect(try lost(.hugePaste) > 0.05)
        #expect(try lost(.hugePaste) > lost(.smallBalanced))
    }

    @Test("probes lie in the classes that they stand for")
    func probes() {
        for context in ContextClass.allCases {
            for shape in RoundShape.allCases {
                let sizes = RoundProbe(context: context, shape: shape, rate: 1).secondRound
                #expect(ContextClass(context: sizes.history) == context)
                #expect(RoundShape(input: sizes.increment, output: sizes.output) == shape)
            }
        }
    }

    @Test("a policy without a table gets one before its simulation")
    func onTheSpot() async throws {
        let (simulation, layout) = try simulation()
        var question = simulation.question
        func run() async -> ServingReport {
            await DeploymentSimulation(
                question: question, costs: simulation.costs, jobs: 2
            ).run(layout)
        }
        let without = await run()
        question.policy.table = await simulation.table(for: layout)
        #expect(await run() == without)
        question.policy.table = PolicyTable(layout: "", source: "nothing", entries: [])
        #expect(await run() != without, "the table must matter in this case")
    }

    @Test(
        "the smallest cluster in proportion",
        arguments: [
            ("P:4x2,D:4x6", "P:4x1,D:4x3"), ("P:8x3,D:4x2", "P:8x3,D:4x2"),
            ("P:1x4,P:2x2,D:1x8", "P:1x2,P:2x1,D:1x4"), ("C:8x6", "C:8x1"),
        ])
    func smallest(layout: String, expected: String) throws {
        let deployment = try #require(Deployment(notation: layout))
        #expect(deployment.smallestInProportion().description == expected)
    }

    @Test(
        "the smallest cluster keeps its engines whole",
        arguments: [
            ("P:4x2,D:4x6", "P:4x1,D:4x3", 3), ("P:4x2,D:4x6", "P:4x2,D:4x6", 2),
            ("P:4x4,D:1x16", "P:4x1,D:1x4", 4), ("C:8x6", "C:8x2", 2),
        ])
    func smallestOfEngines(layout: String, expected: String, ranks: Int) throws {
        let deployment = try #require(Deployment(notation: layout))
        #expect(deployment.smallestInProportion(inEnginesOf: ranks).description == expected)
    }
}
