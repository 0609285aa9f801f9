import Planning
import ServingDomain
import Simulation

extension PlanFigures {
    /// P95 over its target for each split of the GPUs.
    var splits: Figure {
        let map = study.splits
        return Figure(
            id: "splits", title: "P95 for each split of the GPUs", caption: splitCaption(map),
            reading: "Cells without a layout are hatched.",
            chart: splitChart(map), table: splitTable(map))
    }

    private func splitCaption(_ map: SplitMap) -> String {
        let kinds =
            map.onlyColocated.map {
                "There is no split into prefill and decode here, for \($0): the row shows co-located "
                    + "workers on so many GPUs. "
            }
            ?? "Rows are GPUs for prefill, columns GPUs for decode; in the first row all GPUs serve "
            + "co-located. "
            + (study.chosen.prefillGroups.isEmpty ? "This plan is such a one. " : "")
        return kinds
            + "Each cell is the larger of P95 TTFT over \(targetTTFT) and P95 ITL over \(targetITL) "
            + "for the best layout of equal workers in each phase, at the rate of the case: up to 1 "
            + "meets both, 'over' does not keep up. Layouts are chosen by simulations of single "
            + "replicas and then simulated whole, at most \(SplitMap.replications) runs each; what "
            + "would take more than \(map.budget) GPUs is left empty. Where no layout is possible a "
            + "letter says why, and the table tells each reason." + trusted
    }

    var targetTTFT: String { "\(rounded(service.ttft.inMilliseconds, 1)) ms" }
    var targetITL: String { "\(rounded(service.itl.inMilliseconds, 1)) ms" }

    private func splitChart(_ map: SplitMap) -> HeatGrid {
        let prefills = Set(map.cells.map(\.prefill)).sorted()
        let decodes = Set(map.cells.map(\.decode)).sorted()
        let cells = map.cells.map { cell in
            HeatGrid.Cell(
                column: decodes.firstIndex(of: cell.decode) ?? 0,
                row: prefills.firstIndex(of: cell.prefill) ?? 0, text: cell.outcome.word,
                level: cell.outcome.level, isOutlined: cell.isChosen)
        }
        return HeatGrid(
            columnTitle: "GPUs for decode, or co-located", rowTitle: "GPUs for prefill",
            columns: decodes.map(String.init),
            rows: prefills.map { $0 == 0 ? "co-located" : String($0) }, cells: cells,
            keys: Self.levelKeys + obstacleKeys(map), outlineMeaning: "this plan")
    }

    private static let levelKeys = [
        ("≤ ¼", "meets both targets, at most a quarter of them"), ("≤ ½", "at most half"),
        ("≤ ¾", "at most three quarters"), ("≤ 1", "up to the target"),
        ("≤ 2", "misses, up to twice the target"), ("> 2", "beyond; 'over' does not keep up"),
    ].enumerated().map {
        HeatGrid.Key(text: $0.element.0, level: $0.offset, meaning: $0.element.1)
    }

    private func obstacleKeys(_ map: SplitMap) -> [HeatGrid.Key] {
        SplitMap.Obstacle.allCases.filter { obstacle in
            map.cells.contains { $0.outcome.obstacle == obstacle }
        }.map { HeatGrid.Key(text: $0.letter, level: nil, meaning: $0.meaning) }
    }

    private func splitTable(_ map: SplitMap) -> TextTable {
        var table = TextTable([
            ("prefill_gpus", .right), ("decode_gpus", .right), ("layout", .left),
            ("ttft_p95_ms", .right), ("itl_p95_ms", .right), ("p95_over_target", .right),
            ("verdict", .left), ("reason", .left),
        ])
        for cell in map.cells {
            let place = [cell.prefill == 0 ? "co-located" : "\(cell.prefill)", "\(cell.decode)"]
            switch cell.outcome {
            case .impossible(let obstacle, let reason):
                table.append(place + ["-", "-", "-", "-", "impossible", "\(obstacle): \(reason)"])
            case .simulated(let layout, let figures):
                table.append(
                    place + [
                        layout.description, Self.milliseconds(figures.ttftP95?.value),
                        Self.milliseconds(figures.itlP95?.value, 2),
                        figures.pressure.map { "\(rounded($0, 3))" } ?? "overload",
                        figures.verdict.rawValue, cell.isChosen ? "this plan" : "",
                    ])
            }
        }
        return table
    }
}

extension SplitMap.Outcome {
    /// Place among the colours; nil where there is no layout.
    fileprivate var level: Int? {
        guard case .simulated(_, let figures) = self else { return nil }
        let steps = [0.25, 0.5, 0.75, 1, 2]
        return figures.pressure.map { pressure in steps.count { pressure > $0 } } ?? steps.count
    }

    fileprivate var word: String {
        switch self {
        case .impossible(let obstacle, _): obstacle.letter
        case .simulated(_, let figures):
            figures.pressure.map { $0 < 10 ? "\(rounded($0, 2))" : PlotAxis.label(rounded($0, 0)) }
                ?? "over"
        }
    }

    fileprivate var obstacle: SplitMap.Obstacle? {
        if case .impossible(let obstacle, _) = self { obstacle } else { nil }
    }
}

extension SplitMap.Obstacle {
    fileprivate var letter: String {
        switch self {
        case .memory: "M"
        case .heads: "H"
        case .node: "N"
        case .engine: "E"
        case .size: "S"
        }
    }

    fileprivate var meaning: String {
        switch self {
        case .memory: "memory: weights or sessions do not fit"
        case .heads: "attention heads cannot be split so"
        case .node: "no node has room for such workers"
        case .engine: "the engine refuses these degrees together"
        case .size: "no equal workers take so many GPUs"
        }
    }
}
