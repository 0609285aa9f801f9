import CostModeling
import Scheduling
import ServingDomain
import Testing

@testable import Validating

@Suite("Groups that are predicted by what others say of their engine")
struct GroupSplitTests {
    private func split(_ platforms: [MeasuredPlatform], _ constants: EngineConstants) async throws
        -> SplitValidation
    {
        var (all, places): ([MeasuredRow], [Result<Int, Refusal>]) = ([], [])
        for (place, platform) in platforms.enumerated() {
            let own = try AnalyticPlatform.rows(platform, constants)
            all += own
            places += own.map { _ in .success(place) }
        }
        let run = ValidationRun(
            table: MeasuredTable(rows: all, unusable: []),
            platforms: RowPlatforms(places: places, platforms: platforms), seed: 1, jobs: 2)
        return await run.splitByGroup()
    }

    @Test("a group is predicted with what was planted into the others")
    func planted() async throws {
        var planted = EngineConstants.believed
        planted[.perLayer] = 12
        planted[.perSequence] = 50
        planted[.perFirstToken] = 6
        planted[.promptFactor] = 1.1
        let found = try await split(
            [
                AnalyticPlatform.platform(layers: 16, engine: "e"),
                AnalyticPlatform.platform(layers: 40, engine: "e"),
            ], planted)
        #expect(found.fits.map(\.group) == ["m16", "m40"])
        #expect(found.fits.map(\.fit.groups) == [["m40"], ["m16"]])
        let errors = try #require(found.validation.overall.errors)
        #expect(errors.ttft.median < 0.05)
        #expect(errors.tpot.p90 < 0.05)
        let engine = try #require(found.engines.first)
        #expect(engine.engine == "e" && engine.fit.groups == ["m16", "m40"])
        for constant in EngineConstant.allCases {
            let distance = abs(engine.fit.constants[constant] - planted[constant])
            #expect(distance <= 0.75 * constant.doubt, "\(constant.name)")
        }
    }

    @Test("another engine says nothing: a group by itself is predicted by what is believed")
    func alone() async throws {
        let found = try await split(
            [
                AnalyticPlatform.platform(layers: 16, engine: "e"),
                AnalyticPlatform.platform(layers: 16, engine: "f"),
            ], .believed)
        #expect(found.fits.count == 2 && found.fits.allSatisfy { $0.fit.isOfOthers })
        #expect(found.fits.allSatisfy { $0.fit.constants == .believed && $0.fit.groups == [] })
        #expect(found.engines.map(\.engine) == ["e", "f"])
    }

    @Test("revealed rows of two builds tell constants of each")
    func builds() async throws {
        let platforms = [16, 40].map { AnalyticPlatform.platform(layers: $0, engine: "e") }
        var (all, places): ([MeasuredRow], [Result<Int, Refusal>]) = ([], [])
        for (place, platform) in platforms.enumerated() {
            for (build, version) in ["1.0", "2.0"].enumerated() {
                var constants = EngineConstants.believed
                constants[.perLayer] += 20 * Double(build)
                let own = try AnalyticPlatform.rows(platform, constants, version: version)
                all += own
                places += own.map { _ in .success(place) }
            }
        }
        let run = ValidationRun(
            table: MeasuredTable(rows: all),
            platforms: RowPlatforms(places: places, platforms: platforms), seed: 1, jobs: 2)
        let found = await run.splitByGroup(revealing: 8)
        #expect(found.fits.count == 2)
        for (group, fit) in found.fits {
            let builds = fit.builds.sorted { $0.key < $1.key }
            try #require(builds.map(\.key.description) == ["1.0", "2.0"], "\(group)")
            let (fast, slow) = (builds[0].value, builds[1].value)
            // Of 20 us nearly half or more, though each build has four rows.
            #expect(slow[.perLayer] > fast[.perLayer] + 9, "\(group)")
        }
        let unknown = await run.splitByGroup()
        #expect(unknown.fits.count == 2)
        #expect(unknown.fits.allSatisfy { $0.fit.builds.isEmpty })
        let errors = try [found, unknown].map { try #require($0.validation.overall.errors) }
        #expect(errors[0].tpot.median < errors[1].tpot.median / 2)
    }
}
