import CostModeling
import Scheduling
import ServingDomain
import Simulation
import Testing

@testable import Planning

@Suite("What the engine of a case can run")
struct EngineLimitsTests {
    private let pairs = EngineRules.Rule(
        EngineRules.DegreePairs.decodeAtLeastPrefill, source: "a handshake", date: "2026")
    private let no = EngineRules.Rule(false, source: "an issue", date: "2026")

    private func limited(_ rules: EngineRules, gpus: Int = 8, rate: Double = 0.6) -> Case {
        var planningCase = h20Case(gpus: gpus, rate: rate)
        planningCase.planning = .init(
            finalists: 3, replications: 2, maxReplications: 2, sessions: 60)
        planningCase.engine.rules = rules
        return planningCase
    }

    private func plan(
        _ planningCase: Case, _ survey: Planner.Survey = .proposals
    ) async throws -> PlanResult {
        try await Planner(planningCase: planningCase, costs: costs(planningCase), jobs: 2)
            .plan(survey)
    }

    private func layout(_ notation: String) throws -> Deployment {
        try #require(Deployment(notation: notation))
    }

    @Test("pairs of degrees are held to what is allowed, co-located workers to nothing")
    func degreePairs() throws {
        let planningCase = limited(EngineRules(degreePairs: pairs))
        #expect(planningCase.engineConflicts(with: try layout("P:2x1,D:4x1")).isEmpty)
        #expect(planningCase.engineConflicts(with: try layout("C:4x2")).isEmpty)
        let conflict = try #require(
            planningCase.engineConflicts(with: try layout("P:4x1,D:2x1")).first)
        #expect(conflict.rule == .degreePairs)
        #expect(conflict.message.contains("TP 4 beside decode workers of TP 2"))
        #expect(conflict.message.contains("a handshake, read 2026"))
        let degrees = CandidateWorkers(TensorParallelDegree.usual)
        #expect(planningCase.forbiddenPairs(among: degrees).count == 6)
        var ignoring = planningCase
        ignoring.planning.ignoresEngineRules = true
        #expect(ignoring.forbiddenPairs(among: degrees).isEmpty)
        #expect(limited(EngineRules()).forbiddenPairs(among: degrees).isEmpty)
    }

    @Test(
        "no plan has a pair that is refused, by any way of looking for it, and the reason is told")
    func planned() async throws {
        let equal = EngineRules.Rule(
            EngineRules.DegreePairs.equal, source: "a handshake", date: "2026")
        for survey in [Planner.Survey.proposals, .exhaustive] {
            let result = try await plan(limited(EngineRules(degreePairs: equal)), survey)
            let split = result.plans.compactMap { $0.deployment.homogeneousPair }
            #expect(!split.isEmpty)
            #expect(split.allSatisfy { $0.prefill.degree == $0.decode.degree })
            let rejection = try #require(
                result.rejected.first { $0.layout.contains("P:2+D:4") })
            #expect(rejection.reason.contains("both have to be equal (a handshake, read 2026)"))
        }
    }

    @Test("with pairs forbidden the solver's best layouts are those of an enumeration")
    func solver() throws {
        let planningCase = limited(EngineRules(degreePairs: pairs), gpus: 16)
        var random = 1.0
        var columns: [LatencyCoefficient] = []
        for phase in Phase.allCases {
            for degree in TensorParallelDegree.usual {
                for replicas in 1...(16 / degree.value) {
                    random = (random * 16807).truncatingRemainder(dividingBy: 2_147_483_647)
                    columns.append(
                        LatencyCoefficient(
                            phase: phase, kind: WorkerKind(degree), replicas: replicas,
                            p95: Estimate(value: 1, low: 1, high: 1),
                            ratio: random / 2_147_483_647, seconds: 1,
                            kvTokens: phase == .decode ? replicas : 0, memoryWaitP95: 0,
                            overloaded: false))
                }
            }
        }
        let forbidden = planningCase.forbiddenPairs(
            among: CandidateWorkers(TensorParallelDegree.usual))
        let program = DeploymentProgram(
            coefficients: columns,
            within: LayoutBounds(planningCase.cluster, forbidding: forbidden),
            planning: planningCase.planning)
        let best = try program.best(12).choices.map(\.deployment)
        #expect(best == program.candidates(12).map(\.deployment) && best.count == 12)
        let free = DeploymentProgram(
            coefficients: columns, within: LayoutBounds(planningCase.cluster),
            planning: planningCase.planning
        ).candidates(400).map(\.deployment)
        let allowed = free.filter { planningCase.engineConflicts(with: $0).isEmpty }
        #expect(allowed.count < free.count && best == Array(allowed.prefix(12)))
    }

    @Test("where decode workers take no prompts the nearest case is planned as well, and decides")
    func adaptation() async throws {
        let rules = EngineRules(localPrefill: no, historyReadBack: no)
        let planningCase = limited(rules)
        let adaptation = try #require(planningCase.adaptation)
        #expect(adaptation.changes.map(\.key) == ["policy.name", "engine.history_source"])
        #expect(adaptation.changes.map(\.to) == ["always_remote", "prefill_cache"])
        #expect(adaptation.planningCase.adaptation == nil)
        let result = try await plan(planningCase)
        let runnable = try #require(result.runnable)
        #expect(
            runnable.plans.allSatisfy {
                $0.deployment.prefillGroups.isEmpty
                    || $0.report.localShare == 0
            })
        #expect(result.verdict == runnable.recommended?.verdict)
        let alone = try await plan(adaptation.planningCase)
        #expect(alone.runnable == nil)
        #expect(alone.plans.map(\.report) == runnable.plans.map(\.report))
        var ignoring = planningCase
        ignoring.planning.ignoresEngineRules = true
        #expect(try await plan(ignoring).runnable == nil)
    }

    @Test(
        "nothing is refused of a policy that needs nothing, and settings are told where they are needed"
    )
    func needs() throws {
        var remote = limited(EngineRules(localPrefill: no, historyReadBack: no))
        remote.policy = ServingPolicy(name: .alwaysRemote)
        #expect(remote.policyConflicts.map(\.rule) == [.historyReadBack])
        remote.engine.behaviour.historySource = .recompute
        #expect(remote.policyConflicts.isEmpty && remote.adaptation == nil)
        var set = limited(
            EngineRules(
                degreePairs: .init(.any, setting: "a buffer", source: "s", date: "d"),
                historyReadBack: .init(true, setting: "a flag", source: "s", date: "d")))
        #expect(
            set.neededSettings(for: try layout("P:2x1,D:4x1")).map(\.setting)
                == ["a buffer", "a flag"])
        #expect(set.neededSettings(for: try layout("P:2x1,D:2x1")).map(\.setting) == ["a flag"])
        #expect(set.neededSettings(for: try layout("C:2x1")).isEmpty)
        set.engine.behaviour.historySource = .prefillCache
        #expect(set.neededSettings(for: try layout("P:2x1,D:2x1")).isEmpty)
    }
}
