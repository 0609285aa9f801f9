import Foundation
import ServingDomain
import Testing

@testable import Catalog

@Suite("Rules of engines and connectors")
struct ConnectorRulesTests {
    private func rules(
        _ engine: String, _ connector: String, _ model: String
    ) throws -> EngineRules {
        let catalog = try Catalog()
        let facts = try catalog.engine(named: engine)
        let found = try #require(facts.connector(named: connector))
        return found.rules.rules(for: try catalog.model(named: model))
    }

    @Test("degrees depend on the kind of model, and every rule has a source and a date")
    func shipped() throws {
        let usual = try rules("vllm", "NixlConnector", "llama-3.1-70b")
        #expect(usual.degreePairs?.value == .decodeAtLeastPrefill)
        #expect(usual.localPrefill?.value == true)
        #expect(usual.historyReadBack?.setting?.contains("bidirectional_kv_xfer") == true)
        #expect(
            try rules("vllm", "NixlConnector", "deepseek-v3").degreePairs?.value == .any)
        #expect(
            try rules("vllm", "NixlConnector", "qwen3-next-80b-a3b").degreePairs?.value == .equal)
        let mooncake = try rules("vllm", "MooncakeConnector", "llama-3.1-70b")
        #expect(mooncake.degreePairs?.value == .equal && mooncake.localPrefill == nil)
        #expect(try rules("sglang", "nixl", "gpt-oss-120b").degreePairs?.value == .equal)
        #expect(try rules("sglang", "mooncake", "qwen3-32b").degreePairs?.value == .any)
        #expect(try rules("sglang", "nixl", "qwen3-32b").localPrefill?.value == false)
        #expect(try rules("trtllm", "NIXL", "qwen3-32b") == EngineRules())
        for rule in [usual.localPrefill, usual.historyReadBack] {
            #expect(rule?.source.isEmpty == false && rule?.date.isEmpty == false)
        }
    }

    @Test("engines that scale weights by blocks do not cut them, whatever connector they have")
    func blocks() throws {
        let catalog = try Catalog()
        let model = try catalog.model(named: "minimax-m2.5")
        for (engine, allowed) in [("vllm", false), ("sglang", false), ("trtllm", nil)] {
            let facts = try catalog.engine(named: engine)
            for connector in facts.connectors.map(\.name) + [nil] {
                let rule = facts.rules(for: model, connector: connector).cutWeightBlocks
                #expect(rule?.value == allowed)
                #expect(rule == nil || rule?.source.isEmpty == false)
            }
        }
    }

    @Test("a file with a word that is no rule is refused by field and line")
    func mistakes() throws {
        let good = try String(
            decoding: #require(
                FileManager.default.contents(atPath: packageFile("Hardware/engines/vllm.yaml").path)
            ),
            as: UTF8.self)
        let mistakes = [
            ("allowed: equal", "allowed: same", "allowed"),
            ("allowed: \"yes\"", "allowed: perhaps", "allowed"),
            ("latent_attention: any", "latent_attention: never", "latent_attention"),
            ("local_prefill:", "local_prefil:", "local_prefil"),
            ("cut_weight_blocks:", "cut_blocks:", "cut_blocks"),
            (
                "formats: [fp8_block]", "formats: [fp9]",
                "slower_experts.block_fp8_on_hopper.formats"
            ),
            ("formats: [fp8_block]", "formats: []", "slower_experts.block_fp8_on_hopper.formats"),
            ("hardware: [h100-sxm, h200-sxm, h20-96gb]", "hardware: []", "on_hopper.hardware"),
            ("before: \"0.17.0\"", "before: \"0.15\"", "a later version than 0.15.0"),
            ("before: \"0.17.0\"", "before: later", "slower_experts.block_fp8_on_hopper.before"),
            ("decode_factor: 1.3", "decode_factor: 0.7", "decode_factor"),
            (
                "hardware: [h100-sxm, h200-sxm, h20-96gb]", "hardware: [h100-sxn]",
                "'h100-sxn' h100-sxm"
            ),
            ("hardware: [b200, b300]", "hardware: [b 1]", "in place of 'b 1'"),
            ("every_row_on: [a100-80gb-sxm,", "every_row: [a100-80gb-sxm,", "every_row"),
            (
                "every_row_on: [a100-80gb-sxm, a40, l40s, rtx-4090, h100-sxm, h200-sxm, h20-96gb]",
                "every_row_on: []", "dealt_experts.every_row_on"
            ),
        ]
        for (old, new, field) in mistakes {
            let folder = FileManager.default.temporaryDirectory.appending(
                path: "engines-\(UUID().uuidString)")
            defer { try? FileManager.default.removeItem(at: folder) }
            let engines = folder.appending(path: "engines")
            try FileManager.default.createDirectory(
                at: engines, withIntermediateDirectories: true)
            try Data(good.replacing(old, with: new).utf8)
                .write(to: engines.appending(path: "vllm.yaml"))
            let error = #expect(throws: CatalogError.self) {
                _ = try Catalog(hardwareDirectory: folder.path).engine(named: "vllm")
            }
            #expect(error?.description.contains(field) == true, "\(error?.description ?? "")")
        }
    }
}
