/// Times the simulator on fixed workloads and prints one row each: the median of five runs.
///
/// Arguments are names of benchmarks, or beginnings of names; without any all are run.
@main
struct Benchmarks {
    static func main() async throws {
        let wanted = CommandLine.arguments.dropFirst()
        let all = try self.all()
        let chosen =
            wanted.isEmpty
            ? all
            : wanted.flatMap { name in
                let named = all.filter { $0.name == name }
                return named.isEmpty ? all.filter { $0.name.hasPrefix(name) } : named
            }
        guard !chosen.isEmpty else {
            print("No such benchmark; there are: \(all.map(\.name).joined(separator: ", ")).")
            return
        }
        show("benchmark", ("median", "min .. max", "target", "note"))
        for benchmark in chosen { show(benchmark.name, try await benchmark.row()) }
    }

    private static func all() throws -> [Benchmark] {
        let costs = try Costs()
        return requests(costs) + sessions(costs) + colocated(costs) + replications(costs)
            + plans() + costFunctions()
    }

    private static func show(
        _ name: String, _ row: (median: String, spread: String, target: String, note: String)
    ) {
        print(
            name.padded(28), row.median.padded(20), row.spread.padded(22), row.target.padded(28),
            row.note)
    }
}
