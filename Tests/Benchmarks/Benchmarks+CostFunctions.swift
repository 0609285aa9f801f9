import Catalog
import CostModeling
import DiscreteEvents
import Foundation
import ServingDomain

/// One evaluation of a cost function, by the curves of timings that ship with a GPU.
extension Benchmarks {
    static func costFunctions() -> [Benchmark] {
        [
            evaluation("cost-prefill") { worker, point in
                worker.prefillTime(history: point.cached, increment: point.tokens)
            },
            evaluation("cost-decode") { worker, point in
                worker.decodeStepTime(
                    batch: 1 + point.tokens % 256,
                    totalContext: (1 + point.tokens % 256) * point.cached)
            },
            evaluation("cost-mixed") { worker, point in
                let batch = 1 + point.tokens % 256
                return worker.decodeStepTime(batch: batch, totalContext: batch * point.cached)
                    + worker.timeAdded(
                        by: CollectionOfOne((point.cached, point.tokens)), beside: batch,
                        context: batch * point.cached)
            },
        ]
    }

    private struct Point: Sendable {
        let tokens: Int
        let cached: Int
    }

    private static let evaluations = 2_000_000

    private static func evaluation(
        _ name: String, _ cost: @escaping @Sendable (WorkerCosts, Point) -> Double
    ) -> Benchmark {
        Benchmark(name: name, unit: .rate("evaluations"), target: 10_000_000) {
            // Read when it is asked for: what it leaves of the heap slows what runs after it.
            let worker = try measuredWorker()
            var draw = RandomSequence(seed: 1, named: name)
            let points = (0..<4096).map { _ in
                Point(
                    tokens: 1 + Int(draw.next() % 8192), cached: Int(draw.next() % 32_768))
            }
            return {
                var sum = 0.0
                let time = await seconds {
                    for place in 0..<evaluations { sum += cost(worker, points[place & 4095]) }
                }
                return .init(
                    value: Double(evaluations) / time,
                    note: "\(hundredths(time / Double(evaluations) * 1e9)) ns each",
                    isValid: sum > 0)
            }
        }
    }

    /// Llama-3.1-70B at TP 4 on H200 by the shipped fit of public timings.
    private static func measuredWorker() throws -> WorkerCosts {
        let catalog = try Catalog()
        guard let bytes = try catalog.file("fit.json", ofHardware: "h200-sxm"),
            let degree = TensorParallelDegree(4)
        else { fatalError("a fit ships with H200") }
        let model = try catalog.model(named: "llama-3.1-70b")
        let hardware = try catalog.hardware(named: "h200-sxm")
        let recipe = CostRecipe(
            model: ServedModel(model: model, weightFormat: .bf16, kvFormat: .bf16),
            degrees: [degree],
            resolver: CurveResolver(
                fit: try FitFile.decode(Data(bytes), name: "fit.json").fit(name: "fit.json"),
                roofline: Roofline(hardware: hardware)),
            transfer: TransferCosts(fixed: .zero))
        let overhead = try catalog.engine(named: "vllm").defaults.overhead
        guard let worker = recipe.costs(overhead).worker(degree) else {
            fatalError("costs were built for this degree")
        }
        return worker
    }
}
