import CostModeling
import DiscreteEvents

/// Compiled costs of decode steps by kind of worker and batch size, made when first needed.
struct StepLines: ~Copyable {
    private let costs: [WorkerCosts]
    private var pieces = Slab<StepLine.Piece>()
    /// By batch size and kind, the line's pieces; empty until it is made.
    private var lines = Slab<Range<Int>>()

    /// - Parameter costs: the distinct costs of the cluster's workers.
    init(_ costs: [WorkerCosts]) {
        self.costs = costs
    }

    /// The piece that holds a total context, and the context at which the next one begins.
    mutating func piece(
        kind: Int, batch: Int, context: Int
    ) -> (piece: StepLine.Piece, end: Int) {
        let place = batch * costs.count + kind
        while lines.count <= place { lines.append(0..<0) }
        if lines[place].isEmpty { compile(kind, batch, place) }
        let line = lines[place]
        var (low, high) = (line.lowerBound, line.upperBound)
        while high - low > 1 {
            let middle = (low + high) / 2
            if pieces[middle].start <= context { low = middle } else { high = middle }
        }
        return (pieces[low], low + 1 < line.upperBound ? pieces[low + 1].start : .max)
    }

    private mutating func compile(_ kind: Int, _ batch: Int, _ place: Int) {
        let start = pieces.count
        for piece in costs[kind].decode.line(batch: batch).pieces { pieces.append(piece) }
        lines[place] = start..<pieces.count
    }
}
