import ServingDomain
import Testing

@testable import Validating

@Suite("Calibration to measurements of one's own")
struct PlatformCalibrationTests {
    private var planted: EngineConstants {
        var constants = EngineConstants.believed
        constants[.perLayer] = 15
        constants[.decodeFactor] = 1.1
        constants[.promptFactor] = 1.2
        return constants
    }

    /// A run over rows of one model, measured with planted constants.
    private func run(_ count: Int) throws -> ValidationRun {
        let platform = AnalyticPlatform.platform(layers: 24, engine: "e")
            .with(EngineConstants.believed)
        let rows = try AnalyticPlatform.rows(platform, planted)
        return ValidationRun(
            table: MeasuredTable(rows: Array(rows.prefix(count))),
            platforms: RowPlatforms(
                places: Array(repeating: .success(0), count: count), platforms: [platform]),
            seed: 1, jobs: 2)
    }

    /// A run over rows of two builds, of which the second takes longer over every layer.
    private func builds(_ versions: [String?]) throws -> ValidationRun {
        let platform = AnalyticPlatform.platform(layers: 24, engine: "e")
            .with(EngineConstants.believed)
        let rows = try versions.enumerated().flatMap { place, version in
            var constants = EngineConstants.believed
            constants[.perLayer] += 30 * Double(place)
            return try AnalyticPlatform.rows(platform, constants, version: version)
        }
        return ValidationRun(
            table: MeasuredTable(rows: rows),
            platforms: RowPlatforms(
                places: Array(repeating: .success(0), count: rows.count), platforms: [platform]),
            seed: 1, jobs: 2)
    }

    @Test(
        "builds have constants of their own beside those of any, which tell how far builds differ")
    func builds() async throws {
        let found = try #require(await builds(["v1.0", "2.0"]).calibrations().platforms.first)
        let calibrations = try found.result.get()
        #expect(calibrations.map(\.key.version?.description) == [nil, "1.0", "2.0"])
        #expect(calibrations.map(\.rows) == [18, 9, 9])
        let perLayer = calibrations.map { $0.constants[.perLayer] }
        #expect(perLayer[1] < perLayer[2] - 10)
        let errors = try calibrations.map { try #require($0.after).tpot.median }
        #expect(errors[1] < errors[0] / 2 && errors[2] < errors[0] / 2)
        let factors = try calibrations.map { try #require($0.factors).tpot }
        #expect(factors[1] < factors[0] && factors[2] < factors[0])
    }

    @Test("rows that do not all name a build tell nothing of it", arguments: [nil, "1.0"])
    func noBuild(_ version: String?) async throws {
        let found = try #require(await builds([version, nil]).calibrations().platforms.first)
        #expect(try found.result.get().map(\.key.version) == [nil])
    }

    @Test("rows of one build tell its constants, which are those of any build as well")
    func oneBuild() async throws {
        let found = try #require(await builds(["1.0"]).calibrations().platforms.first)
        let calibrations = try found.result.get()
        #expect(calibrations.map(\.key.version?.description) == [nil, "1.0"])
        #expect(calibrations[0].constants == calibrations[1].constants)
    }

    @Test("runs of one deployment are one deployment, left out together")
    func repeats() async throws {
        let platform = AnalyticPlatform.platform(layers: 24, engine: "e")
            .with(EngineConstants.believed)
        let row = try #require(AnalyticPlatform.rows(platform, planted).first)
        let run = ValidationRun(
            table: MeasuredTable(rows: Array(repeating: row, count: 10)),
            platforms: RowPlatforms(
                places: Array(repeating: .success(0), count: 10), platforms: [platform]),
            seed: 1, jobs: 2)
        let found = try #require(await run.calibrations().platforms.first)
        let calibration = try #require(found.result.get().first)
        #expect(calibration.rows == 10 && calibration.deployments == 1)
        #expect(calibration.factors == nil)
        // No other deployment tells anything of it.
        let (before, after) = (
            try #require(calibration.before), try #require(calibration.after)
        )
        #expect(before.tpot.median == after.tpot.median)
    }

    @Test("times that are off by an order of magnitude are of another unit")
    func units() async throws {
        let platform = AnalyticPlatform.platform(layers: 24, engine: "e")
            .with(EngineConstants.believed)
        let rows = try AnalyticPlatform.rows(platform, planted)
        for (factor, word) in [(1e-3, "less"), (1e3, "more"), (1e-25, "less")] {
            let run = ValidationRun(
                table: MeasuredTable(rows: rows.map { $0.times(factor) }),
                platforms: RowPlatforms(
                    places: Array(repeating: .success(0), count: rows.count),
                    platforms: [platform]),
                seed: 1, jobs: 2)
            let found = try #require(await run.calibrations().platforms.first)
            guard case .failure(let refusal) = found.result else {
                Issue.record("a refusal expected")
                continue
            }
            #expect(refusal.reason.contains("are \(word) than predicted by a factor of"))
            #expect(refusal.reason.contains("times are milliseconds"))
        }
    }

    @Test("more rows come nearer to what was planted, and tell how near")
    func planted() async throws {
        let found = try #require(await run(9).calibrations().platforms.first)
        #expect(found.key == PlatformKey(gpu: "gpu", engine: "e", model: "m24"))
        let calibration = try #require(found.result.get().first)
        #expect(calibration.key == found.key && calibration.rows == 9)
        let (before, after) = (
            try #require(calibration.before), try #require(calibration.after)
        )
        #expect(after.tpot.median < before.tpot.median / 3)
        #expect(after.ttft.median < before.ttft.median)
        let factors = try #require(calibration.factors)
        #expect(factors.ttft >= 1 && factors.ttft < 1.2)
        #expect(factors.tpot >= 1 && factors.tpot < 1.1)
    }

    @Test("few rows tell no interval, and one row nothing")
    func few() async throws {
        let few = try #require(await run(3).calibrations().platforms.first).result
        #expect(try few.get().map { $0.factors == nil } == [true])
        let one = try #require(await run(1).calibrations().platforms.first).result
        guard case .failure(let refusal) = one else {
            Issue.record("a refusal expected")
            return
        }
        #expect(refusal.reason.contains("needs 2 measured deployments"))
        #expect(refusal.reason.contains("found 1"))
    }

    @Test("constants by name: what is missing comes from the engine, what is no number from nobody")
    func named() throws {
        let overhead = EngineOverhead(perLayer: .microseconds(3), source: "test")
        let found = try #require(EngineConstants(["decode_factor": 1.5], over: overhead))
        #expect(found[.decodeFactor] == 1.5)
        #expect(abs(found[.perLayer] - 3) < 1e-9)
        #expect(EngineConstants(found.named, over: .none) == found)
        for value in [-1, 1e7, .nan, .infinity] {
            #expect(EngineConstants(["per_layer_us": value], over: overhead) == nil)
        }
    }

    @Test("an interval holds what is at most its factor away, to both sides")
    func coverage() throws {
        let interval = PredictionInterval(ttftFactor: 1.25, tpotFactor: 2, source: "")
        func row(_ ttft: Double, _ tpot: Double) -> PredictedRow {
            PredictedRow(
                row: MeasuredRow(
                    id: "r", line: 2, group: "g", model: "m", system: "s", engine: "e",
                    layout: .aggregated(
                        MeasuredRow.Pool(
                            replicas: 1, shards: MeasuredRow.Shards(tensor: 1))),
                    load: AnalyticPlatform.load(1),
                    measured: MeanLatencies(ttft: ttft, tpot: tpot)),
                predicted: MeanLatencies(ttft: 100, tpot: 10), interval: interval)
        }
        let coverage = try #require(
            IntervalCoverage([row(125, 20), row(126, 5), row(80, 4.9), row(79, 10)]))
        #expect(coverage.ttft == 0.5)
        #expect(coverage.tpot == 0.75)
        #expect(IntervalCoverage([]) == nil)
    }
}

extension MeasuredRow {
    fileprivate func times(_ factor: Double) -> Self {
        MeasuredRow(
            id: id, line: line, group: group, model: model, system: system, engine: engine,
            layout: layout, load: load,
            measured: MeanLatencies(ttft: measured.ttft * factor, tpot: measured.tpot * factor))
    }
}
