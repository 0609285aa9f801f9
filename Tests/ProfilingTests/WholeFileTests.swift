import Foundation
import Testing

@testable import Profiling

@Suite("Files that are no tables of timings")
struct WholeFileTests {
    @Test("an empty file, comments alone and a header alone say so")
    func nothingInside() throws {
        let store = try ProfileStore.inMemory()
        #expect(throws: ProfilingError.emptyFile("a.csv")) { try store.take("", at: "a.csv") }
        #expect(throws: ProfilingError.emptyFile("a.csv")) {
            try store.take("\n# gpu: x\n\r\n", at: "a.csv")
        }
        #expect(throws: ProfilingError.noRows(file: "a.csv", adapter: "timings")) {
            try store.take(timings([]), at: "a.csv")
        }
        #expect(try store.batches().isEmpty)
    }

    @Test("an unknown header names the known ones")
    func unknownHeader() throws {
        let store = try ProfileStore.inMemory()
        let text = message { () throws(ProfilingError) in try store.take("a,b\n1,2\n") }
        #expect(text.contains("timings.csv:1") && text.contains("\"a,b\""))
        #expect(text.contains("gemm_dtype,m,n,k,latency") && text.contains("latency_us"))
        let near = message { () throws(ProfilingError) in
            try store.take("gemm_dtype,m,n,latency,device\nfp8,1,2,3,x\n")
        }
        #expect(near.contains("nearest is aiconfigurator gemm, of which \"k\" is missing"))
        #expect(near.contains("which does not know \"device\""))
    }

    @Test(
        "a header that cannot be read names its line",
        arguments: [
            ("kind,kind\n", ":1: the column \"kind\" is there twice"),
            ("# a\n\"open\n", ":2: a quoted cell does not end"),
            ("# trust: blind\n", ":1: trust is \"blind\""),
            ("# gpu: a100\n# gpu: h100\n", ":2: the comment gpu is given twice"),
            ("k\0nd\n", ":1: the line holds a NUL byte"),
        ])
    func malformedHeader(text: String, reason: String) throws {
        let store = try ProfileStore.inMemory()
        let error = message { () throws(ProfilingError) in try store.take(text) }
        #expect(error.contains(reason), "\(error)")
    }

    @Test("a folder, a device and a file that is not there are refused")
    func unreadable() throws {
        let store = try ProfileStore.inMemory()
        for path in ["/", "/dev/zero", "/nowhere/at/all.csv", ""] {
            #expect(
                message { () throws(ProfilingError) in
                    try store.importTimings(from: path, options: options)
                }.hasPrefix("Cannot read \(path)"))
        }
    }

    @Test("no damage to a good file crashes the import or leaves half of it behind")
    func flippedBytes() throws {
        let whole = Array(timings(goodRows).utf8)
        let store = try ProfileStore.inMemory()
        var state: UInt64 = 7
        for _ in 0..<3_000 {
            var bytes = whole
            for _ in 0..<3 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                bytes[Int((state >> 33) % UInt64(bytes.count))] = UInt8(
                    truncatingIfNeeded: state >> 20)
            }
            if state >> 60 == 0 { bytes.removeLast(Int((state >> 20) % UInt64(bytes.count))) }
            let before = try store.batches().count
            do {
                let file = SourceFile(path: "broken.csv", bytes: bytes)
                let report = try store.importTimings(file, options: options)
                #expect(report.samplesAdded + report.duplicates == report.rowsRead)
                #expect(try store.batches().count == before + 1)
            } catch {
                #expect(!error.description.isEmpty)
                #expect(try store.batches().count == before)
            }
        }
    }
}
