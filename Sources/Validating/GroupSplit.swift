import DiscreteEvents
public import ServingDomain

/// Predictions of each group of rows with constants that were fitted to the others.
public struct SplitValidation: Sendable {
    /// Constants, and the groups that they were fitted to; none leaves what is believed.
    public struct Fit: Sendable {
        public internal(set) var constants: EngineConstants
        /// Constants of single builds by the engine's version, where revealed rows are of several.
        public internal(set) var builds: [EngineVersion: EngineConstants] = [:]
        public let groups: [String]
        /// Whether the groups are those of other engines, for want of others of this one.
        public let isOfOthers: Bool
    }

    /// Without the rows that were revealed.
    public let validation: Validation
    /// Names of the rows that were revealed for a calibration, in the order of the file.
    public let revealed: [String]
    /// What each group was predicted with, in the order of the file; groups without a prediction
    /// are missing.
    public let fits: [(group: String, fit: Fit)]
    /// What all groups of each engine together say.
    public let engines: [(engine: String, fit: Fit)]
}

/// Leaves every group of rows out in turn.
///
/// Engines differ less from each other than what is believed of any: the rows of all of them tell
/// constants that they have in common, and those of one engine how it differs. The fit begins at what
/// is believed of any engine, so that nothing of the group that is left out comes back through the
/// constants that ship with the engine. Rows of GPUs whose kernels were timed tell them, where there are
/// any: beside analytic costs, constants would take up what those costs lack.
struct GroupSplit {
    let run: ValidationRun
    /// Rows of each group that are revealed, and that its constants are calibrated to.
    let revealing: Int
    /// Times that predictions are made anew around the last constants.
    private static let rounds = 2
    /// How sure an engine is to be as all of them: doubts are multiplied with this.
    private static let likeness = 0.5

    func validation() async -> SplitValidation {
        var answers: [Result<MeanLatencies, Refusal>] = run.platforms.places.map { place in
            place.flatMap { _ in .failure(Refusal("not asked")) }
        }
        var revealed: Set<Int> = []
        var fits: [(group: String, fit: SplitValidation.Fit)] = []
        var whole: [(engine: String, fit: SplitValidation.Fit)] = []
        let choice = RevealedRows(table: run.table, seed: run.seed)
        let engines = engines()
        let sensitivity = await Sensitivity(
            run, rows: engines.flatMap(\.rows).sorted(), around: .believed)
        for (engine, rows) in engines {
            for group in names(of: rows) {
                let own = rows.filter { run.table.rows[$0].group == group }
                var fit = await fit(sensitivity, to: rows, leavingOut: group)
                let known = choice.chosen(
                    revealing, of: sensitivity.rows.filter(Set(own).contains))
                if !known.isEmpty {
                    let told = await Calibration(run: run, believed: fit.constants).builds(known)
                    (fit.constants, fit.builds) = (told.common, told.builds)
                    revealed.formUnion(known)
                }
                let others = own.filter { !revealed.contains($0) }
                let found = await run.predictions(
                    of: others, with: BuildConstants(common: fit.constants, builds: fit.builds))
                for (row, answer) in zip(others, found) { answers[row] = answer }
                if found.contains(where: { (try? $0.get()) != nil }) { fits.append((group, fit)) }
            }
            if rows.contains(where: { sensitivity.base[$0] != nil }) {
                whole.append((engine, await fit(sensitivity, to: rows, leavingOut: nil)))
            }
        }
        return SplitValidation(
            validation: run.validation(answers, leavingOut: revealed),
            revealed: revealed.sorted().map { run.table.rows[$0].id },
            fits: names(of: Array(run.table.rows.indices)).flatMap { group in
                fits.filter { $0.group == group }
            },
            engines: whole)
    }

    /// The constants of the engine that `rows` ran on, without one of the groups.
    private func fit(
        _ sensitivity: Sensitivity, to rows: [Int], leavingOut group: String?
    ) async -> SplitValidation.Fit {
        let others = telling(
            sensitivity.rows.filter { run.table.rows[$0].group != group })
        let common = ConstantFit(
            start: .believed, believed: .believed, doubts: EngineConstant.allCases.map(\.doubt),
            observations: observations(sensitivity, others, beside: sensitivity.base)
        ).solution()
        let own = others.filter(Set(rows).contains)
        guard !own.isEmpty else {
            return SplitValidation.Fit(
                constants: common, groups: names(of: others), isOfOthers: true)
        }
        var constants = common
        for _ in 0..<Self.rounds {
            let answers = await run.predictions(of: own, with: [constants])[0]
            let found = Dictionary(
                uniqueKeysWithValues: zip(own, answers).compactMap { row, answer in
                    (try? answer.get()).map { (row, $0) }
                })
            constants = ConstantFit(
                start: constants, believed: common,
                doubts: EngineConstant.allCases.map { Self.likeness * $0.doubt },
                observations: observations(sensitivity, own, beside: found)
            ).solution()
        }
        return SplitValidation.Fit(
            constants: constants, groups: names(of: own), isOfOthers: false)
    }

    /// The rows beside timed kernels; all of them where there are none.
    private func telling(_ rows: [Int]) -> [Int] {
        let timed = rows.filter(isTimed)
        return timed.isEmpty ? rows : timed
    }

    private func isTimed(_ row: Int) -> Bool {
        (try? run.platforms.places[row].get()).map { run.platforms.platforms[$0].isTimed } ?? false
    }

    private func observations(
        _ sensitivity: Sensitivity, _ rows: [Int], beside found: [Int: MeanLatencies]
    ) -> [ConstantFit.Observation] {
        GroupWeights(
            rows.flatMap { row in
                sensitivity.observations(
                    row, in: run.table.rows[row].group, run.table.rows[row].measured,
                    beside: found[row])
            }
        ).weighted
    }

    /// Rows that have a platform, by the engine that they ran on.
    private func engines() -> [(name: String, rows: [Int])] {
        var (order, members): ([String], [String: [Int]]) = ([], [:])
        for (row, place) in run.platforms.places.enumerated() {
            guard let place = try? place.get() else { continue }
            let engine = run.platforms.platforms[place].planningCase.engine.name
            if members[engine] == nil { order.append(engine) }
            members[engine, default: []].append(row)
        }
        return order.map { ($0, members[$0] ?? []) }
    }

    private func names(of rows: [Int]) -> [String] {
        var seen: Set<String> = []
        return rows.map { run.table.rows[$0].group }.filter { seen.insert($0).inserted }
    }
}

extension ValidationRun {
    /// Simulates each group of rows with constants that were fitted to the others of its engine.
    ///
    /// - Parameter revealing: rows of each group that its constants are calibrated to, and that are
    ///   not predicted themselves; at least 0.
    /// - Returns: predictions of the other rows, and the constants that they were made with.
    public func splitByGroup(revealing: Int = 0) async -> SplitValidation {
        await GroupSplit(run: self, revealing: revealing).validation()
    }
}
