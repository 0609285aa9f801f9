import Catalog
import Foundation
import ServingDomain
import Testing

@Suite("GPUs and engines of the catalog")
struct HardwareTests {
    @Test("the H20 of the paper: 96 GB, 4 TB/s, 148 TFLOPS, 450 and 25 GB/s links")
    func h20() throws {
        let gpu = try Catalog().hardware(named: "H20")
        #expect(gpu.name == "h20-96gb")
        #expect(gpu.memory.value == 96_000_000_000)
        #expect(gpu.memoryBandwidth.bytesPerSecond == 4e12)
        #expect(gpu.peak(.bf16) == 148e12 && gpu.peak(.fp8) == 296e12)
        #expect(gpu.intraNode.bandwidth.bytesPerSecond == 450e9)
        #expect(gpu.interNode.bandwidth.bytesPerSecond == 25e9)
        #expect(gpu.intraNode.latency == .microseconds(10))
    }

    @Test(
        "KV room of Qwen3-32B on H20 is that of the reference",
        arguments: [
            (1, 64_000.0), (2, 378_000), (4, 1_010_000), (8, 2_260_000),
        ])
    func kvRoom(degree: Int, tokens: Double) throws {
        let catalog = try Catalog()
        let capacity = KVCapacity(
            model: try catalog.model(named: "qwen3-32b"), weightFormat: .bf16, kvFormat: .bf16,
            hardware: try catalog.hardware(named: "h20"),
            engine: try catalog.engine(named: "vllm").defaults,
            degree: try #require(TensorParallelDegree(degree)))
        #expect(abs(Double(capacity.tokens.value) - tokens) < tokens * 0.01)
    }

    @Test("twelve GPU types are known, each with a source and sane links")
    func all() throws {
        let catalog = try Catalog()
        #expect(catalog.hardwareNames.count == 12)
        for name in catalog.hardwareNames {
            let gpu = try catalog.hardware(named: name)
            #expect(!gpu.source.isEmpty)
            // Without NVLink a node's own links may be no faster than its network.
            let isLinked = !["l40s", "rtx-pro-6000"].contains(name)
            #expect(gpu.intraNode.bandwidth >= gpu.interNode.bandwidth || !isLinked)
            #expect(gpu.reservedMemory < gpu.memory)
        }
        #expect(try catalog.hardware(named: "a100").peakFLOPS[.fp8] == nil)
        #expect(try catalog.hardware(named: "b200-sxm").peak(.nvfp4) == 9e15)
        #expect(try catalog.hardware(named: "h200-sxm").peak(.nvfp4) == 989e12)
        let rack = try catalog.hardware(named: "gb200-nvl72")
        #expect(rack.gpusPerNode == 4 && rack.linkedGPUs == 72)
        #expect(try catalog.hardware(named: "b300").linkedGPUs == 8)
    }

    @Test("whether GPUs reach each other is a fact of theirs, whatever a case says of the host")
    func peers() throws {
        for (gpu, reaches) in [("l40s", false), ("rtx-pro-6000", false), ("h100-sxm", true)] {
            for more in ["", "  host_gbytes_per_s: 5\n"] {
                let text = """
                    apiVersion: ampd-plan/v1
                    kind: Case
                    name: peers
                    model: llama-3.1-8b
                    cluster:
                      gpu: \(gpu)
                      nodes: 1
                    \(more)workload: {template: agent, rate_per_s: 2}
                    slo: {ttft_ms: 2000, itl_ms: 50}
                    """
                let planned = try CaseFile.parse(
                    text: text, fileName: "case", catalog: Catalog()
                ).resolved
                #expect(planned?.hardware.reachesPeers == reaches, "\(gpu) \(more)")
            }
        }
    }

    @Test("an engine forms steps ahead from a version on; where that is unknown, from a day on")
    func asynchronousScheduling() throws {
        let facts = try Catalog().engine(named: "vllm")
        let scheduling = try #require(facts.asynchronousScheduling)
        func isDefault(_ version: String?, _ day: String? = nil) -> Bool {
            scheduling.isDefault(version: version, day: day)
        }
        #expect(isDefault("0.14.0") && isDefault("v0.16.0rc1") && isDefault("1.0"))
        #expect(!isDefault("0.13.9") && !isDefault("0.9.2") && !isDefault("0.12.0.post1"))
        #expect(isDefault("0.14") && !isDefault("0.2.14"))
        #expect(!isDefault("0.13", "2026-06-01"))
        #expect(isDefault(nil) && isDefault("nightly"))
        #expect(isDefault(nil, "2026-02-01") && !isDefault("nightly", "2025-12-31"))
    }

    @Test("windows are kept alone by workers without a connector first, with one later")
    func slidingWindows() throws {
        let facts = try Catalog().engine(named: "vllm")
        func isDefault(_ connector: String?, _ version: String?) -> Bool {
            facts.slidingWindowKV(connector: connector)?.isDefault(version: version) ?? false
        }
        #expect(isDefault(nil, "0.18.0") && isDefault(nil, nil) && !isDefault(nil, "0.8.5"))
        #expect(!isDefault("NixlConnector", "0.18.0") && isDefault("nixlconnector", "0.24.0"))
        #expect(!isDefault("of their own", nil))
        #expect(facts.defaults.behaviour.slidingWindowKV == .window)
        let other = try Catalog().engine(named: "sglang")
        #expect(other.slidingWindowKV(connector: nil) == nil)
        #expect(other.defaults.behaviour.slidingWindowKV == .whole)
    }

    @Test("multiprocessors and their clock are both known of every GPU")
    func clocks() throws {
        let catalog = try Catalog()
        for name in catalog.hardwareNames {
            let gpu = try catalog.hardware(named: name)
            // What they expand is no slower than 16 bits are read, and no faster than four at twice the speed.
            let rate = try #require(gpu.multiprocessorClocks) * 16
            let memory = gpu.memoryBandwidth.bytesPerSecond
            #expect(rate > memory / 2 && rate < 16 * memory, "\(name)")
        }
        #expect(try catalog.hardware(named: "h20").multiprocessorClocks == 78 * 1.98e9)
    }

    @Test("one of both alone is refused", arguments: ["multiprocessors", "boost_mhz"])
    func halfAClock(_ missing: String) throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("clocks-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let gpu = folder.appendingPathComponent("mine")
        try FileManager.default.createDirectory(at: gpu, withIntermediateDirectories: true)
        let facts = try String(
            contentsOf: packageFile("Hardware/h20-96gb/facts.yaml"), encoding: .utf8
        ).replacing("\nsources:", with: "\nignored:").split(separator: "\n")
        let end = facts.firstIndex(of: "ignored:") ?? facts.endIndex
        let text = facts[..<end].filter { !$0.hasPrefix(missing) }.joined(separator: "\n")
            .replacing("name: h20-96gb", with: "name: mine")
            .replacing("aliases: [h20, h20-sxm]", with: "aliases: []")
        try Data((text + "\n").utf8).write(to: gpu.appendingPathComponent("facts.yaml"))
        let error = #expect(throws: CatalogError.self) {
            _ = try Catalog(hardwareDirectory: folder.path).hardware(named: "mine")
        }
        #expect(error?.description.contains(missing) == true, "\(error?.description ?? "")")
    }

    @Test("a GPU without further files has no fit")
    func noFit() throws {
        #expect(try Catalog().file("none.json", ofHardware: "h20") == nil)
        #expect(try Catalog().file("facts.yaml", ofHardware: "h20") != nil)
    }

    @Test(
        "vLLM adds 5.1 us per layer, 41 us per sequence, 9 ms and 1.7 us per token to a first token"
    )
    func overhead() throws {
        let engine = try Catalog().engine(named: "vLLM")
        #expect(engine.defaults.overhead.perLayer == .nanoseconds(5100))
        #expect(engine.defaults.overhead.perSequence == .microseconds(41))
        #expect(engine.defaults.overhead.firstToken.base == .milliseconds(9))
        #expect(engine.defaults.overhead.firstToken.perPromptToken == .nanoseconds(1700))
        #expect(engine.defaults.overhead.perCollective == .nanoseconds(3200))
        #expect(engine.defaults.connector == "NixlConnector")
        #expect(
            try #require(engine.connector(named: "nixlconnector")).source.contains("assumption"))
        #expect(try Catalog().engine(named: "sglang").defaults.blockSize == 1)
    }

    @Test("an interval is that of the most measurements that are not more than those there are")
    func intervals() throws {
        let engine = try Catalog().engine(named: "vllm")
        let none = try #require(engine.interval(after: 0, timed: true))
        #expect(none.ttftFactor > 1 && none.tpotFactor > 1 && !none.source.isEmpty)
        #expect(engine.interval(after: 1, timed: true) == none)
        let few = try #require(engine.interval(after: 2, timed: true))
        #expect(few != none)
        let many = try #require(engine.interval(after: 8, timed: true))
        #expect(many.tpotFactor < none.tpotFactor)
        #expect(engine.interval(after: 7, timed: true) == few)
        #expect(
            engine.interval(after: 1_000, timed: true) == engine.interval(after: 8, timed: true))
    }

    @Test(
        "GPUs whose kernels nobody timed have intervals of their own, no narrower ones",
        arguments: ["vllm", "trtllm", "sglang"])
    func untimed(_ name: String) throws {
        let engine = try Catalog().engine(named: name)
        let (timed, untimed) = (
            try #require(engine.interval(after: 0, timed: true)),
            try #require(engine.interval(after: 0, timed: false))
        )
        #expect(untimed.ttftFactor >= timed.ttftFactor && untimed.tpotFactor >= timed.tpotFactor)
    }

    @Test("a folder of the operator's own replaces the built-in one")
    func ownFolder() throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("catalog-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let text = """
            name: mine
            source: none
            config: {architectures: [LlamaForCausalLM], num_hidden_layers: 1, hidden_size: 8,
              num_attention_heads: 2, intermediate_size: 8, vocab_size: 10,
              max_position_embeddings: 16}
            """
        try Data(text.utf8).write(to: folder.appendingPathComponent("mine.yaml"))
        let catalog = try Catalog(modelsDirectory: folder.path)
        #expect(catalog.modelNames == ["mine"])
        #expect(catalog.hardwareNames.count == 12)
        try Data(text.utf8).write(to: folder.appendingPathComponent("other.yaml"))
        #expect(throws: CatalogError.self) { try Catalog(modelsDirectory: folder.path) }
    }

    @Test(
        "a folder with a GPU alone keeps the built-in engines, and one with engines replaces them")
    func gpuAlone() throws {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "hardware-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        func add(_ path: String, from source: String) throws {
            let url = folder.appending(path: path)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try FileManager.default.copyItem(at: packageFile(source), to: url)
        }
        try add("mine/facts.yaml", from: "Hardware/l40s/facts.yaml")
        let catalog = try Catalog(hardwareDirectory: folder.path)
        #expect(catalog.hardwareNames == ["l40s"])
        #expect(catalog.engineNames == (try Catalog().engineNames))
        try add("engines/vllm.yaml", from: "Hardware/engines/vllm.yaml")
        #expect(try Catalog(hardwareDirectory: folder.path).engineNames == ["vllm"])
    }

    @Test("a folder that is not there is an error, not an empty catalog")
    func missingFolder() {
        #expect(throws: CatalogError.self) { try Catalog(hardwareDirectory: "/nowhere/at/all") }
    }
}
