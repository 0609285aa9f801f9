public import ServingDomain

extension ProfileStore {
    /// Adds samples that were made and not read from a file; the same ones again add nothing.
    ///
    /// They go through the tool's own CSV, so that there is one way into the store.
    ///
    /// - Parameters:
    ///   - samples: the timings, in any order.
    ///   - context: what they stand for.
    ///   - trust: how far they may be believed.
    ///   - name: stands for a file name in the record.
    ///   - notes: where they come from, one line each.
    ///   - toolVersion: version of this tool, for the record.
    /// - Returns: how many were added.
    /// - Throws: what an import throws; the store then is as before.
    public func add(
        _ samples: [TimingSample], to context: ProfileContext, trust: Trust, name: String,
        notes: [String], toolVersion: String
    ) throws(ProfilingError) -> ImportReport {
        var text = TimingsText(context: context, trust: trust, notes: notes)
        var shape: OperatorShape?
        for sample in samples {
            if sample.shape != shape { text.begin(sample.shape.record) }
            shape = sample.shape
            text.add(sample.point, sample.nanoseconds)
        }
        return try importTimings(
            SourceFile(path: name, bytes: Array(text.csv.utf8)),
            options: ImportOptions(toolVersion: toolVersion))
    }
}
