import ServingDomain
import Testing

@Suite("Whole blocks of weights")
struct WeightBlockTests {
    /// 256 experts of 1,536 columns, 48 heads and 8 key-value heads of 128, as MiniMax-M2.5.
    private let wide = ModelSpec(
        name: "wide", architecture: "m", layers: 2, hidden: 3072,
        attention: .grouped(heads: 48, kvHeads: 8, headDimension: 128), intermediate: 0,
        mixture: .init(experts: 256, expertsPerToken: 8, expertIntermediate: 1536),
        vocabulary: 1000, maxContext: 1000)

    @Test(
        "experts of 1,536 columns: 768, 384 and 192 per GPU, of which the last is no whole block",
        arguments: [(1, nil), (2, nil), (4, nil), (8, 192)])
    func tensor(ways: Int, share: Int?) throws {
        let cut = wide.cutBlocks(.fp8Block, degree: try degree(ways))
        #expect(cut?.share == share)
        #expect(cut == nil || (cut?.part == .routedExpert && cut?.columns == 1536))
        #expect(wide.cutBlocks(.fp8, degree: try degree(ways)) == nil)
        #expect(wide.cutBlocks(.bf16, degree: try degree(ways)) == nil)
    }

    @Test("experts that are dealt out stay whole; ranks split them as GPUs of one rank do")
    func splits() throws {
        func share(_ tensor: Int, _ ranks: Int, _ experts: Int) throws -> Int? {
            wide.cutBlocks(
                .fp8Block, degree: try degree(tensor),
                split: ModelSplit(ranks: ranks, expertDegree: experts))?.share
        }
        #expect(try share(8, 1, 8) == nil)
        #expect(try share(8, 1, 2) == nil)
        #expect(try share(1, 8, 1) == 192)
        #expect(try share(1, 8, 8) == nil)
        #expect(try share(1, 8, 64) == nil)
        #expect(try share(2, 8, 2) == 192)
    }

    @Test("dense blocks, shared experts and heads are looked at, heads until one is left per GPU")
    func others() throws {
        func model(
            heads: Int = 32, kvHeads: Int = 8, dimension: Int = 128, intermediate: Int = 4096,
            shared: Int? = nil
        ) -> ModelSpec {
            ModelSpec(
                name: "m", architecture: "m", layers: 2, hidden: 512,
                attention: .grouped(heads: heads, kvHeads: kvHeads, headDimension: dimension),
                intermediate: shared == nil ? intermediate : 0,
                mixture: shared.map {
                    .init(
                        experts: 8, expertsPerToken: 1, expertIntermediate: 4096,
                        sharedIntermediate: $0)
                },
                vocabulary: 1000, maxContext: 1000)
        }
        func cut(_ model: ModelSpec, _ ways: Int) throws -> (CutBlocks.Part, Int)? {
            model.cutBlocks(.fp8Block, degree: try degree(ways)).map { ($0.part, $0.share) }
        }
        #expect(try cut(model(), 8) == nil)
        #expect(try cut(model(), 32) == nil)
        let dense = try #require(try cut(model(intermediate: 768), 4))
        #expect(dense == (.feedForward, 192))
        let shared = try #require(try cut(model(shared: 512), 8))
        #expect(shared == (.sharedExperts, 64))
        // Heads of 64: eight GPUs have four query heads, 256 columns, and one key-value head, 64 columns.
        let heads = try #require(try cut(model(dimension: 64), 8))
        #expect(heads == (.attention, 64))
        #expect(try cut(model(dimension: 64), 4) == nil)
    }

    @Test("a matrix that is no whole blocks is cut on one GPU too, and by no split healed")
    func uncut() throws {
        let odd = ModelSpec(
            name: "odd", architecture: "m", layers: 2, hidden: 512,
            attention: .grouped(heads: 8, kvHeads: 8, headDimension: 128), intermediate: 0,
            mixture: .init(experts: 8, expertsPerToken: 1, expertIntermediate: 2880),
            vocabulary: 1000, maxContext: 1000)
        let cut = try #require(odd.cutBlocks(.fp8Block, degree: .one))
        #expect(cut.share == 2880 && !cut.isWholeUncut)
        let dealt = odd.cutBlocks(
            .fp8Block, degree: try degree(4), split: ModelSplit(expertDegree: 4))
        #expect(dealt == cut)
        #expect(wide.cutBlocks(.fp8Block, degree: try degree(8))?.isWholeUncut == true)
    }

    @Test("latent attention: the heads' parts of the projections that are split")
    func latent() throws {
        let model = ModelSpec(
            name: "m", architecture: "m", layers: 2, hidden: 512,
            attention: .latent(
                .init(
                    heads: 64, queryRank: 1536, kvRank: 512, nopeDimension: 128,
                    ropeDimension: 64, valueDimension: 128)),
            intermediate: 18432, vocabulary: 1000, maxContext: 1000)
        #expect(model.cutBlocks(.fp8Block, degree: try degree(16)) == nil)
        // One head per GPU: 192 columns of a query.
        #expect(model.cutBlocks(.fp8Block, degree: try degree(64))?.share == 192)
    }
}
