extension [MeasuredRow] {
    /// The rows, those of the vendor that repeat a run of public scripts as rows of these.
    ///
    /// NVIDIA's comparisons hold runs of its own and, of other models, those of InferenceX once more: of 110 such
    /// rows in public files each has a twin of these scripts with the same two latencies. What its engine was started
    /// with beside what the row says, and what client it had, are the twin's then.
    func namingCopies() -> Self {
        let runs = Dictionary(grouping: filter(\.isOfPublicScripts), by: Service.init)
        return map { row in
            guard row.isOfVendor,
                let twin = runs[Service(row)]?.first(where: { $0.measured.isAgain(row.measured) })
            else { return row }
            return row.told(by: twin.campaign)
        }
    }
}

/// What a run served, however its names are spelled.
///
/// Not on which workers: public rows write some down as n times n (`MeasuredRecord`).
private struct Service: Hashable {
    private let names: [String]
    private let load: MeasuredRow.Load

    init(_ row: MeasuredRow) {
        let model = row.model.split(separator: "/").last.map(String.init) ?? row.model
        names = [model, row.system, row.engine].map {
            $0.lowercased().replacing("_", with: "-")
        }
        load = row.load
    }
}

extension MeanLatencies {
    /// Whether both latencies are the same but for how they were rounded.
    fileprivate func isAgain(_ other: Self) -> Bool {
        Self.isRounded(ttft, other.ttft) && Self.isRounded(tpot, other.tpot)
    }

    private static func isRounded(_ one: Double, _ other: Double) -> Bool {
        (one - other).magnitude <= 1e-3 * Swift.max(one, other)
    }
}
