import ServingDomain
import Testing

@Suite("Units")
struct UnitTests {
    @Test("counts add, subtract and scale within their kind")
    func counts() {
        #expect(Tokens(3) + 4 == Tokens(7))
        #expect(GPUs(8) - GPUs(3) == 5)
        #expect(GPUs(8) * 2 == 16)
        #expect(Bytes(1) < Bytes(2))
        #expect("\(Tokens(12))" == "12")
    }

    @Test("a size over a bandwidth is a time: 1 GB over 50 GB/s takes 20 ms")
    func transferTime() {
        let time = Bytes(1_000_000_000) / Bandwidth(gigabytesPerSecond: 50)
        #expect(time == .milliseconds(20))
        #expect(time.inSeconds == 0.02)
        #expect(time.inMilliseconds == 20)
    }

    @Test("durations become whole nanoseconds, rounded to the nearest")
    func nanoseconds() {
        let table: [(Duration, Int64)] = [
            (.zero, 0), (.nanoseconds(7), 7), (.seconds(3), 3_000_000_000),
            (Duration(secondsComponent: 0, attosecondsComponent: 1_499_999_999), 1),
            (Duration(secondsComponent: 0, attosecondsComponent: 1_500_000_000), 2),
        ]
        for (duration, nanoseconds) in table { #expect(duration.inNanoseconds == nanoseconds) }
    }

    @Test("a rate is shared evenly between replicas")
    func rate() {
        #expect(Rate(sessionsPerSecond: 6) / 4 == Rate(sessionsPerSecond: 1.5))
    }

    @Test("degrees are the powers of two from 1 to 64 and nothing else")
    func degrees() {
        let accepted = (-70...130).filter { TensorParallelDegree($0) != nil }
        #expect(accepted == [1, 2, 4, 8, 16, 32, 64])
        #expect(TensorParallelDegree(.max) == nil && TensorParallelDegree(.min) == nil)
        #expect(TensorParallelDegree.usual.map(\.value) == [1, 2, 4, 8])
    }

    @Test("bytes of a stored value include its share of the scales")
    func formats() {
        #expect(
            NumberFormat.allCases.map(\.bytesPerValue)
                == [2, 1, 1.000244140625, 0.53125, 0.5625, 0.5625])
        #expect(NumberFormat.mxfp4.computeFormat == .bf16)
        #expect(NumberFormat.fp8Block.computeFormat == .fp8)
    }

    @Test("peak throughput falls back to bf16 where a format is not accelerated")
    func peak() {
        #expect(h20.peak(.fp8Block) == 296e12)
        #expect(h20.peak(.mxfp4) == 148e12)
    }

    @Test("the weaker trust wins, whichever comes first", arguments: Trust.allCases)
    func trust(one: Trust) {
        for other in Trust.allCases {
            #expect(Trust.weaker(one, other) == Trust.weaker(other, one))
            #expect([one, other].contains(Trust.weaker(one, other)))
        }
        #expect(Trust.weaker(one, .analytic) == .analytic)
        #expect(Trust.weaker(one, .given) == one)
    }

    @Test("the mean of a law is in the unit of its parameters")
    func laws() {
        #expect(Law.constant(4).mean == 4)
        #expect(Law.uniform(low: 2, high: 5).mean == 3.5)
        #expect(Law.lognormal(mean: 7, cv: 2).mean == 7)
        #expect(Law.empirical([1, 2, 6]).mean == 3)
        #expect(Law.empirical([]).mean == 0)
        #expect(Law.quantiles(probabilities: [0, 0.5, 1], values: [0, 2, 8]).mean == 3)
        let mixed = Law.mixture([
            .init(weight: 3, law: .constant(2)), .init(weight: 1, law: .gamma(mean: 10, cv: 2)),
        ])
        #expect(mixed.mean == 4)
    }

    /// ∫ x f(x) dx by hand: ln 100 · 100/99, 2 · (1 − 1/100) / (1 − 1/10⁴), and 1.5 · 2 · 0.9 / 0.999.
    @Test(
        "the mean of a capped tail, at and around an index of one",
        arguments: [
            (1, 100, 1, 4.651687056553628), (1, 100, 2, 1.9801980198019802),
            (1, 100, 1.5, 2.7027027027027026), (10, 1000, 0.5, 100),
        ] as [(Double, Double, Double, Double)])
    func paretoMean(low: Double, high: Double, index: Double, mean: Double) {
        #expect((Law.pareto(low: low, high: high, index: index).mean / mean - 1).magnitude < 1e-4)
    }
}

@Suite("Tables of sessions")
struct SessionTableTests {
    private func table() -> SessionTable {
        var table = SessionTable()
        table.append(
            arrival: 5,
            rounds: [
                RoundScript(newTokens: 10, outputTokens: 2, delayAfter: 3),
                RoundScript(newTokens: 4, outputTokens: 1, delayAfter: 0),
            ])
        table.append(
            arrival: 9, rounds: [RoundScript(newTokens: 7, outputTokens: 3, delayAfter: 0)])
        return table
    }

    @Test("rounds are found by session, and the final context is all tokens of all rounds")
    func rounds() {
        #expect(table().count == 2)
        #expect(table().rounds(of: 0).map(\.newTokens) == [10, 4])
        #expect(table().rounds(of: 1).map(\.newTokens) == [7])
        #expect(table().contexts(of: 0).final == 17)
    }

    @Test("a round that keeps less than all shortens the context, and shared segments with it")
    func histories() {
        var table = SessionTable()
        let first = table.prefixes.define(tokens: 3)
        let second = table.prefixes.define(tokens: 4, after: first)
        table.append(
            arrival: 0,
            rounds: [10, 4, 6, 2].map {
                RoundScript(newTokens: $0, outputTokens: 2, delayAfter: 0)
            })
        table.setHistory(5, ofRound: 2)
        table.setPrefix(table.prefixes.addList(endingWith: second))
        // 12, 18, 5 + 8 and 17.
        #expect(table.contexts(of: 0).final == 17 && table.contexts(of: 0).longest == 18)
        #expect(table.longestContexts == [18])
        let lists = (0..<4).map { Array(table.prefixes.segments(ofRound: $0)) }
        #expect(lists == [[first, second], [first, second], [first], [first]])
        var copy = SessionTable(vocabularyOf: table)
        #expect(copy.histories.isEmpty)
        copy.append(arrival: 3, rounds: [RoundScript(newTokens: 1, outputTokens: 1, delayAfter: 0)])
        copy.append(arrival: 7, copyingJob: 0, of: table)
        #expect(copy.contexts(of: 1).longest == 18)
        #expect(copy.histories.tokens(ofRound: 3) == 5)
        #expect(copy.histories.tokens(ofRound: 4) == KeptHistories.all)
        // Nothing is cut where all is kept, however long it is.
        var long = SessionTable()
        long.append(
            arrival: 0,
            rounds: (0..<3).map { _ in
                RoundScript(newTokens: .max, outputTokens: 1, delayAfter: 0)
            })
        #expect(long.contexts(of: 0).longest == 3 << 31)
    }

    @Test("lengths beyond 32 bits are clamped instead of crashing")
    func clamped() {
        let script = RoundScript(newTokens: .max, outputTokens: .min, delayAfter: 0)
        #expect(script.newTokens == .max && script.outputTokens == .min)
    }
}
