import CostModeling
import ServingDomain
import Testing

@Suite("Stated costs")
struct ExplicitCostsTests {
    private static let small = DecodeLine(
        constant: 14e6, perContextToken: 345.123_456_789_012_3, perSequence: 61_234.5)
    private static let large = DecodeLine(
        constant: 10e6, perContextToken: 299.987_654_321_098_7, perSequence: 88_765.4)

    private func worker(
        prefill: ExplicitCosts.Prefill = .constant(0), decode: ExplicitCosts.Decode = .constant(0),
        overhead: StepOverhead = .none
    ) -> WorkerCosts {
        WorkerCosts(
            ExplicitCosts(prefill: prefill, decode: decode, overhead: overhead), degree: .one)
    }

    private let polynomial = ExplicitCosts.Prefill.polynomial(
        PrefillPolynomial(constant: 15e6, perToken: 2e5, perTokenSquared: 2))

    @Test("a batch of prompts pays the constant once, tokens in all and squares one by one")
    func batch() {
        let time = worker(prefill: polynomial)
            .prefillTime(of: [(history: 0, increment: 500), (history: 0, increment: 100)])
        let squares: Double = 2 * (500 * 500 + 100 * 100)
        let expected: Double = 15e6 + 2e5 * 600 + squares
        #expect(abs(time - expected) < 1e-3)
    }

    @Test("a prompt in two parts has the squares of the whole")
    func parts() {
        let costs = worker(prefill: polynomial)
        let whole = costs.prefillTime(history: 0, increment: 1000)
        let parts =
            costs.prefillTime(history: 0, increment: 300)
            + costs.prefillTime(history: 300, increment: 700)
        #expect(abs(parts - whole - 15e6) < 1e-3)
    }

    @Test("the larger set holds from the threshold on", arguments: [94, 95, 96])
    func threshold(batch: Int) {
        let costs = worker(decode: .lines(threshold: 95, small: Self.small, large: Self.large))
        let line = batch < 95 ? Self.small : Self.large
        let expected =
            line.constant + line.perContextToken * 70_001 + line.perSequence * Double(batch)
        let time = costs.decodeStepTime(batch: batch, totalContext: 70_001)
        #expect(abs(time - expected) < 1e-6)
    }

    @Test("compiled steps stay within context x 2^-24 ns of the formula", arguments: [1, 60, 200])
    func compiled(batch: Int) {
        let costs = worker(decode: .lines(threshold: 95, small: Self.small, large: Self.large))
        let line = costs.decode.line(batch: batch)
        for context in [1, 50, 8_191, 8_192, 9_000, 50_000, 99_999, 3_000_000, 1 << 40] {
            let ticks = line.pieces[line.index(context)].ticks(context)
            let exact = costs.decodeStepTime(batch: batch, totalContext: context)
            let distance: Double = Double(ticks) / 0x1p20 - exact
            #expect(distance.magnitude <= Double(context) * 0x1p-24 + 0.005, "\(context)")
        }
    }

    @Test("overhead counts whole prompts in prefill and contexts without the new token in decode")
    func overhead() {
        let overhead = StepOverhead(base: 2e6, perContextToken: 100)
        let costs = worker(
            prefill: .constant(5e6), decode: .constant(7e6), overhead: overhead)
        #expect(costs.prefillTime(history: 30, increment: 20) == 7e6 + 50 * 100)
        #expect(costs.decodeStepTime(batch: 4, totalContext: 404) == 9e6 + 400 * 100)
        #expect(
            costs.prefillTime(of: [(history: 0, increment: 20), (history: 5, increment: 25)])
                == 7e6 + 50 * 100)
    }

    private let table = CostTable(rows: [
        .init(x: 100, points: [.init(y: 0, nanoseconds: 10e6), .init(y: 1000, nanoseconds: 20e6)]),
        .init(x: 300, points: [.init(y: 0, nanoseconds: 40e6), .init(y: 1000, nanoseconds: 60e6)]),
    ])

    @Test(
        "a table is linear between its points, proportional beyond its rows, held below",
        arguments: [
            (100, 500, 15e6, true), (200, 0, 25e6, true), (200, 500, 32.5e6, true),
            (600, 1000, 120e6, false), (300, 2000, 80e6, false), (50, 0, 10e6, false),
        ])
    func lookUp(increment: Int, history: Int, time: Double, inside: Bool) {
        let costs = worker(prefill: .table(table))
        #expect(abs(costs.prefillTime(history: history, increment: increment) - time) < 1e-3)
        #expect(costs.prefill.covers(tokens: increment, cached: history) == inside)
    }

    @Test("a decode table is looked up by sequences and mean context, in steps too")
    func decodeTable() {
        let costs = worker(decode: .table(table))
        #expect(costs.decodeStepTime(batch: 200, totalContext: 200 * 500) == 32.5e6)
        let line = costs.decode.line(batch: 200)
        for mean in [0, 500, 1000, 2500] {
            let ticks = line.pieces[line.index(200 * mean)].ticks(200 * mean)
            let exact = costs.decodeStepTime(batch: 200, totalContext: 200 * mean)
            let distance: Double = Double(ticks) / 0x1p20 - exact
            #expect(distance.magnitude < 0.2)
        }
        #expect(!line.pieces[line.index(200 * 1500)].isFitted)
    }

    @Test("no formula gives a step of less than nothing or more than 36 minutes")
    func bounds() {
        let odd = worker(
            prefill: .polynomial(
                PrefillPolynomial(constant: -2e6, perToken: 1, perTokenSquared: 1e6)),
            decode: .lines(
                threshold: 1, small: Self.small,
                large: DecodeLine(constant: -5, perContextToken: 0, perSequence: -5)))
        #expect(odd.prefillTime(history: 0, increment: 1) == 0)
        #expect(odd.prefillTime(history: 0, increment: 1_000_000_000) == 0x1p41)
        #expect(odd.decodeStepTime(batch: 1, totalContext: 9) == 0)
        let line = odd.decode.line(batch: 1)
        #expect(line.pieces[0].ticks(9) == 0)
    }

    @Test("every degree costs the same, a transfer its fixed time, and all of it is given")
    func model() {
        let costs = ExplicitCosts(prefill: .constant(1), decode: .constant(2))
        let model = CostModel.explicit(
            costs, kinds: TensorParallelDegree.usual.map { WorkerKind($0) },
            transfer: TransferCosts(fixed: .microseconds(3)))
        #expect(
            model.serving.map(\.costs).allSatisfy { $0.prefillTime(history: 9, increment: 9) == 1 })
        #expect(
            model.transfer.time(tokens: 1_000_000, between: .one, and: .one, over: .intraNode)
                == 3000)
        #expect(model.transfer.time(tokens: 0, between: .one, and: .one, over: .intraNode) == 0)
        #expect(model.trust.headline == .given)
    }
}
