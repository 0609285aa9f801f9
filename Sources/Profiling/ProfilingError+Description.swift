extension ProfilingError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .cannotRead(let path, let reason):
            "Cannot read \(path): \(reason). Name a readable CSV file."
        case .emptyFile(let file):
            "\(file) has no header: the file is empty or holds comments only. "
                + "Name a CSV file of timings."
        case .noRows(let file, let adapter):
            "\(file) has a header (\(adapter)) but no rows. Name a file that holds timings."
        case .malformedHeader(let file, let line, let reason):
            "\(file):\(line): \(reason). Correct the lines above the first row."
        case .unknownHeader(let file, let line, let columns, let nearest, let known):
            "\(file):\(line): no known table has just the columns "
                + columns.joined(separator: ",").quoted + "; \(nearest). Known tables:\n  "
                + known.joined(separator: "\n  ")
        case .layersUnknown(let file, let reason):
            "\(file): \(reason). Keep the folders of the profile together (meta.yaml, then tp1, tp2, "
                + "...), or name the model."
        case .originUnknown(let file, let missing):
            "\(file): neither an option, a comment nor the path tells the \(missing). "
                + "Give --\(Self.option(missing)), or write a line \"# \(missing): ...\" above the "
                + "header."
        case .noFacts(let file, let gpu, let known):
            "\(file) has no column for \(gpu.quoted); it has "
                + known.joined(separator: ", ") + ". Name one of them, or leave the GPU out."
        case .unusableName(let file, let field, let value):
            "\(file): the \(field) is \(value.quoted), expected 1 to 100 printable characters "
                + "without blanks around them. Correct it."
        case .rowsRefused(let file, let rows, let total): Self.refusal(file, rows, total)
        case .cannotOpen(let path, let reason):
            "Cannot open the store \(path): \(reason). Name a file in a folder you may write to."
        case .notAStore(let path, let reason):
            "\(path) is not a store of timings: \(reason). Name another file; this one is untouched."
        case .newerSchema(let path, let found, let known):
            "The store \(path) has schema \(found), and this version knows schemas up to \(known). "
                + "Use the newer version that made it, or name another store."
        case .busy(let path):
            "The store \(path) is in use by another process and stayed so for 5 seconds. "
                + "Try again when that one has finished."
        case .damaged(let path, let detail):
            "The store \(path) is damaged: \(detail). Restore a copy, or import the files anew."
        case .failed(let path, let reason):
            "The store \(path) refused an operation: \(reason). Nothing was changed."
        case .noSuchBatch(let batch, let known):
            "There is no batch \(batch); the store holds \(known) batches. List them first."
        case .nothingAbout(let what, let known):
            "The store holds nothing about \(what); it knows "
                + (known.isEmpty ? "nothing yet" : known.joined(separator: ", ")) + "."
        case .severalTrusts(let context, let found):
            "The samples of \(context) are of several kinds of trust ("
                + found.joined(separator: ", ") + "). Name the one to export."
        }
    }

    private static func option(_ field: String) -> String {
        String(field.map { $0 == "_" ? "-" : $0 })
    }

    private static func refusal(_ file: String, _ rows: [RefusedRow], _ total: Int) -> String {
        let more = total > rows.count ? "\n  and \(total - rows.count) more" : ""
        return "\(file): \(total) \(total == 1 ? "row is" : "rows are") not usable, so nothing of "
            + "it was imported. Correct them, or skip bad rows.\n  "
            + rows.map(\.description).joined(separator: "\n  ") + more
    }
}
