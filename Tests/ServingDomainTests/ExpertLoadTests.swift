import ServingDomain
import Testing

@Suite("Loads of GPUs that experts are dealt out over")
struct ExpertLoadTests {
    private func shape(
        _ experts: Int, _ picks: Int, _ degree: Int, _ distribution: String = "power_law_1.2",
        format: NumberFormat = .bf16
    ) -> ExpertShape {
        ExpertShape(
            hidden: 4096, intermediate: 2048, experts: experts, expertsPerToken: picks,
            tensorDegree: 2, expertDegree: degree, distribution: distribution, format: format)
    }

    @Test(
        "the busiest GPU has what it has where tokens and favourites are drawn",
        arguments: [
            (128, 4, 2), (128, 4, 4), (256, 8, 8), (384, 8, 4), (128, 8, 8), (8, 2, 8), (16, 1, 8),
        ])
    func drawn(_ experts: Int, _ picks: Int, _ degree: Int) {
        var lottery = Lottery(experts: experts, picks: picks, degree: degree)
        for (tokens, rounds) in [(4, 400), (16, 200), (64, 60), (256, 20)] {
            let load = shape(experts, picks, degree).busiest(tokens: Double(tokens))
            let drawn = lottery.mean(tokens: tokens, rounds: rounds)
            let note: Comment = "\(tokens) tokens: \(load), drawn \(drawn)"
            // One or two experts on a GPU are no normal number.
            #expect(abs(load.picks / drawn.picks - 1) < (experts < 128 ? 0.17 : 0.09), note)
            #expect(abs(load.touched / drawn.touched - 1) < 0.07, note)
            // What an even share would be is far off where tokens are few.
            let even = Double(tokens * picks) / Double(degree)
            #expect(drawn.picks > 1.03 * even && load.picks > 1.03 * even, note)
        }
    }

    @Test("one GPU has everything; even routers load all alike")
    func even() {
        for tokens in [1.0, 7, 300, 50_000] {
            let whole = shape(256, 8, 1)
            #expect(whole.busiest(tokens: tokens).picks == 8 * tokens)
            #expect(whole.busiest(tokens: tokens).touched == whole.touchedExperts(tokens: tokens))
            for distribution in [ExpertShape.balanced, ExpertShape.insideEngine] {
                let even = shape(256, 8, 8, distribution)
                #expect(even.busiest(tokens: tokens).picks == tokens)
                #expect(even.busiest(tokens: tokens).touched == even.touchedExperts(tokens: tokens))
            }
        }
    }

    @Test("a GPU never has more than its experts, or than all tokens, and waits grow with GPUs")
    func bounds() {
        for degree in [2, 3, 4, 6, 8, 16, 64, 256] {
            for tokens in [0.0, 1, 2, 50, 4096, 1e6] {
                let load = shape(256, 8, degree).busiest(tokens: tokens)
                let local = 256 / Double(degree)
                #expect(load.touched <= local && load.picks <= tokens * min(local, 8))
                #expect(tokens == 0 || load.picks >= 1 && load.touched >= min(local, 1))
            }
        }
        let shares = [2, 3, 4, 6, 8, 32, 256].map { degree in
            shape(256, 8, degree).busiest(tokens: 65_536).picks / (8 * 65_536) * Double(degree)
        }
        #expect(shares == shares.sorted())
        #expect(shares[0] > 1.02 && shares[0] < 1.1)
        #expect(shares[4] > 1.1 && shares[4] < 1.3)
        // One expert on each of 256 GPUs: the most liked one is picked 2.7 times as often as the mean.
        #expect(shares[6] > 2.5 && shares[6] < 3.5)
    }

    @Test("rows of absent experts are those of all others")
    func absent() {
        #expect(shape(64, 8, 1).absentRowBytes == 0)
        // Seven of eight rows: 10 bytes for each of 1,024 columns, 4 for each of 4,096.
        #expect(shape(64, 8, 8).absentRowBytes == 7 * (10 * 1024 + 4 * 4096))
        #expect(shape(64, 8, 8, format: .fp8Block).absentRowBytes == 7 * (13 * 1024 + 4 * 4096))
    }
}

/// Tokens that pick experts, some of which are liked more, on GPUs that have some of them.
private struct Lottery {
    let experts: Int
    let picks: Int
    let degree: Int
    private var state: UInt64 = 7

    init(experts: Int, picks: Int, degree: Int) {
        self.experts = experts
        self.picks = picks
        self.degree = degree
    }

    /// Of the GPU with the most, over drawn placements of the experts.
    mutating func mean(tokens: Int, rounds: Int) -> (picks: Double, touched: Double) {
        var sums = (picks: 0, touched: 0)
        for _ in 0..<rounds {
            let loads = loads(tokens: tokens)
            let own = experts / degree
            let gpus = (0..<degree).map { loads[$0 * own..<($0 + 1) * own] }
            sums.picks += gpus.map { $0.reduce(0, +) }.max() ?? 0
            sums.touched += gpus.map { $0.count { $0 > 0 } }.max() ?? 0
        }
        return (Double(sums.picks) / Double(rounds), Double(sums.touched) / Double(rounds))
    }

    /// Tokens of every expert.
    private mutating func loads(tokens: Int) -> [Int] {
        let liked = [0.28, 0.35, 0.448, 0.587, 0.797, 1.127, 1.686, 2.73]
        var weights = (0..<experts).map { liked[$0 % liked.count] }
        for last in stride(from: experts - 1, to: 0, by: -1) {
            weights.swapAt(last, Int(next() * Double(last + 1)))
        }
        var loads = [Int](repeating: 0, count: experts)
        for _ in 0..<tokens {
            var picked: Set<Int> = []
            while picked.count < picks {
                let expert = Int(next() * Double(experts))
                if next() * 2.73 < weights[expert] { picked.insert(expert) }
            }
            for expert in picked { loads[expert] += 1 }
        }
        return loads
    }

    /// From 0 to below 1.
    private mutating func next() -> Double {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Double(state >> 11) * 0x1p-53
    }
}
