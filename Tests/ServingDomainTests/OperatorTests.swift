import ServingDomain
import Testing

private let attention = AttentionShape(
    heads: 8, kvHeads: 2, headDimension: 128, window: 0, kvFormat: .bf16)
private let experts = ExpertShape(
    hidden: 100, intermediate: 40, experts: 4, expertsPerToken: 2, tensorDegree: 2,
    expertDegree: 1, distribution: "balanced", format: .fp8)
private let recurrence = RecurrenceShape(
    keyHeads: 4, valueHeads: 8, keyDimension: 64, valueDimension: 128)

@Suite("Operators as records")
struct OperatorRecordTests {
    /// At least one shape of every kind and every case of its enums.
    static let shapes: [OperatorShape] =
        NumberFormat.allCases.map { .gemm(n: 10, k: 20, format: $0) }
        + [
            .prefillAttention(attention, batch: 3), .decodeAttention(attention),
            .mixedDecodeAttention(attention), .unevenDecodeAttention(attention, variation: 61),
            .prefillRecurrence(recurrence), .decodeRecurrence(recurrence), .experts(experts),
            .prefillScores(ScoreShape(heads: 4, dimension: 64)),
            .decodeScores(ScoreShape(heads: 4, dimension: 64)),
            .pointToPoint(path: "nvlink"), .host(component: "schedule", degree: 4),
        ]
        + OperatorShape.Collective.allCases.map { .collective($0, gpus: 8, path: "intra") }
        + OperatorShape.Elementwise.allCases.map { .elementwise($0, width: 64) }

    @Test("every shape survives being written as a record", arguments: shapes)
    func roundTrip(shape: OperatorShape) throws {
        let record = shape.record
        #expect(OperatorShape(record) == shape)
        let names = try #require(OperatorRecord.dimensionNames(of: record.kind))
        #expect(names.count == record.dimensions.count)
        #expect((1...2).contains(OperatorRecord.axisNames(of: record.kind).count))
    }

    @Test("the list of kinds is complete and without repetition")
    func kinds() {
        #expect(Set(OperatorRecord.kinds) == Set(Self.shapes.map(\.record.kind)))
        #expect(Set(OperatorRecord.kinds).count == OperatorRecord.kinds.count)
    }

    @Test("records that describe no shape are refused")
    func refused() {
        let records = [
            OperatorRecord(kind: "gem", format: "bf16", variant: "", dimensions: [1, 2]),
            OperatorRecord(kind: "gemm", format: "bf17", variant: "", dimensions: [1, 2]),
            OperatorRecord(kind: "gemm", format: "bf16", variant: "", dimensions: [1]),
            OperatorRecord(kind: "decode_attention", format: "", variant: "", dimensions: [1]),
            OperatorRecord(kind: "experts", format: "bf16", variant: "", dimensions: []),
            OperatorRecord(kind: "", format: "", variant: "", dimensions: []),
        ]
        for record in records { #expect(OperatorShape(record) == nil) }
    }
}

@Suite("Work of an operator by hand")
struct OperatorWorkTests {
    private func work(_ shape: OperatorShape, _ x: Int, _ y: Int = 0) -> Work {
        shape.work(at: OperatorPoint(x: x, y: y))
    }

    /// Whole numbers only, so that the products below are the arithmetic and not its rounding.
    private func expect(
        _ shape: OperatorShape, at x: Int, _ y: Int = 0, flops: Int, bytes: Int,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let hand = Work(flops: Double(flops), bytes: Double(bytes))
        #expect(work(shape, x, y) == hand, sourceLocation: sourceLocation)
    }

    @Test("gemm: two operations per weight and token; weights once, activations in bf16")
    func gemm() {
        let (weights, activations) = (10 * 20, 2 * 3 * (10 + 20))
        expect(
            .gemm(n: 10, k: 20, format: .fp8), at: 3, flops: 2 * 3 * weights,
            bytes: weights + activations)
    }

    @Test("prefill attention: each new token sees the history, the new ones before it and itself")
    func prefill() {
        // 2 new tokens over 3 cached: 4 + 5 pairs; keys and values of 5 tokens are read; two
        // sequences.
        let (pairs, keysAndValues, queries) = (9, 2 * 2 * 128 * 5 * 2, 4 * 8 * 128 * 2)
        expect(
            .prefillAttention(attention, batch: 2), at: 2, 3, flops: 2 * 4 * 8 * 128 * pairs,
            bytes: 2 * (keysAndValues + queries))
        #expect(attention.pairsSeen(increment: 2, history: 3) == 9)
    }

    @Test("a window bounds what each token sees")
    func window() {
        let windowed = AttentionShape(
            heads: 8, kvHeads: 2, headDimension: 128, window: 4, kvFormat: .bf16)
        // Tokens 1 to 6 see 1, 2, 3, 4, 4 and 4.
        #expect(windowed.pairsSeen(increment: 6, history: 0) == 18)
        #expect(windowed.pairsSeen(increment: 3, history: 100) == 12)
        let decode = work(.decodeAttention(windowed), 5, 1000)
        #expect(decode == work(.decodeAttention(attention), 5, 4))
    }

    @Test("decode attention: every sequence reads its own context")
    func decode() {
        let (keysAndValues, queries) = (2 * 2 * 128 * 100 * 2, 4 * 8 * 128)
        expect(
            .decodeAttention(attention), at: 5, 100, flops: 5 * 4 * 8 * 128 * 100,
            bytes: 5 * (keysAndValues + queries))
    }

    @Test("experts: arithmetic for those picked, memory for those that anybody picks")
    func mixture() {
        // Half of 3 · 100 · 40 values per expert and GPU. Three tokens that pick 2 of 4 experts
        // miss an expert with probability 1/8, so 3.5 of 4 are read.
        let expert = 6000
        expect(
            .experts(experts), at: 3, flops: 2 * 3 * 2 * expert,
            bytes: 7 * expert / 2 + 4 * 3 * 100)
    }

    @Test("transfers carry their message, elementwise work its passes, host time nothing")
    func others() {
        expect(.collective(.allReduce, gpus: 8, path: ""), at: 77, flops: 0, bytes: 77)
        expect(.pointToPoint(path: ""), at: 77, flops: 0, bytes: 77)
        expect(.elementwise(.norm, width: 10), at: 4, flops: 0, bytes: 2 * 2 * 4 * 10)
        expect(.elementwise(.residual, width: 10), at: 4, flops: 0, bytes: 3 * 2 * 4 * 10)
        expect(.host(component: "", degree: 1), at: 9, flops: 0, bytes: 0)
    }

    @Test("no point makes the work negative or not a number", arguments: OperatorRecordTests.shapes)
    func anyPoint(shape: OperatorShape) {
        for x in [0, 1, 1_000_000, Int.max] {
            for y in [0, 1, Int.max] {
                let work = work(shape, x, y)
                #expect(work.flops >= 0 && work.bytes >= 0, "at \(x), \(y)")
            }
        }
    }
}
