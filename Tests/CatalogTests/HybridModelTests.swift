import Catalog
import Foundation
import ServingDomain
import Testing

@Suite("Configurations with linear attention")
struct HybridModelTests {
    private func model(_ changes: [String: String]) throws -> ModelSpec {
        var fields = [
            "architectures": "[\"Qwen3NextForCausalLM\"]", "num_hidden_layers": "8",
            "hidden_size": "256", "num_attention_heads": "8", "num_key_value_heads": "2",
            "intermediate_size": "512", "vocab_size": "1000", "max_position_embeddings": "2048",
            "linear_num_key_heads": "4", "linear_num_value_heads": "8",
            "linear_key_head_dim": "32", "linear_value_head_dim": "64", "num_experts": "4",
            "num_experts_per_tok": "2", "moe_intermediate_size": "64",
            "shared_expert_intermediate_size": "96",
        ]
        fields.merge(changes) { $1 }
        let lines = fields.filter { !$0.value.isEmpty }.sorted { $0.key < $1.key }
            .map { "  \"\($0.key)\": \($0.value)" }
        let root = FileManager.default.temporaryDirectory
            .appendingPathComponent("hybrid-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: root) }
        let file = root.appendingPathComponent("config.json")
        try Data(("{\n" + lines.joined(separator: ",\n") + "\n}\n").utf8).write(to: file)
        return try CaseSample.catalog().model(named: file.path)
    }

    @Test("every fourth layer has attention where nothing else is said, with a gate")
    func interval() throws {
        let model = try model([:])
        #expect(
            model.linearAttention
                == LinearAttention(
                    layers: 6, keyHeads: 4, valueHeads: 8, keyDimension: 32, valueDimension: 64,
                    convolution: 4))
        #expect(model.hasOutputGate && model.queryKeyNorm == .perHead)
        #expect(model.mixture?.sharedIntermediate == 96 && model.mixture?.denseLayers == 0)
        let half = try self.model([
            "full_attention_interval": "2", "linear_conv_kernel_dim": "3",
            "attn_output_gate": "false",
        ])
        #expect(half.linearAttention?.layers == 4 && half.linearAttention?.convolution == 3)
        #expect(!half.hasOutputGate)
        let narrow = try self.model(["mamba_ssm_dtype": "\"bfloat16\""])
        #expect(narrow.linearAttention?.stateFormat == .float16)
    }

    @Test("listed kinds of layers count before the interval")
    func listed() throws {
        let types = (0..<8).map { $0 < 3 ? "\"linear_attention\"" : "\"full_attention\"" }
        let list = "[" + types.joined(separator: ", ") + "]"
        #expect(try model(["layer_types": list]).linearAttention?.layers == 3)
        let full =
            "[" + Array(repeating: "\"full_attention\"", count: 8).joined(separator: ", ") + "]"
        #expect(try model(["layer_types": full]).linearAttention == nil)
    }

    @Test(
        "what cannot be is refused by its field",
        arguments: [
            ("linear_num_value_heads", "6", "linear_num_key_heads (4)"),
            ("linear_num_key_heads", "", "linear_num_key_heads"),
            ("mamba_ssm_dtype", "\"int3\"", "bfloat16"),
            (
                "layer_types",
                "["
                    + Array(repeating: "\"mamba\"", count: 8)
                    .joined(separator: ", ") + "]", "linear_attention or full_attention"
            ),
            ("full_attention_interval", "9", "full_attention_interval"),
            ("layer_types", "[\"linear_attention\"]", "8 layers"),
            (
                "layer_types",
                "["
                    + Array(repeating: "\"linear_attention\"", count: 8)
                    .joined(separator: ", ") + "]", "full_attention"
            ),
        ])
    func refused(field: String, value: String, fragment: String) {
        do {
            _ = try model([field: value])
            Issue.record("not refused")
        } catch {
            #expect("\(error)".contains(fragment), "\(error)")
        }
    }

    @Test("Qwen3-Next-80B-A3B has as many parameters as its published weights have values")
    func qwenNext() throws {
        let model = try CaseSample.catalog().model(named: "Qwen/Qwen3-Next-80B-A3B-Instruct")
        #expect(model.parameterCount == 79_674_391_296)
        // 36 layers with 32 x 128 x 128 values of four bytes, and three tokens of 8,192.
        #expect(model.linearAttention?.stateBytes == Bytes(36 * (2_097_152 + 49_152)))
    }

    @Test("Qwen3.5-397B-A17B has the parameters of its name, and 17 billion for a token")
    func qwen() throws {
        let model = try CaseSample.catalog().model(named: "Qwen/Qwen3.5-397B-A17B")
        #expect(abs(Double(model.parameterCount) / 1e9 - 397) < 1.5)
        #expect(abs(Double(model.activeParameterCount) / 1e9 - 17) < 0.6)
        #expect(model.linearAttention?.layers == 45)
        #expect(model.kvBytesPerToken(.bf16).value == 30_720)
    }
}
