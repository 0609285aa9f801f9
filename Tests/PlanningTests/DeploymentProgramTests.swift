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
    static func coefficients(
        _ seed: UInt64, budget: Int, pool: String = GPUPool.onlyName,
        _ further: [Parallelism] = []
    ) -> [LatencyCoefficient] {
        let stream = RandomStream(seed: seed, named: "coefficients \(pool)")
        var found: [LatencyCoefficient] = []
        let kinds =
            TensorParallelDegree.usual.map { WorkerKind(pool: pool, $0) }
            + further.map { WorkerKind(pool: pool, $0) }
        for phase in Phase.allCases {
            for kind in kinds where kind.gpus < budget {
                for replicas in 1...((budget - 1) / kind.gpus) {
                    let ratio = Double(1 + stream.integer(below: 12, found.count)) / 8
                    let seconds = Double(1 + stream.integer(below: 9, found.count, 1)) / 4
                    let memory = 1 + stream.integer(below: 3, found.count, 2)
                    found.append(
                        LatencyCoefficient(
                            phase: phase, kind: kind, replicas: replicas,
                            p95: Estimate(value: ratio, low: ratio, high: ratio), ratio: ratio,
                            seconds: seconds,
                            kvTokens: phase == .decode ? memory * replicas * 1000 : 0,
                            memoryWaitP95: 0, overloaded: false))
                }
            }
        }
        return found
    }

    /// A question to the integer program: of one pool, or of two whose GPUs may differ in price.
    struct Question {
        let columns: [LatencyCoefficient]
        let clusters: [String: Cluster]
        var planning = Case.Planning()
        var dollars: Double?

        var gpus: Int { clusters.values.reduce(0) { $0 + $1.gpus.value } }
        var budget: Int { min(gpus, planning.gpuBudget?.value ?? .max) }

        init(seed: Int) {
            let stream = RandomStream(seed: UInt64(seed), named: "questions")
            func cluster(_ place: Int) -> Cluster {
                Cluster(
                    gpu: "any", nodes: 1 + stream.integer(below: 2, 1, place),
                    gpusPerNode: [4, 6, 8][stream.integer(below: 3, 0, place)],
                    pricePerGPUHour: [2.5, 1, 0.25][stream.integer(below: 3, 6, place)])
            }
            let names = stream.integer(below: 3, 7) == 0 ? ["a.x", "b-y"] : [GPUPool.onlyName]
            let further = stream.integer(below: 3, 8) == 0 ? Parallelism(notation: "1dp3ep2") : nil
            clusters = Dictionary(
                uniqueKeysWithValues: names.enumerated().map { ($0.element, cluster($0.offset)) })
            let gpus = clusters.values.reduce(0) { $0 + $1.gpus.value }
            columns = names.flatMap {
                DeploymentProgramTests.coefficients(
                    UInt64(seed), budget: gpus, pool: $0, [further].compactMap { $0 })
            }
            .sorted { ($0.phase == .prefill ? 0 : 1) < ($1.phase == .prefill ? 0 : 1) }
            planning.objective =
                Case.Planning.Objective.allCases[stream.integer(below: 5, 2)]
            planning.fillsBudget = stream.integer(below: 4, 3) == 0
            planning.tieWeight = stream.integer(below: 4, 4) == 0 ? 0.25 : nil
            if stream.integer(below: 3, 5) == 0 { planning.gpuBudget = GPUs(gpus / 2 + 1) }
            if names.count > 1, stream.integer(below: 3, 9) == 0 { dollars = 12 }
        }

        var program: DeploymentProgram { program(solver: Formulation.glpk) }

        func program(solver: @escaping Formulation.Solver) -> DeploymentProgram {
            let bounds = LayoutBounds(
                clusters.keys.sorted().compactMap { name in
                    clusters[name].map { .init(name: name, cluster: $0) }
                }, budget: LayoutBudget(gpus: budget, usdPerHour: dollars),
                fillsBudget: planning.fillsBudget)
            return DeploymentProgram(
                coefficients: columns, within: bounds, planning: planning, solver: solver)
        }

        /// Whether prices differ.
        var hasPrices: Bool { Set(clusters.values.map(\.pricePerGPUHour)).count > 1 }

        private func price(_ column: LatencyCoefficient) -> Double {
            hasPrices
                ? (clusters[column.kind.pool]?.pricePerGPUHour ?? 0) * Double(column.gpus.value) : 0
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
                columns.last { $0.phase == column.phase && $0.kind == column.kind }?.seconds
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
                let groups = [prefill, decode].map { WorkerGroup($0.kind, $0.replicas) }
                return gpus <= budget && (!planning.fillsBudget || gpus == budget)
                    && (!hasPrices || price(prefill) + price(decode) <= dollars ?? .infinity)
                    && clusters.allSatisfy { name, cluster in
                        cluster.holds(groups.filter { $0.pool == name })
                    }
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
                let dollars = hasPrices ? [price(prefill) + price(decode)] : []
                let taken = planning.fillsBudget ? [] : [gpus]
                figures =
                    switch (looksForGPUs, planning.objective) {
                    case (true, .minCost) where hasPrices: dollars + figures + taken
                    case (true, _): [gpus] + figures + dollars
                    default: figures + dollars + taken
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
                    $0.phase == phase && $0.kind == group.kind && $0.replicas == group.replicas
                }
            }
            guard groups.count == 2, let prefill = column(.prefill, groups[0]),
                let decode = column(.decode, groups[1])
            else { return nil }
            let weighted = planning.tieWeight.map { [choice.value + $0 * choice.sum] }
            let pressures = weighted ?? [choice.value, choice.sum]
            let dollars = hasPrices ? [price(prefill) + price(decode)] : []
            let gpus = Double(choice.deployment.gpus.value)
            let taken = planning.fillsBudget ? [] : [gpus]
            let first =
                switch (looksForGPUs, planning.objective) {
                case (true, .minCost) where hasPrices: dollars + pressures + taken
                case (true, _): [gpus] + pressures + dollars
                default: pressures + dollars + taken
                }
            return first + [
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
            #expect(question.figures(choice) == best)
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
                phase: column.phase, kind: column.kind, replicas: column.replicas,
                p95: column.p95, ratio: column.ratio, seconds: column.seconds,
                kvTokens: column.kvTokens, memoryWaitP95: 0,
                overloaded: column.kind.degree == .one && column.replicas < 4)
        }
        let selection = try DeploymentProgram(
            coefficients: columns,
            within: LayoutBounds(Cluster(gpu: "any", nodes: 1, gpusPerNode: 8)),
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
