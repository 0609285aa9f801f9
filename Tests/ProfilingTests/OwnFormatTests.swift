import ServingDomain
import Testing

@testable import Profiling

@Suite("The tool's own CSV")
struct OwnFormatTests {
    @Test("each kind becomes its shape, point and latency")
    func shapes() throws {
        let store = try ProfileStore.inMemory()
        let report = try store.take(timings(goodRows))
        let attention = AttentionShape(
            heads: 32, kvHeads: 8, headDimension: 128, window: 0, kvFormat: .bf16)
        let samples = Set(try store.samples(in: h100))
        #expect(report.rowsRead == 9 && report.samplesAdded == 9 && report.refused == 0)
        #expect(samples.count == 9)
        #expect(
            samples.contains(
                TimingSample(
                    shape: .gemm(n: 4096, k: 4096, format: .bf16), point: OperatorPoint(x: 16),
                    nanoseconds: 12500)))
        #expect(
            samples.contains(
                TimingSample(
                    shape: .decodeAttention(attention), point: OperatorPoint(x: 4, y: 1000),
                    nanoseconds: 31250)))
        #expect(
            samples.contains(
                TimingSample(
                    shape: .host(component: "schedule:a,b", degree: 2),
                    point: OperatorPoint(x: 8), nanoseconds: 199_600)))
    }

    @Test("comments name what was measured, and the rest of them is kept as notes")
    func comments() throws {
        let store = try ProfileStore.inMemory()
        let text = timings(goodRows, comments: ["trust: analytic", "driver: 575.1", "by night"])
        let report = try store.take(text)
        let batch = try #require(try store.batches().first)
        #expect(report.trust == .analytic && report.gpu == "h100-sxm" && report.version == "0.24.0")
        #expect(batch.notes == "driver: 575.1\nby night")
        #expect(batch.importedAt == "1970-01-01T00:00:00Z" && batch.adapter == "timings")
        #expect(batch.samplesAdded == 9 && batch.sha256.count == 64)
    }

    @Test("what the person says wins over the file")
    func overrides() throws {
        let store = try ProfileStore.inMemory()
        let told = ImportOptions(
            gpu: "H20_96GB", engine: "sglang", version: "1", trust: .given, toolVersion: "test")
        let report = try store.take(timings(goodRows), options: told)
        #expect(report.gpu == "h20-96gb" && report.engine == "sglang" && report.trust == .given)
    }

    @Test("without a GPU anywhere the file is refused, with the option that helps")
    func originUnknown() throws {
        let store = try ProfileStore.inMemory()
        let rows = timings(goodRows).split(separator: "\n").dropFirst(1).joined(separator: "\n")
        let text = message { () throws(ProfilingError) in try store.take(rows) }
        #expect(text.contains("--gpu") && text.contains("# gpu: ..."))
    }

    @Test("quotes, CRLF, a byte-order mark, blank lines and another order of columns are taken")
    func dialects() throws {
        let store = try ProfileStore.inMemory()
        let plain = timings(goodRows)
        try store.take(plain)
        let windows =
            "\u{FEFF}" + plain.split(separator: "\n").joined(separator: "\r\n") + "\r\n\r\n\n"
        #expect(try store.take(windows).duplicates == 9)
        let turned = """
            latency_us,y,x,d6,d5,d4,d3,d2,d1,variant,format,"kind"
            12.5, 0 ,"16",,,,,4096,4096,,bf16,"gemm"
            """
        let told = ImportOptions(
            gpu: "h100", engine: "vllm", version: "0.24.0", toolVersion: "test")
        #expect(try store.take(turned, options: told).duplicates == 1)
    }

    @Test(
        "a bad row is refused with its line and the reason",
        arguments: [
            ("gemm,bf16,,4096,4096,,,,,16,0,0", "latency_us"),
            ("gemm,bf16,,4096,4096,,,,,16,0,-1", "latency_us"),
            ("gemm,bf16,,4096,4096,,,,,16,0,inf", "latency_us"),
            ("gemm,bf16,,4096,4096,,,,,16,0,1e999", "latency_us"),
            ("gemm,bf16,,4096.5,4096,,,,,16,0,1", "d1 is \"4096.5\""),
            ("gemm,bf16,,0,4096,,,,,16,0,1", "d1"),
            ("gemm,bf16,,99999999999999999999,4096,,,,,16,0,1", "d1"),
            ("gemm,bf16,,4096,4096,7,,,,16,0,1", "d3"),
            ("gemm,bf16,,4096,4096,,,,,16,1,1", "y is 1"),
            ("gemm,bf17,,4096,4096,,,,,16,0,1", "\"bf17\""),
            ("gemm,bf16,why,4096,4096,,,,,16,0,1", "\"why\""),
            ("matmul,bf16,,4096,4096,,,,,16,0,1", "\"matmul\""),
            ("gemm,bf16,,4096,4096,,,,,0,0,1", "x is \"0\""),
            ("decode_attention,bf16,,32,8,128,0,,,4,0,1", "y is 0"),
            ("gemm,bf16,,4096", "4 columns, expected 12"),
            ("gemm,bf16,,4096,4096,,,,,16,0,1,", "13 columns"),
            ("gemm,bf16,\"open,4096,4096,,,,,16,0,1", "does not end on its line"),
            ("gemm,bf16,\"a\"b,4096,4096,,,,,16,0,1", "closing quote"),
            ("gemm,bf16,\0,4096,4096,,,,,16,0,1", "NUL"),
            ("# gpu: b200", "1 columns"),
            (String(repeating: "9", count: CSVScanner.longestLine + 1), "bytes long"),
        ])
    func badRows(row: String, reason: String) throws {
        let store = try ProfileStore.inMemory()
        let text = timings([goodRows[0], row, goodRows[1]])
        let error = message { () throws(ProfilingError) in try store.take(text) }
        #expect(error.contains("timings.csv:7: ") && error.contains(reason), "\(error)")
        #expect(try store.contexts().isEmpty && store.batches().isEmpty)

        let report = try store.take(text, options: skipping)
        #expect(report.rowsRead == 3 && report.samplesAdded == 2 && report.refused == 1)
        #expect(report.refusedRows.first?.line == 7)
        #expect(try store.batches().first?.refused == 1)
    }
}
