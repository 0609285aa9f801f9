import ServingDomain

/// Constants that measurements tell of the builds of an engine.
struct BuildConstants {
    /// Those of builds that nobody measured, and of rows that name none.
    var common: EngineConstants
    /// By the engine's version; none unless two builds or more were measured.
    var builds: [EngineVersion: EngineConstants] = [:]

    subscript(build: EngineVersion?) -> EngineConstants {
        build.flatMap { builds[$0] } ?? common
    }
}

extension ValidationRun {
    /// Simulates rows with the constants of their builds.
    ///
    /// - Returns: an answer for each of the rows.
    func predictions(
        of rows: [Int], with constants: BuildConstants
    ) async -> [Result<MeanLatencies, Refusal>] {
        var answers: [Int: Result<MeanLatencies, Refusal>] = [:]
        for (build, own) in Dictionary(grouping: rows, by: { table.rows[$0].build }) {
            let found = await predictions(of: own, with: [constants[build]])[0]
            for (row, answer) in zip(own, found) { answers[row] = answer }
        }
        return rows.map { answers[$0] ?? .failure(Refusal("not asked")) }
    }
}
