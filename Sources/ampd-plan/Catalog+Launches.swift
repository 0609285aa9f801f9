import Catalog
import ServingDomain
import Validating

extension Catalog {
    /// Measured rows in the layouts that the launch scripts of their campaign made of what they say.
    ///
    /// A row whose model, GPU or engine is not known stays as it is.
    func asLaunched(_ table: MeasuredTable) -> MeasuredTable {
        MeasuredTable(rows: table.rows.map(asLaunched), unusable: table.unusable)
    }

    private func asLaunched(_ row: MeasuredRow) -> MeasuredRow {
        guard row.shards.serving.data > 1, let model = try? model(named: row.model),
            let hardware = try? hardware(of: row), let engine = try? engine(named: row.engine)
        else { return row }
        let stored = weightFormat(of: model, named: row.model)
        return switch engine.launch(of: row, model, hardware, stored: stored).ranks {
        case nil: row
        case .oneGPU: row.onGPUsOfRanks()
        case .joined: row.onGPUsOfRanks().joiningRanks()
        }
    }

    /// The GPU that a row calls so, with `_` for `-` where it comes from a public table.
    func hardware(of row: MeasuredRow) throws(CatalogError) -> HardwareSpec {
        try hardware(named: row.system.replacing("_", with: "-"))
    }
}

extension EngineFacts {
    /// What scripts told the engine of a row; nothing where its campaign had none that are public.
    ///
    /// `stored` is the format of the weights where the row says none. Scripts are those of single servers; how separate pools were started is not known.
    func launch(
        of row: MeasuredRow, _ model: ModelSpec, _ hardware: HardwareSpec, stored: NumberFormat
    ) -> BenchmarkLaunch {
        let formats = try? NumberFormats(row.precisions, native: stored)
        guard row.isOfPublicScripts, case .aggregated(let pool) = row.layout else { return .none }
        return benchmarkLaunch(
            for: BenchmarkLaunch.Run(
                model: model.name, hardware: hardware.name, inputTokens: row.load.inputTokens,
                outputTokens: row.load.outputTokens, gpus: pool.shards.gpus.value,
                concurrency: row.load.concurrency, weights: formats?.weights,
                version: row.build, day: row.day))
    }
}
