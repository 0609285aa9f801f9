import ChildProcesses
import Foundation
import Testing

/// What everybody who has run these GPUs knows of shipped and analytic costs.
@Suite("Costs in physical order")
struct PlausibleCostTests {
    private static let nvlinked = ["a100-80gb-sxm", "h100-sxm", "h200-sxm", "h20-96gb", "b200"]
    private static let degrees = [1, 2, 4, 8]

    private struct Step: Decodable {
        let tp: Int
        let tokens: Int
        let stepMS: Double

        enum CodingKeys: String, CodingKey {
            case tp, tokens
            case stepMS = "step_ms"
        }
    }

    private func steps(_ model: String, _ gpu: String, _ more: [String]) async throws -> [Step] {
        let answer = try await Tool.run(
            ["profile", "cost", "--model", model, "--gpu", gpu, "-o", "json"] + more,
            in: Folder())
        return try JSONDecoder().decode([Step].self, from: answer.output)
    }

    @Test("dense models go faster on more GPUs with NVLink", arguments: nvlinked)
    func degrees(_ gpu: String) async throws {
        for model in ["llama-3.1-70b", "qwen3-32b"] {
            for load in [["--prefill", "0+4096"], ["--decode", "64x4096"]] {
                let degrees = Self.degrees.map(String.init).joined(separator: ",")
                let found = try await steps(model, gpu, ["--tp", degrees] + load)
                #expect(found.map(\.tp) == Self.degrees)
                for (one, next) in zip(found, found.dropFirst()) {
                    #expect(
                        next.stepMS < 0.9 * one.stepMS,
                        "\(model) \(load) TP \(next.tp): \(one.stepMS) to \(next.stepMS)")
                }
            }
        }
    }

    @Test(
        "more tokens over a long history, and more sequences, take no less time but for scatter of a tenth",
        arguments: nvlinked)
    func neighbours(_ gpu: String) async throws {
        let increments = [256, 448, 480, 512, 640, 1_024, 2_048, 2_496, 2_560, 4_096]
        let batches = [1, 8, 16, 32, 48, 56, 64, 96, 128]
        for load in [
            ["--prefill", increments.map { "32768+\($0)" }.joined(separator: ",")],
            ["--decode", batches.map { "\($0)x8192" }.joined(separator: ",")],
        ] {
            let found = try await steps("llama-3.1-8b", gpu, ["--tp", "1"] + load)
            #expect(found.count >= batches.count)
            for (one, next) in zip(found, found.dropFirst()) {
                #expect(
                    next.stepMS >= 0.9 * one.stepMS,
                    "\(load[0]) \(one.tokens) to \(next.tokens): \(one.stepMS) to \(next.stepMS)")
            }
        }
    }
}
