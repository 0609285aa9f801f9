import ServingDomain
import Testing

@testable import CostModeling

@Suite("Points that one shape lacks and others of its kind have")
struct SiblingTimingsTests {
    private static let tokens = [8, 16, 24, 32]

    /// Twice as long from 24 tokens on, where another kernel takes over.
    private func samples(
        _ width: Int, lacking: Set<Int> = [], kind: OperatorShape.Elementwise = .norm
    ) -> [TimingSample] {
        Self.tokens.filter { !lacking.contains($0) }.map { tokens in
            TimingSample(
                shape: .elementwise(kind, width: width), point: OperatorPoint(x: tokens),
                nanoseconds: Double(width * tokens * (tokens < 24 ? 1 : 2)))
        }
    }

    private func missing(_ groups: [[TimingSample]]) throws -> [TimingSample] {
        let timings = SiblingTimings(
            Dictionary(grouping: groups.flatMap(\.self), by: \.shape))
        return timings.missing(try #require(groups.first?.first?.shape))
    }

    private func curve(_ groups: [[TimingSample]]) throws -> OperatorCurve {
        let fit = ProfileFit.fit(groups.flatMap(\.self), trust: .measured)
        let shape = try #require(groups.first?.first?.shape)
        return try #require(fit.entries[shape]?.curve)
    }

    @Test("a jump that three others have at a point is there, and not on the chord")
    func jump() throws {
        let others = [1024, 2048, 8192].map { samples($0) }
        let found = try missing([samples(4096, lacking: [16])] + others)
        #expect(found.map(\.point.x) == [16])
        #expect(abs(found[0].nanoseconds - 4096 * 16) < 1)
        let whole = try curve([samples(4096)] + others)
        let filled = try curve([samples(4096, lacking: [16])] + others)
        #expect(abs(filled(OperatorPoint(x: 16)) / whole(OperatorPoint(x: 16)) - 1) < 1e-9)
        let alone = try curve([samples(4096, lacking: [16])])
        #expect(alone(OperatorPoint(x: 16)) > 1.5 * whole(OperatorPoint(x: 16)))
    }

    @Test("two others tell nothing, nor do those of another kind, nor points beyond the own ones")
    func few() throws {
        let own = samples(4096, lacking: [16])
        let two = [1024, 2048].map { samples($0) }
        #expect(try missing([own] + two).isEmpty)
        #expect(try missing([own] + two + [samples(8192, kind: .rope)]).isEmpty)
        let three = two + [samples(8192)]
        #expect(try missing([samples(4096, lacking: [8])] + three).isEmpty)
        #expect(try missing([samples(4096, lacking: [32])] + three).isEmpty)
        #expect(try missing([samples(4096)] + three).isEmpty)
    }

    @Test("the nearest of many decide")
    func nearest() throws {
        // Those far away have no jump.
        let far = (1...9).map { factor in
            Self.tokens.map { tokens in
                TimingSample(
                    shape: .elementwise(.norm, width: 1_000_000 * factor),
                    point: OperatorPoint(x: tokens), nanoseconds: Double(tokens * 1000))
            }
        }
        let near = [1024, 2048, 3072, 5120, 8192].map { samples($0) }
        let found = try missing([samples(4096, lacking: [16])] + near + far)
        #expect(abs(try #require(found.first).nanoseconds - 4096 * 16) < 1)
    }

    @Test("those of the same kernels decide, however far their dimensions are")
    func alike() throws {
        // Others of nearly the same width never change kernels.
        let near = (1...9).map { step in
            Self.tokens.map { tokens in
                TimingSample(
                    shape: .elementwise(.norm, width: 4096 + step),
                    point: OperatorPoint(x: tokens), nanoseconds: Double(tokens * 4096))
            }
        }
        let alike = [16, 32, 64, 1 << 16, 1 << 17].map { samples($0) }
        let found = try missing([samples(4096, lacking: [16])] + near + alike)
        #expect(abs(try #require(found.first).nanoseconds - 4096 * 16) < 1)
    }

    @Test("of two axes chords are along the second, and other columns tell who is alike")
    func plane() throws {
        // The jump lies at a context of 24; those of other kernels are as long there as before.
        func attention(_ heads: Int, jumps: Bool = true, lacking: Bool = false) -> [TimingSample] {
            [1, 2, 4].flatMap { batch in
                Self.tokens.filter { !(lacking && batch == 2 && $0 == 16) }.map { context in
                    TimingSample(
                        shape: .decodeAttention(
                            AttentionShape(
                                heads: heads, kvHeads: 1, headDimension: 128, window: 0,
                                kvFormat: .bf16)),
                        point: OperatorPoint(x: batch, y: context),
                        nanoseconds: Double(
                            heads * batch * context * (jumps && context >= 24 ? 2 : 1)))
                }
            }
        }
        let own = attention(8, lacking: true)
        let alike = [2, 4, 16].map { attention($0) }
        let other = [6, 7, 9, 10].map { attention($0, jumps: false) }
        let found = try missing([own] + other + alike)
        #expect(found.map(\.point) == [OperatorPoint(x: 2, y: 16)])
        // Three alike of five that are asked: the median is theirs.
        #expect(abs(try #require(found.first).nanoseconds - 8 * 2 * 16) < 1e-6)
        #expect(try missing([own] + alike.prefix(2)).isEmpty)
        #expect(try missing([attention(8)] + alike).isEmpty)
    }

    @Test("where experts get few tokens those of the same routing come first")
    func routing() throws {
        func block(_ experts: Int, width: Int, bend: Double, lacking: Int? = nil) -> [TimingSample]
        {
            [8, 16, 24, 512, 768, 1024].filter { $0 != lacking }.map { tokens in
                TimingSample(
                    shape: .experts(
                        ExpertShape(
                            hidden: width, intermediate: 64, experts: experts, expertsPerToken: 2,
                            tensorDegree: 1, expertDegree: 1, distribution: "balanced",
                            format: .bf16)),
                    point: OperatorPoint(x: tokens),
                    nanoseconds: Double(width * tokens) * ([16, 768].contains(tokens) ? bend : 1))
            }
        }
        // Those of other experts are just as even beside it, and more of them.
        let same = [1024, 2048, 8192].map { block(64, width: $0, bend: 1.5) }
        let others = [512, 3072, 4096, 5120, 6144].map { block(8, width: $0, bend: 0.9) }
        for (tokens, bend) in [(16, 1.5), (768, 0.9)] {
            let own = block(64, width: 4097, bend: 1, lacking: tokens)
            let found = try missing([own] + same + others)
            #expect(found.map(\.point.x) == [tokens])
            let factor = try #require(found.first).nanoseconds / Double(4097 * tokens)
            #expect(abs(factor / bend - 1) < 1e-9, "\(tokens) tokens: \(factor)")
        }
    }

    @Test("a curve does not depend on what else is asked for")
    func wanted() throws {
        let groups = [samples(4096, lacking: [16])] + [512, 1024, 2048, 8192].map { samples($0) }
        let all = groups.flatMap(\.self)
        let shape = try #require(groups.first?.first?.shape)
        let alone = ProfileFit.fit(all, of: [shape], trust: .measured)
        #expect(alone.shapes == [shape])
        #expect(alone.entries[shape] == ProfileFit.fit(all, trust: .measured).entries[shape])
    }

    @Test("the order of the timings does not matter")
    func order() throws {
        let groups = [samples(4096, lacking: [16])] + [512, 1024, 2048, 8192].map { samples($0) }
        let all = groups.flatMap(\.self)
        let (there, back) = (
            ProfileFit.fit(all, trust: .measured),
            ProfileFit.fit(all.reversed(), trust: .measured)
        )
        #expect(there.entries == back.entries)
    }
}
