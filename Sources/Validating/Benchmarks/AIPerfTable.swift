import Catalog

/// The CSV export of AIPerf and genai-perf: one table of percentiles, one of single values.
enum AIPerfTable {
    /// The JSON export of the same.
    ///
    /// - Throws: `BenchmarkError` where a unit is not known.
    static func figures(
        _ document: SourceValue, _ file: String
    ) throws(BenchmarkError) -> BenchmarkFigures {
        var found = BenchmarkFigures(format: .aiperf)
        for (name, metric) in AIPerfNames.metrics {
            guard let entry = document.member(name) else { continue }
            let scale = try scale(entry.member("unit")?.text, of: metric, name, file)
            for statistic in ServingFigure.Statistic.allCases {
                let word = statistic == .mean ? "avg" : statistic.rawValue
                guard metric.isLatency || statistic == .mean,
                    let value = entry.member(word), !value.isNull
                else { continue }
                found.values[ServingFigure(metric, statistic)] =
                    try BenchmarkFigures.number(value, "\(name) \(word)") * scale
            }
        }
        func count(_ name: String) -> Int? {
            document.member(at: name, "avg")?.number.flatMap { Int(exactly: $0.rounded()) }
        }
        found.failed = count("error_request_count")
        found.requests = count("request_count").map { $0 + (found.failed ?? 0) }
        return found
    }

    /// What a value is multiplied with; rates stay what they are.
    private static func scale(
        _ unit: String?, of metric: ServingFigure.Metric, _ name: String, _ file: String
    ) throws(BenchmarkError) -> Double {
        guard metric.isLatency else { return 1 }
        guard let scale = AIPerfNames.milliseconds(unit) else {
            throw BenchmarkError(
                description:
                    "\(file): the unit of \(name) is '\(unit ?? "")'; expected "
                    + "\(AIPerfNames.expectedUnits).")
        }
        return scale
    }

    /// Nil where the text is no such table.
    ///
    /// - Throws: `BenchmarkError` where a unit is not known.
    static func figures(
        _ text: String, _ file: String
    ) throws(BenchmarkError) -> BenchmarkFigures? {
        let lines = text.split(whereSeparator: \.isNewline)
        guard lines.first?.hasPrefix("Metric,") ?? false else { return nil }
        var found = BenchmarkFigures(format: .aiperf)
        var columns: [String] = []
        for line in lines {
            let cells = cells(line)
            guard let name = cells.first else { continue }
            if name == "Metric" {
                columns = cells.map { $0.lowercased() }
            } else if let metric = metric(name) {
                let scale = try scale(unit(name), of: metric, name, file)
                read(cells, columns, metric, scale, into: &found)
            }
        }
        return found
    }

    private static func read(
        _ cells: [String], _ columns: [String], _ metric: ServingFigure.Metric, _ scale: Double,
        into found: inout BenchmarkFigures
    ) {
        for (column, cell) in zip(columns, cells).dropFirst() {
            guard let value = Double(cell.replacing(",", with: "")), value.isFinite else {
                continue
            }
            let word = column == "avg" || column == "value" ? "mean" : column
            guard let statistic = ServingFigure.Statistic(rawValue: word),
                metric.isLatency || statistic == .mean
            else { continue }
            found.values[ServingFigure(metric, statistic)] = value * scale
        }
    }

    /// Cells of a line, those in quotation marks with their commas.
    private static func cells(_ line: Substring) -> [String] {
        var (cells, cell, isQuoted) = ([String](), "", false)
        for character in line {
            switch character {
            case "\"": isQuoted.toggle()
            case "," where !isQuoted:
                cells.append(cell)
                cell = ""
            default: cell.append(character)
            }
        }
        return cells + [cell]
    }

    private static func metric(_ name: String) -> ServingFigure.Metric? {
        let plain = name.prefix { $0 != "(" }.lowercased().split(separator: " ")
            .joined(separator: "_")
        return AIPerfNames.metrics.first { $0.name == plain }?.metric
    }

    private static func unit(_ name: String) -> String? {
        guard let open = name.firstIndex(of: "("), let close = name.firstIndex(of: ")"),
            open < close
        else { return nil }
        return String(name[name.index(after: open)..<close])
    }
}
