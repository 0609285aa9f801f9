import CostModeling

/// Compiled costs of decode steps by worker and batch size, made when first needed.
struct StepLineCache {
    /// Of each worker, the place of its costs among the distinct ones.
    private let kinds: [Int]
    private let costs: [WorkerCosts]
    /// By kind, then by batch size.
    private var lines: [[StepLine?]]

    init(_ workers: [WorkerCosts]) {
        var distinct: [WorkerCosts] = []
        kinds = workers.map { worker in
            if let known = distinct.firstIndex(of: worker) { return known }
            distinct.append(worker)
            return distinct.count - 1
        }
        costs = distinct
        lines = Array(repeating: [], count: distinct.count)
    }

    mutating func line(ofWorker worker: Int, batch: Int) -> StepLine {
        let kind = kinds[worker]
        while lines[kind].count <= batch { lines[kind].append(nil) }
        if let known = lines[kind][batch] { return known }
        let line = costs[kind].decode.line(batch: batch)
        lines[kind][batch] = line
        return line
    }
}
