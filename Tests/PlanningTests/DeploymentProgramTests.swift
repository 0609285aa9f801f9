import DiscreteEvents
import Foundation
import IntegerProgramming
import ServingDomain
import Simulation
import Testing

@testable import Planning

@Suite("The integer program against enumeration")
struct DeploymentProgramTests {
    /// Coefficients on a coarse grid, so that ties are frequent.
    static func coefficients(_ seed: UInt64, budget: Int) -> [LatencyCoefficient] {
        let stream = RandomStream(seed: seed, named: "coefficients")
        var found: [LatencyCoefficient] = []
        for phase in Phase.allCases {
            for degree in TensorParallelDegree.usual where degree.value < budget {
                for replicas in 1...((budget - 1) / degree.value) {
                    let ratio = Double(1 + stream.integer(below: 12, found.count)) / 8
                    let seconds = Double(1 + stream.integer(below: 9, found.count, 1)) / 4
                    let memory = 1 + stream.integer(below: 3, found.count, 2)
                    found.append(
                        LatencyCoefficient(
                            phase: phase, degree: degree, replicas: replicas,
                            p95: Estimate(value: ratio, low: ratio, high: ratio), ratio: ratio,
                            seconds: seconds,
                            kvTokens: phase == .decode ? memory * replicas * 1000 : 0,
                            memoryWaitP95: 0, overloaded: false))
                }
            }
        }
        return found
    }

    /// A question to the integer program.
    struct Question {
        let columns: [LatencyCoefficient]
        let cluster: Cluster
        var planning = Case.Planning()

        var budget: Int { min(cluster.gpus.value, planning.gpuBudget?.value ?? .max) }

        init(seed: Int) {
            let stream = RandomStream(seed: UInt64(seed), named: "questions")
            let perNode = [4, 6, 8][stream.integer(below: 3, 0)]
            cluster = Cluster(
                gpu: "any", nodes: 1 + stream.integer(below: 2, 1), gpusPerNode: perNode)
            columns = DeploymentProgramTests.coefficients(
                UInt64(seed), budget: cluster.gpus.value)
            planning.objective =
                Case.Planning.Objective.allCases[stream.integer(below: 5, 2)]
            planning.fillsBudget = stream.integer(below: 4, 3) == 0
            planning.tieWeight = stream.integer(below: 4, 4) == 0 ? 0.25 : nil
            if stream.integer(below: 3, 5) == 0 {
                planning.gpuBudget = GPUs(cluster.gpus.value / 2 + 1)
            }
        }

        var program: DeploymentProgram { program(solver: Formulation.glpk) }

        func program(solver: @escaping Formulation.Solver) -> DeploymentProgram {
            DeploymentProgram(
                coefficients: columns, cluster: cluster, planning: planning, solver: solver)
        }

        /// Whether the fewest GPUs are looked for, since a layout meets every target.
        var looksForGPUs: Bool {
            guard planning.objective.spendsLeast else { return false }
            var meeting = self
            meeting.planning.objective = .slo
            meeting.planning.tieWeight = nil
            return meeting.enumerated.contains { $0[0] <= 1 }
        }

        /// What each layout comes to, in the order of the aims, worked out by itself.
        var enumerated: [[Double]] {
            func constant(_ column: LatencyCoefficient) -> Double {
                columns.last { $0.phase == column.phase && $0.degree == column.degree }?.seconds
                    ?? 0
            }
            func pressure(_ column: LatencyCoefficient) -> Double {
                switch planning.objective {
                case .slo, .minGPUs, .minCost, .maxRate: column.ratio
                case .seconds: column.seconds
                case .paper: constant(column)
                }
            }
            let pairs = columns.filter { $0.phase == .prefill }.flatMap { prefill in
                columns.filter { $0.phase == .decode }.map { (prefill, $0) }
            }
            func fits(_ prefill: LatencyCoefficient, _ decode: LatencyCoefficient) -> Bool {
                let gpus = prefill.gpus.value + decode.gpus.value
                let groups = [prefill, decode].map {
                    WorkerGroup(
                        parallelism: Parallelism(tensor: $0.degree), replicas: $0.replicas)
                }
                return gpus <= budget && (!planning.fillsBudget || gpus == budget)
                    && cluster.holds(groups)
            }
            let fitting = pairs.filter { fits($0.0, $0.1) }
            let meeting = fitting.filter { $0.0.ratio <= 1 && $0.1.ratio <= 1 }
            let looksForGPUs = planning.objective.spendsLeast && !meeting.isEmpty
            return (looksForGPUs ? meeting : fitting).map { prefill, decode in
                let gpus = Double(prefill.gpus.value + decode.gpus.value)
                let (a, b) = (pressure(prefill), pressure(decode))
                var figures =
                    planning.tieWeight.map { [max(a, b) + $0 * (a + b)] }
                    ?? [max(a, b), a + b]
                if looksForGPUs {
                    figures.insert(gpus, at: 0)
                } else if !planning.fillsBudget {
                    figures.append(gpus)
                }
                return figures + [
                    -Double(decode.kvTokens), Double(prefill.replicas + decode.replicas),
                ]
            }.sorted { $0.lexicographicallyPrecedes($1) }
        }

        /// The same of a choice.
        func figures(_ choice: DeploymentChoice) -> [Double]? {
            let groups = choice.deployment.allGroups
            func column(_ phase: Phase, _ group: WorkerGroup) -> LatencyCoefficient? {
                columns.first {
                    $0.phase == phase && $0.degree == group.parallelism.tensor
                        && $0.replicas == group.replicas
                }
            }
            guard groups.count == 2, let prefill = column(.prefill, groups[0]),
                let decode = column(.decode, groups[1])
            else { return nil }
            return [
                choice.value, choice.sum, Double(choice.deployment.gpus.value),
                -Double(decode.kvTokens), Double(prefill.replicas + decode.replicas),
            ]
        }
    }

    /// 20 in every test run, 200 with AMPD_VERIFY.
    private static let instances =
        1...(ProcessInfo.processInfo.environment["AMPD_VERIFY"] == nil ? 20 : 200)

    @Test("the ten best are those of enumeration, in its order", arguments: instances)
    func tenBest(_ seed: Int) throws {
        let question = Question(seed: seed)
        let truth = question.enumerated.prefix(10)
        guard !truth.isEmpty else {
            #expect(throws: PlanningError.self) { try question.program.best(10) }
            return
        }
        let selection = try question.program.best(10)
        #expect(selection.choices.count == truth.count && selection.status == "optimal")
        for (choice, best) in zip(selection.choices, truth) {
            let figures = try #require(question.figures(choice))
            let weighted = question.planning.tieWeight.map { [figures[0] + $0 * figures[1]] }
            let pressures = weighted ?? Array(figures[..<2])
            let expected =
                question.looksForGPUs
                ? [figures[2]] + pressures + figures[3...]
                : pressures + (question.planning.fillsBudget ? [] : [figures[2]]) + figures[3...]
            #expect(expected == best)
        }
        #expect(Set(selection.choices.map(\.deployment)).count == selection.choices.count)
        #expect((selection.objective - truth[0][0]).magnitude < 1e-9)
        // Where the solver gives up, all layouts are looked at, in the very same order.
        let looked = try question.program(solver: { (_) throws(SolverError) in
            throw .failed(message: "out of numbers")
        }).best(10)
        #expect(looked.status == "enumerated" && looked.program == nil)
        #expect(looked.solverFault?.contains("out of numbers") == true)
        #expect(looked.choices.map(question.figures) == selection.choices.map(question.figures))
        #expect((looked.objective - selection.objective).magnitude < 1e-9)
    }

    @Test("columns that cannot keep up are left out while others can, and listed as a range")
    func overloaded() throws {
        let columns = Self.coefficients(7, budget: 8).map { column in
            LatencyCoefficient(
                phase: column.phase, degree: column.degree, replicas: column.replicas,
                p95: column.p95, ratio: column.ratio, seconds: column.seconds,
                kvTokens: column.kvTokens, memoryWaitP95: 0,
                overloaded: column.degree == .one && column.replicas < 4)
        }
        let selection = try DeploymentProgram(
            coefficients: columns, cluster: Cluster(gpu: "any", nodes: 1, gpusPerNode: 8),
            planning: .init()
        ).best(3)
        #expect(selection.rejected.map(\.layout) == ["P:1x1...3", "D:1x1...3"])
        let used = selection.choices.flatMap(\.deployment.allGroups)
        #expect(!used.contains { $0.parallelism.tensor == .one && $0.replicas < 4 })
    }
}

@Suite("Workers and nodes")
struct NodePackingTests {
    @Test("two nodes of six GPUs hold two workers of four, and what is left between them")
    func packing() throws {
        let cluster = Cluster(gpu: "any", nodes: 2, gpusPerNode: 6)
        func holds(_ notation: String) throws -> Bool {
            cluster.holds(try #require(Deployment(notation: notation)).allGroups)
        }
        #expect(try !holds("C:4x3"))
        #expect(try holds("P:4x2,D:2x2"))
        #expect(try !holds("P:4x2,D:2x3"))
        #expect(try holds("P:4x1,D:2x4"))
        #expect(try !holds("P:4x1,D:2x5"))
    }
}

@Suite("Replica counts of large clusters")
struct ReplicaCountTests {
    @Test("every count up to 64, then steps of a sixteenth, and the largest")
    func counts() {
        #expect(CoefficientTable.replicaCounts(upTo: 3) == [1, 2, 3])
        #expect(CoefficientTable.replicaCounts(upTo: 0) == [])
        let many = CoefficientTable.replicaCounts(upTo: 1000)
        #expect(many.prefix(64) == Array(1...64)[...])
        #expect(many.last == 1000)
        #expect(zip(many, many.dropFirst()).allSatisfy { $0 < $1 && $1 <= $0 + max(1, $0 / 16) })
    }
}
