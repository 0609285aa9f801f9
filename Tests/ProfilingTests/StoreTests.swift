import Foundation
import GRDB
import ServingDomain
import Testing

@testable import Profiling

@Suite("The store")
struct StoreTests {
    @Test("a second import of a file adds nothing and counts every sample as a duplicate")
    func duplicates() throws {
        let store = try ProfileStore.inMemory()
        try store.take(timings(goodRows))
        let again = try store.take(timings(goodRows))
        #expect(again.samplesAdded == 0 && again.duplicates == 9 && again.rowsRead == 9)
        #expect(try store.samples(in: h100).count == 9)
        let other = goodRows[0].replacing("12.5", with: "12.6")
        #expect(try store.take(timings([other])).samplesAdded == 1)
    }

    @Test("what an export writes comes back without loss")
    func lossless() throws {
        let (first, second) = (try ProfileStore.inMemory(), try ProfileStore.inMemory())
        let odd = [
            "gemm,bf16,,8,8,,,,,1,,0.1234567890123456789", "host,,\"q\"\"t\",1,,,,,,1,,1e-9",
            "uneven_decode_attention,bf16,,32,8,128,0,0,,4,1000,31",
            "uneven_decode_attention,bf16,,32,8,128,0,50,,4,1000,35",
        ]
        try first.take(timings(goodRows + odd, comments: ["trust: neighbour", "driver: 1", "# x"]))
        let text = try first.export(h100)
        try second.take(text)
        #expect(try second.samples(in: h100) == first.samples(in: h100))
        #expect(try second.contexts() == first.contexts())
        #expect(try second.digest(of: h100) == first.digest(of: h100))
        #expect(try second.export(h100) == text)
        #expect(try second.batches().first?.notes == "driver: 1\n# x")
    }

    @Test("a context of two trusts is exported one at a time")
    func trusts() throws {
        let store = try ProfileStore.inMemory()
        try store.take(timings([goodRows[0]]))
        try store.take(timings([goodRows[1]], comments: ["trust: analytic"]))
        #expect(
            message { () throws(ProfilingError) in try store.export(h100) }.contains("analytic"))
        let text = try store.export(h100, trust: .analytic)
        #expect(text.contains("gemm,fp8") && !text.contains("gemm,bf16"))
        #expect(try store.contexts().map(\.samples) == [1, 1])
        let unknown = ProfileContext(gpu: "tpu", engine: "jax", version: "1")
        #expect(message { () throws(ProfilingError) in try store.export(unknown) }.contains("tpu"))
    }

    @Test("the digest depends on the samples and not on the files they came in")
    func digest() throws {
        let (one, two) = (try ProfileStore.inMemory(), try ProfileStore.inMemory())
        try one.take(timings(goodRows))
        for row in goodRows.reversed() { try two.take(timings([row])) }
        #expect(try one.digest(of: h100) == two.digest(of: h100))
        let before = try two.digest(of: h100)
        try two.take(timings([goodRows[0].replacing("12.5", with: "12.6")]))
        #expect(try two.digest(of: h100) != before)
    }

    @Test("only the wanted kinds are read")
    func kinds() throws {
        let store = try ProfileStore.inMemory()
        try store.take(timings(goodRows))
        #expect(try store.samples(in: h100, kinds: ["gemm", "norm"]).count == 3)
        #expect(try store.samples(in: h100, kinds: []).isEmpty)
    }

    @Test("samples of one trust are told from those of others of the same engine")
    func oneTrust() throws {
        let store = try ProfileStore.inMemory()
        try store.take(timings([goodRows[0]]))
        let other = goodRows[0].replacing("12.5", with: "99")
        try store.take(timings([other, goodRows[1]], comments: ["trust: analytic"]))
        let measured = try store.samples(in: h100, trust: .measured)
        #expect(measured.map(\.nanoseconds) == [12_500])
        let shapes = try store.shapes(in: h100, trust: .measured)
        #expect(shapes == measured.map(\.shape))
        #expect(try store.shapes(in: h100, trust: .analytic).count == 2)
        #expect(
            try store.samples(in: h100, of: Set(shapes), trust: .analytic).map(\.nanoseconds)
                == [99_000])
        #expect(try store.samples(in: h100).count == 3)
    }

    @Test("a batch and a GPU can be deleted, and a batch that is not there cannot")
    func deletion() throws {
        let store = try ProfileStore.inMemory()
        let first = try store.take(timings(goodRows))
        try store.take(timings([goodRows[0].replacing("12.5", with: "12.6")]))
        #expect(try store.deleteBatch(first.batch) == 9)
        #expect(try store.contexts().map(\.series) == [1])
        #expect(throws: ProfilingError.noSuchBatch(first.batch, known: 1)) {
            try store.deleteBatch(first.batch)
        }
        try store.take("fact,unit,h100_sxm,b200_sxm\na,b,1,2\n")
        #expect(try store.delete(gpu: "h100-sxm") == (1, 0))
        #expect(try store.contexts().isEmpty && store.facts(gpu: "h100-sxm").isEmpty)
        #expect(try store.facts().map(\.gpu) == ["b200"])
        #expect(throws: ProfilingError.nothingAbout("h100-sxm", known: ["b200"])) {
            try store.delete(gpu: "h100-sxm")
        }
    }
}
