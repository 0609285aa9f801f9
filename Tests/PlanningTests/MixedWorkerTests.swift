import DiscreteEvents
import Foundation
import ServingDomain
import Simulation
import Testing

@testable import Planning

@Suite("Workers of two kinds in one phase")
struct MixedWorkerTests {
    /// Figures that fall with the replicas, and the smaller workers' more slowly.
    private func coefficients(_ seed: Int, most: Int, _ pools: [String]) -> [LatencyCoefficient] {
        let stream = RandomStream(seed: UInt64(seed), named: "mixes")
        var (found, draw) = ([LatencyCoefficient](), 0)
        for phase in Phase.allCases {
            for kind in pools.flatMap({ pool in
                [1, 2, 4].compactMap { TensorParallelDegree($0) }.map {
                    WorkerKind(pool: pool, $0)
                }
            }) {
                var ratio = 6.0
                // So many of a kind cannot keep up alone.
                let least = 1 + stream.integer(below: 4, draw, 1)
                for replicas in 1...(2 * most / kind.gpus) {
                    draw += 1
                    ratio *= 0.55 + 0.45 * stream.unit(draw)
                    found.append(
                        LatencyCoefficient(
                            phase: phase, kind: kind, replicas: replicas,
                            p95: Estimate(value: ratio, low: ratio, high: ratio), ratio: ratio,
                            seconds: ratio, kvTokens: phase == .decode ? replicas : 0,
                            memoryWaitP95: 0, overloaded: replicas < least))
                }
            }
        }
        return found
    }

    /// What groups of workers come to, tried pressure by pressure.
    private func pressure(
        _ groups: [WorkerGroup], _ phase: Phase, _ columns: [LatencyCoefficient]
    ) -> Double? {
        let own = columns.filter { column in
            column.phase == phase && !column.overloaded
                && groups.contains { $0.kind == column.kind }
        }
        return own.map(\.ratio).sorted().first { level in
            let shares = groups.map { group -> Double in
                let alone = own.filter { $0.kind == group.kind && $0.ratio <= level }
                    .map(\.replicas).min()
                return alone.map { Double(group.replicas) / Double($0) } ?? 0
            }
            return shares.reduce(0, +) >= 1 - 1e-12
        }
    }

    /// All single kinds and pairs of kinds within a number of GPUs.
    private func phases(_ kinds: [WorkerKind], _ gpus: Int) -> [[WorkerGroup]] {
        let single = kinds.flatMap { kind in
            (1...max(1, gpus / kind.gpus)).map { [WorkerGroup(kind, $0)] }
        }
        let pairs = kinds.indices.flatMap { first in
            kinds[(first + 1)...].flatMap { second in
                (1...max(1, gpus / kinds[first].gpus)).flatMap { one in
                    (1...max(1, gpus / second.gpus)).map {
                        [WorkerGroup(kinds[first], one), WorkerGroup(second, $0)]
                    }
                }
            }
        }
        return (single + pairs).filter { $0.reduce(0) { $0 + $1.gpus.value } < gpus }
    }

    private static func areAllowed(
        _ prefill: [WorkerGroup], _ decode: [WorkerGroup], _ bounds: LayoutBounds
    ) -> Bool {
        prefill.allSatisfy { first in
            decode.allSatisfy { bounds.allows(prefill: first.kind, decode: $0.kind) }
        }
    }

    private static let instances =
        1...(ProcessInfo.processInfo.environment["AMPD_VERIFY"] == nil ? 12 : 100)

    @Test("the best layout is that of all mixes, tried one by one", arguments: instances)
    func best(_ seed: Int) throws {
        let names = seed.isMultiple(of: 3) ? ["a", "b"] : [GPUPool.onlyName]
        let cluster = Cluster(
            gpu: "any", nodes: 2 + seed % 2, gpusPerNode: seed.isMultiple(of: 2) ? 4 : 3)
        let columns = coefficients(seed, most: cluster.gpus.value * names.count, names)
        var planning = Case.Planning()
        planning.mixesWorkers = true
        planning.objective = seed.isMultiple(of: 4) ? .minGPUs : .slo
        planning.fillsBudget = seed % 7 == 3
        // As engines refuse them: decode workers at least as large as prefill workers.
        let degrees = [1, 2, 4].compactMap { TensorParallelDegree($0) }
        let forbidden =
            seed % 3 == 1
            ? Set(
                degrees.flatMap { prefill in
                    degrees.filter { $0 < prefill }.map {
                        DegreePair(prefill: prefill, decode: $0)
                    }
                }) : []
        let budget = seed.isMultiple(of: 5) ? 5 : cluster.gpus.value
        let bounds = LayoutBounds(
            names.map { .init(name: $0, cluster: cluster) }, budget: LayoutBudget(gpus: budget),
            fillsBudget: planning.fillsBudget, forbidding: forbidden)
        let program = DeploymentProgram(
            coefficients: columns, within: bounds, planning: planning)
        let kinds = names.flatMap { name in
            [1, 2, 4].compactMap { TensorParallelDegree($0) }.map { WorkerKind(pool: name, $0) }
        }
        var truth: [[Double]] = []
        let sides = phases(kinds, budget)
        func figures(_ phase: Phase) -> [(groups: [WorkerGroup], pressure: Double)] {
            sides.compactMap { groups in
                pressure(groups, phase, columns).map { (groups, $0) }
            }
        }
        let (prefills, decodes) = (figures(.prefill), figures(.decode))
        for prefill in prefills {
            for decode in decodes
            where bounds.holds(prefill.groups + decode.groups)
                && Self.areAllowed(prefill.groups, decode.groups, bounds)
            {
                let (a, b) = (prefill.pressure, decode.pressure)
                let gpus = (prefill.groups + decode.groups).reduce(0) { $0 + $1.gpus.value }
                truth.append([max(a, b), a + b, Double(gpus)])
            }
        }
        let meeting = truth.filter { $0[0] <= 1 }
        let looksForGPUs = planning.objective == .minGPUs && !meeting.isEmpty
        // Where nothing keeps up, there is no mix.
        guard !truth.isEmpty else { return }
        let best = try #require(
            (looksForGPUs ? meeting.map { [$0[2], $0[0], $0[1]] } : truth)
                .min { $0.lexicographicallyPrecedes($1) })
        let choice = try #require(try program.best(3).choices.first)
        let gpus = Double(choice.deployment.gpus.value)
        let found =
            looksForGPUs
            ? [gpus, choice.value, choice.sum] : [choice.value, choice.sum, gpus]
        for (one, other) in zip(found, best) { #expect((one - other).magnitude < 1e-5) }
        func order(_ choices: [DeploymentChoice]) -> [[Double]] {
            choices.map { [$0.value, $0.sum, Double($0.deployment.gpus.value)] }
        }
        #expect(order(program.candidates(3)) == order(try program.best(3).choices))
        // Its figures are those of the columns that it rests on.
        let rests = choice.rests.compactMap { rest in
            columns.first { $0.column == rest }?.ratio
        }
        #expect(rests.count == choice.rests.count && rests.count >= 2)
        #expect(((rests.max() ?? 0) - choice.value).magnitude < 1e-5)
    }

    @Test("with a spare replica a mix takes the load without any one of its workers")
    func spare() throws {
        let kinds = [1, 2].compactMap { TensorParallelDegree($0) }.map { WorkerKind($0) }
        // Without one gone: three of TP 1, or two of TP 2, take the load at 0.5.
        let columns = kinds.flatMap { kind in
            (2...8).map { replicas in
                LayoutColumn(
                    phase: .prefill, groups: [WorkerGroup(kind, replicas)],
                    pressure: replicas - 1 >= (kind.gpus == 1 ? 3 : 2) ? 0.5 : 2, kvShare: 0,
                    rests: [])
            }
        }
        let mixes = MixedColumns(
            columns, within: LayoutBounds(Cluster(gpu: "x", nodes: 1, gpusPerNode: 8)), spare: 1
        ).all
        // One of TP 1 and two of TP 2 would do with all there, and not without one of TP 2.
        for mix in mixes where mix.pressure == 0.5 {
            let (one, two) = (mix.groups[0].replicas, mix.groups[1].replicas)
            #expect(Double(one - 1) / 3 + Double(two) / 2 >= 1 - 1e-9)
            #expect(Double(one) / 3 + Double(two - 1) / 2 >= 1 - 1e-9)
        }
        #expect(mixes.allSatisfy { $0.gpus < 8 })
    }

    @Test("a plan may mix degrees, rests on columns that are known, and keeps to nodes")
    func plan() async throws {
        func planned(_ mixes: Bool, jobs: Int = 2) async throws -> PlanResult {
            // More than the fast GPUs can prefill alone.
            var planningCase = PoolCase.make(rate: 6)
            planningCase.planning.degrees = [2, 4].compactMap { TensorParallelDegree($0) }
            planningCase.planning.mixesWorkers = mixes
            return try await Planner(
                planningCase: planningCase, costs: PoolCase.costs(planningCase), jobs: jobs
            ).plan()
        }
        let (plain, mixed) = (try await planned(false), try await planned(true))
        let (few, many) = (try #require(plain.selection), try #require(mixed.selection))
        #expect(many.objective <= few.objective + 1e-6)
        func isMixed(_ layout: Deployment) -> Bool {
            layout.prefillGroups.count > 1
        }
        #expect(!plain.plans.contains { isMixed($0.deployment) })
        #expect(many.choices.contains { isMixed($0.deployment) })
        let known = Set(mixed.coefficients.map(\.column))
        for choice in many.choices { #expect(known.isSuperset(of: choice.rests)) }
        let best = try #require(mixed.plans.first { $0.milpRank == 1 })
        #expect(Set(best.deployment.prefillGroups.map(\.pool)) == ["fast", "h20"])
        let again = try await planned(true, jobs: 5)
        #expect(again.plans.map(\.report) == mixed.plans.map(\.report))
    }
}
