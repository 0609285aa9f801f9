import ServingDomain
import Testing

@testable import CostModeling

@Suite("Fits of timings of several kinds")
struct MixedFitTests {
    private func fit(
        _ shape: OperatorShape, _ nanoseconds: Double, _ trust: Trust, _ kernels: String
    ) -> ProfileFit {
        let samples = [1, 4096].map { tokens in
            TimingSample(
                shape: shape, point: OperatorPoint(x: tokens),
                nanoseconds: nanoseconds * Double(tokens))
        }
        return ProfileFit.fit(samples, trust: trust).timed(with: kernels)
    }

    private let roofline = Roofline(hardware: roundGPU)
    private let norm = OperatorShape.elementwise(.norm, width: 4096)
    private let block = OperatorShape.gemm(n: 1024, k: 1024, format: .fp8Block)
    private let plain = OperatorShape.gemm(n: 1024, k: 1024, format: .fp8)

    @Test("each curve keeps its trust and its kernel, in a file too")
    func kept() throws {
        let mixed = fit(block, 9, .measuredFit, "vllm 1")
            .filled(with: fit(norm, 3, .scaled, "torch@h200 2"))
        func look(_ fit: ProfileFit) {
            let resolver = CurveResolver(fit: fit, roofline: roofline)
            let (own, other) = (resolver.resolve(block), resolver.resolve(norm))
            #expect(own.trust == .measuredFit && own.kernels == "vllm 1")
            #expect(other.trust == .scaled && other.kernels == "torch@h200 2")
        }
        look(mixed)
        let file = FitFile(
            fit: mixed, gpu: "h200", engine: "vllm", engineVersion: "1", source: "", date: "")
        look(try FitFile.decode(file.encoded(), name: "fit.json").fit(name: "fit.json"))
    }

    @Test("what this fit has is not taken from another, nor what engines do not do apart")
    func filled() {
        let first = fit(norm, 3, .measured, "a 1")
        let second = fit(norm, 5, .measured, "b 1").filled(with: fit(plain, 7, .measured, "b 1"))
        let both = first.filled(with: second)
        #expect(both.entries[norm]?.kernels == "a 1" && both.entries[plain]?.kernels == "b 1")
        #expect(second.behindEngine.shapes == [plain])
    }

    @Test(
        "latents are not taken from behind an engine, which has kernels of its own for them; one KV head is"
    )
    func latents() {
        func decode(_ width: Int) -> ProfileFit {
            let shape = OperatorShape.decodeAttention(
                AttentionShape(
                    heads: 32, kvHeads: 1, headDimension: width, window: 0, kvFormat: .bf16))
            let samples = [(1, 16), (1, 4096), (64, 16), (64, 4096)].map {
                sample(shape, $0.0, $0.1, Double($0.0 * $0.1))
            }
            return ProfileFit.fit(samples, trust: .measured)
        }
        #expect(decode(288).behindEngine.shapes.isEmpty)
        #expect(decode(256).behindEngine.shapes.count == 1)
    }

    @Test("a product that another bounds is believed as the weaker of both, and names both")
    func capped() {
        let mixed = fit(block, 90_000, .measuredFit, "vllm 1")
            .filled(with: fit(plain, 7, .scaled, "torch 2"))
        let found = CurveResolver(fit: mixed, roofline: roofline).resolve(block)
        #expect(found.trust == .scaled)
        #expect(found.kernels == "vllm 1 and torch 2")
        #expect(found.neighbour == plain)
    }

    @Test(
        "experts in eight bits are no slower than the same ones in another format, where it was timed"
    )
    func boundExperts() {
        func experts(_ format: NumberFormat, hidden: Int = 2048) -> OperatorShape {
            .experts(
                ExpertShape(
                    hidden: hidden, intermediate: 768, experts: 128, expertsPerToken: 8,
                    tensorDegree: 1, expertDegree: 1, distribution: "power_law_1.2",
                    format: format))
        }
        let own = fit(experts(.fp8), 90, .measuredFit, "vllm 1")
        func time(_ fit: ProfileFit) -> Double {
            let found = CurveResolver(fit: fit, roofline: roofline).resolve(experts(.fp8))
            return found.curve(OperatorPoint(x: 1000))
        }
        let bounded = own.filled(with: fit(experts(.bf16), 30, .measuredFit, "vllm 1"))
        #expect(abs(time(own) / time(bounded) - 3) < 0.01)
        let blocks = bounded.filled(with: fit(experts(.fp8Block), 20, .measuredFit, "vllm 1"))
        #expect(abs(time(own) / time(blocks) - 4.5) < 0.01)
        // A neighbour bounds only what the same neighbour in another format stands for; what is faster stays.
        let far = own.filled(with: fit(experts(.bf16, hidden: 4096), 30, .measuredFit, "vllm 1"))
        #expect(time(far) == time(own))
        let near = fit(experts(.fp8, hidden: 4096), 90, .measuredFit, "vllm 1")
        let both = near.filled(with: fit(experts(.bf16, hidden: 4096), 30, .measuredFit, "vllm 1"))
        // Each by its own roofline: rows in eight bits cost a little more to turn into.
        #expect(time(near) > 2.9 * time(both) && time(near) < 3.2 * time(both))
        let apart = near.filled(with: fit(experts(.bf16, hidden: 3072), 30, .measuredFit, "vllm 1"))
        #expect(time(apart) == time(near))
        let slower = own.filled(with: fit(experts(.bf16), 100, .measuredFit, "vllm 1"))
        #expect(time(slower) == time(own))
    }
}
