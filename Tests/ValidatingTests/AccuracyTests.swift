import ServingDomain
import Testing

@testable import Validating

@Suite("What predictions are worth")
struct AccuracyTests {
    private func row(
        _ id: String, group: String = "g", degree: Int = 1, concurrency: Int = 8,
        version: String? = nil, precision: String? = nil, model: String = "m",
        measured: (Double, Double), predicted: (Double, Double)
    ) -> PredictedRow {
        PredictedRow(
            row: MeasuredRow(
                id: id, line: 1, group: group, model: "m", system: "s", engine: "e",
                engineVersion: version, precisions: MeasuredRow.Precisions(model: precision),
                layout: .aggregated(
                    MeasuredRow.Pool(replicas: 1, shards: MeasuredRow.Shards(tensor: degree))),
                load: MeasuredRow.Load(
                    inputTokens: 100, outputTokens: 101, concurrency: concurrency),
                measured: MeanLatencies(ttft: measured.0, tpot: measured.1)
            ).placed(on: PlatformKey(gpu: "s", engine: "e", model: model)),
            predicted: MeanLatencies(ttft: predicted.0, tpot: predicted.1))
    }

    @Test("errors are relative to what was measured; close means both below 25 %")
    func errors() throws {
        let figures = try #require(
            ErrorFigures([
                row("a", measured: (100, 10), predicted: (110, 9)),
                row("b", measured: (100, 10), predicted: (80, 10)),
                row("c", measured: (100, 10), predicted: (130, 10)),
            ]))
        #expect(abs(figures.ttft.median - 0.2) < 1e-12)
        #expect(abs(figures.ttft.mean - 0.2) < 1e-12)
        #expect(abs(figures.ttft.bias - 0.1) < 1e-12)
        // At position 0.9 · 2 between 0.2 and 0.3.
        #expect(abs(figures.ttft.p90 - 0.28) < 1e-12)
        #expect(figures.tpot.median == 0)
        #expect(abs(figures.bothClose - 2.0 / 3) < 1e-12)
        #expect(ErrorFigures([]) == nil)
    }

    @Test("rank correlation: order alone counts, equal values share their rank")
    func spearman() throws {
        #expect(RankCorrelation.spearman([(1, 10), (2, 100), (3, 1000)]) == 1)
        #expect(RankCorrelation.spearman([(1, 3), (2, 2), (3, 1)]) == -1)
        // Ranks 1, 2.5, 2.5, 4 against 1, 2, 3, 4: 4.5 / sqrt(4.5 · 5).
        let tied = try #require(RankCorrelation.spearman([(1, 1), (5, 2), (5, 3), (9, 4)]))
        #expect(abs(tied - 4.5 / (4.5 * 5).squareRoot()) < 1e-12)
        #expect(RankCorrelation.spearman([(1, 1), (2, 2)]) == nil)
        #expect(RankCorrelation.spearman([(1, 1), (1, 2), (1, 3)]) == nil)
    }

    @Test("correlations are taken inside groups, and their median over groups")
    func groups() {
        let rows = [("a", 1.0), ("b", -1), ("c", 1)].flatMap { group, sign in
            (1...4).map { index in
                row(
                    group + "\(index)", group: group, concurrency: index,
                    measured: (Double(index), 5), predicted: (10 + sign * Double(index), 5))
            }
        }
        let validation = Validation(
            predicted: rows,
            refused: [RefusedRow(id: "x", line: 9, group: "d", reason: "no")])
        #expect(validation.groups == ["a", "b", "c", "d"])
        #expect(validation.overall.rows == 13)
        #expect(validation.overall.predicted == 12)
        #expect(validation.overall.ttftCorrelation == 1)
        #expect(validation.overall.tpotCorrelation == nil)
        #expect(validation.score(of: "b").ttftCorrelation == -1)
        #expect(validation.score(of: "d").errors == nil)
    }

    /// Three layouts of one load whose TPOT falls with the degree: 40, 20 and 10 ms.
    private func set(predicted: [Double]) -> [PredictedRow] {
        zip([1, 2, 4], zip([40.0, 20, 10], predicted)).map { degree, tpot in
            row(
                "tp\(degree)", degree: degree, measured: (1, tpot.0), predicted: (1, tpot.1))
        }
    }

    @Test("a perfect predictor always finds the optimum")
    func perfect() {
        let decisions = LayoutDecisions(set(predicted: [40, 20, 10]))
        #expect(decisions.asked == 6)
        #expect(decisions.optimalShare == 1)
        #expect(decisions.missed == 0)
        #expect(decisions.unanswered == 0)
        #expect(decisions.meanLoss == 0)
    }

    @Test("who believes everything to be fast chooses the smallest layout and misses")
    func optimist() {
        // At limits of 12.2, 14.9, 18.1, 22.1, 26.9 and 32.8 ms a single GPU is always chosen, which
        // takes 40 ms.
        let decisions = LayoutDecisions(set(predicted: [4, 2, 1]))
        #expect(decisions.missed == 6)
        #expect(decisions.optimal == 0)
        #expect(decisions.meanLoss == nil)
    }

    @Test("who believes everything to be slow has no answer, or gives throughput away")
    func pessimist() throws {
        // Predicted to take twice as long: of the six limits, 12.2, 14.9, 18.1, 22.1, 26.9 and 32.8 ms,
        // the first three have no layout, and at the others four GPUs are chosen where two would do.
        // Throughput per GPU: a TTFT of 1 ms beside 100 gaps of 10, 20 or 40 ms.
        let decisions = LayoutDecisions(set(predicted: [80, 40, 20]))
        #expect(decisions.unanswered == 3)
        #expect(decisions.missed == 0)
        func perGPU(_ tpot: Double, _ gpus: Double) -> Double { 1 / (1 + 100 * tpot) / gpus }
        let mean = try #require(decisions.meanLoss)
        #expect(abs(mean - (1 - perGPU(10, 4) / perGPU(20, 2))) < 1e-12)
        #expect(decisions.optimal == 0)
    }

    @Test("runs of one layout are one choice, whose mean counts")
    func runs() {
        // One GPU measured at 30 and 50 ms, 40 ms on average, beside two at 10 ms: at the six limits of
        // 12.2 to 32.8 ms two GPUs are right, and a prediction of 20 ms for one GPU breaks those from
        // 20 ms on, which are the last three.
        let rows = [
            row("a", degree: 1, measured: (1, 30), predicted: (1, 20)),
            row("b", degree: 2, measured: (1, 10), predicted: (1, 10)),
            row("c", degree: 1, measured: (1, 50), predicted: (1, 20)),
        ]
        let decisions = LayoutDecisions(rows)
        #expect(decisions.asked == 6)
        #expect(decisions.optimal == 3)
        #expect(decisions.missed == 3)
        #expect(LayoutDecisions([rows[0], rows[2]]).asked == 0)
        let versions = [(1, "v0.18.0"), (2, "0.18.0"), (4, "0.18.1")].map { degree, version in
            row(
                "\(degree)", degree: degree, version: version, measured: (1, 10 / Double(degree)),
                predicted: (1, 1))
        }
        #expect(LayoutDecisions(versions).asked == 6)
    }

    @Test(
        "rows that differ in more than their layout are not compared, and one layout is no choice")
    func sets() {
        let rows = [
            row("a", degree: 1, measured: (1, 1), predicted: (1, 1)),
            row("b", degree: 2, concurrency: 9, measured: (1, 1), predicted: (1, 1)),
            row("c", group: "h", degree: 4, measured: (1, 1), predicted: (1, 1)),
            row("d", degree: 1, measured: (1, 2), predicted: (1, 1)),
            row("e", degree: 2, version: "0.16.0", measured: (1, 1), predicted: (1, 1)),
            row("f", degree: 2, precision: "fp8", measured: (1, 1), predicted: (1, 1)),
            row("g", degree: 2, model: "n", measured: (1, 1), predicted: (1, 1)),
        ]
        #expect(LayoutDecisions(rows).asked == 0)
        #expect(LayoutDecisions(rows).optimalShare == nil)
    }
}
