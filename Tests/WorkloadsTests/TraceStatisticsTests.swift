import DiscreteEvents
import ServingDomain
import Testing

@testable import Workloads

@Suite("Statistics of traces")
struct TraceStatisticsTests {
    private func read(_ lines: String...) throws -> RecordedTrace {
        try TraceReader.read(lines.joined(separator: "\n"))
    }

    @Test("percentiles of counted values are those of the values", arguments: 1...40)
    func percentiles(seed: Int) throws {
        var draw = RandomSequence(seed: UInt64(seed), named: "values")
        let values = (0..<(1 + Int(draw.next() % 200))).map { _ in Int(draw.next() % 30) }
        var counted = CountedValues()
        values.forEach { counted.add($0) }
        let figures = try #require(counted.figures)
        let exact = values.map(Double.init)
        #expect(figures.count == values.count)
        #expect(abs(figures.mean - exact.reduce(0, +) / Double(values.count)) < 1e-9)
        for (p, value) in [(50.0, figures.p50), (95, figures.p95), (99, figures.p99)] {
            #expect(abs(value - (Percentile.value(p, of: exact) ?? -1)) < 1e-9, "P\(p)")
        }
        #expect(figures.max == exact.max())
    }

    @Test("gaps, counts in bins and instants, by hand")
    func arrivals() throws {
        // Gaps of 10, 0, 10 and 15 s; bins of ten seconds from the first hold 1, 2 and 1.
        let second: Int64 = 1_000_000_000
        func arrivals(_ starts: [Int64]) -> ArrivalFigures? {
            var counter = ArrivalCounter()
            for start in starts { counter.add(start) }
            return counter.figures()
        }
        // In any order.
        let figures = try #require(arrivals([15, 5, 25, 15, 40].map { $0 * second }))
        #expect(figures.unsorted == 2 && figures.late == 0)
        #expect(figures.rates?.counts == [1, 2, 1, 1] && figures.rates?.seconds == 10)
        #expect(figures.count == 5 && figures.span == 35 && figures.distinctStarts == 4)
        #expect(figures.rate == 5.0 / 35)
        // Mean 8.75, squares (1.25² + 8.75² + 1.25² + 6.25²) / 4 = 29.6875.
        #expect(abs((figures.gapVariation ?? 0) - 29.6875.squareRoot() / 8.75) < 1e-12)
        // Mean 4/3, variance 2/9.
        #expect(abs((figures.dispersion ?? 0) - (2.0 / 9) / (4.0 / 3)) < 1e-12)
        let one = try #require(arrivals([7]))
        #expect(one.rate == nil && one.gapVariation == nil && one.dispersion == nil)
        #expect(arrivals([]) == nil)
        // Stretches double until there are few of them.
        let day = try #require(arrivals((0..<8640).map { $0 * 10 * second }))
        #expect(day.rates?.seconds == 1280 && day.rates?.counts.reduce(0, +) == 8640)
        #expect(day.dispersion == 0)
        // What comes far too late is counted, and the gaps are not told.
        let late = try #require(arrivals((1...200_000).map { $0 * second } + [second]))
        #expect(late.late == 1 && late.count == 200_001 && late.rate != nil)
        #expect(late.gapVariation == nil && late.dispersion == nil && late.rates == nil)
    }

    @Test("what follows in a session is fresh where it is neither history nor answer")
    func rounds() throws {
        let trace = try read(
            "session_id,arrival_s,new_tokens,output_tokens,delay_after_s", "a,0,100,10,2",
            "b,4,30,5,", "a,,20,7,")
        let statistics = trace.statistics
        #expect(statistics.calls == 3 && statistics.sessions == 2)
        #expect(statistics.multiRoundShare == 0.5)
        #expect(statistics.rounds.figures?.mean == 1.5)
        #expect(statistics.roundsGivenMulti.figures?.mean == 2)
        #expect(statistics.initialPrefill.figures?.mean == 65)
        #expect(statistics.incrementalPrefill.figures?.mean == 20)
        // 100, 30 and 100 + 10 + 20.
        #expect(statistics.promptTokens == 260 && statistics.outputTokens == 22)
        #expect(statistics.newPrefillPerRound == 50)
        #expect(statistics.gapMeaning == .delay)
        #expect(abs((statistics.gapFigures?.mean ?? 0) / 2 - 1) < 2.5e-4)
        // When a second call started is not in the trace.
        #expect(statistics.arrivals == nil)
        #expect(statistics.sessionArrivals?.span == 4)
    }

    @Test("rebuilt sessions: fresh tokens and gaps to the request that one continues")
    func rebuilt() throws {
        let trace = try read(
            #"{"timestamp": 0, "input_length": 1100, "output_length": 50, "hash_ids": [1, 2, 3]}"#,
            #"{"timestamp": 9000, "input_length": 1700, "output_length": 60, "hash_ids": [1, 2, 4, 5]}"#,
            #"{"timestamp": 9500, "input_length": 600, "output_length": 0, "hash_ids": [8, 9]}"#)
        let statistics = trace.statistics
        #expect(statistics.sessions == 2 && statistics.gapMeaning == .startToStart)
        #expect(statistics.incrementalPrefill.figures?.mean == 550)
        #expect(abs((statistics.gapFigures?.max ?? 0) / 9 - 1) < 2.5e-4)
        #expect(statistics.arrivals?.span == 9.5)
        // Two of nine blocks were shown before.
        #expect(statistics.blockHitShare == 2.0 / 9)
        // As it is written down, where a simulation counts an empty answer as one token.
        #expect(statistics.outputs.figures?.p50 == 50 && statistics.outputTokens == 110)
    }
}

@Suite("Azure traces")
struct AzureTraceTests {
    @Test("requests with dates of both years, and columns in any order")
    func read() throws {
        let trace = try TraceReader.read(
            "GeneratedTokens,TIMESTAMP,ContextTokens\r\n44,2023-11-16 23:59:59.6805900,374\r\n"
                + "9,2023-11-17 00:00:01.1805900,0")
        #expect(trace.format == .azureCSV)
        #expect(trace.sessions.arrivals == [0, 1_500_000_000])
        #expect(trace.sessions.rounds.map(\.newTokens) == [374, 1])
        #expect(trace.statistics.prompts.figures?.p50 == 187)
        #expect(trace.notes.contains { $0.contains("no requests to sessions") })
    }

    @Test(
        "dates",
        arguments: [
            ("1970-01-01 00:00:00", 0), ("1970-01-02T00:00:01.5Z", 86_401_500_000_000),
            ("2024-03-01 00:00:00+00:00", 1_709_251_200_000_000_000),
            ("2024-02-29 23:00:00-01:00", 1_709_251_200_000_000_000),
            ("2023-11-16 18:15:46.6805900", 1_700_158_546_680_590_000),
        ])
    func dates(text: String, nanoseconds: Int64) {
        #expect(CalendarTime.nanoseconds(text) == nanoseconds)
    }

    @Test(
        "what is no date",
        arguments: [
            "", "2023-11-16", "2023-13-16 00:00:00", "2023-11-16 24:00:00", "2023-11-16 00:00:00.",
            "2023-11-16 00:00:00+1", "2023-11-16 00:00:00 x", "23-11-16 00:00:00",
        ])
    func noDates(text: String) {
        #expect(CalendarTime.nanoseconds(text) == nil)
    }

    @Test("a row that is wrong is told with its line")
    func errors() {
        #expect(throws: WorkloadError.self) {
            try TraceReader.read("TIMESTAMP,ContextTokens,GeneratedTokens\nsoon,1,2")
        }
        #expect(throws: WorkloadError.self) {
            try TraceReader.read("TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 00:00:00,1")
        }
    }
}
