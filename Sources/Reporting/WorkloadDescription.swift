import ServingDomain
public import Workloads

/// What the sessions of a trace are like.
public struct WorkloadDescription: Answer, Sendable {
    private let trace: RecordedTrace
    private let toolVersion: String

    public init(_ trace: RecordedTrace, toolVersion: String) {
        self.trace = trace
        self.toolVersion = toolVersion
    }

    private var statistics: TraceStatistics { trace.statistics }

    /// Behind names of figures that were estimated from texts.
    private var estimateMark: String { statistics.areEstimates ? "_est" : "" }

    /// Quantities with their figures, in the order in which both forms have them.
    private var quantities: [(name: String, unit: String, figures: TraceFigures?)] {
        let mark = estimateMark
        return [
            ("rounds", "calls", statistics.rounds.figures),
            ("rounds_given_multi", "calls", statistics.roundsGivenMulti.figures),
            ("initial_prefill\(mark)", "tokens", statistics.initialPrefill.figures),
            ("incremental_prefill\(mark)", "tokens", statistics.incrementalPrefill.figures),
            ("prompt_tokens\(mark)", "tokens", statistics.prompts.figures),
            ("decode\(mark)", "tokens", statistics.outputs.figures),
            (statistics.gapMeaning.rawValue, "s", statistics.gapFigures),
        ]
    }

    /// Single figures with their units.
    private var singles: [(name: String, unit: String, value: JSONValue)] {
        [
            ("requests", "calls", .integer(statistics.calls)),
            ("sessions", "", .integer(statistics.sessions)),
            (
                "multi_round_session_fraction", "",
                JSONValue(finite: statistics.multiRoundShare.map { rounded($0, 4) })
            ),
            (
                "new_prefill_per_round_mean\(estimateMark)", "tokens",
                JSONValue(finite: statistics.newPrefillPerRound.map { rounded($0, 3) })
            ),
            (
                "history_share\(estimateMark)", "",
                JSONValue(finite: statistics.historyShare.map { rounded($0, 4) })
            ),
            (
                "block_hit_ratio_infinite_cache", "",
                JSONValue(finite: statistics.blockHitShare.map { rounded($0, 4) })
            ),
        ]
    }

    /// A quantity per line; single figures stand under `mean`.
    public var table: TextTable {
        var table = TextTable([
            ("quantity", .left), ("unit", .left), ("count", .right), ("mean", .right),
            ("p50", .right), ("p95", .right), ("p99", .right), ("max", .right),
            ("tail_index", .right),
        ])
        for (name, unit, value) in singles where value != .null {
            table.append([name, unit, "", value.plainText, "", "", "", "", ""])
        }
        for (name, unit, figures) in quantities {
            guard let figures else { continue }
            table.append(
                [name, unit, String(figures.count)]
                    + [figures.mean, figures.p50, figures.p95, figures.p99, figures.max].map {
                        "\(fine($0))"
                    } + [figures.tailIndex.map { "\(rounded($0, 2))" } ?? ""])
        }
        for (name, arrivals) in [
            ("arrivals_requests", statistics.arrivals),
            ("arrivals_sessions", statistics.sessionArrivals),
        ] {
            guard let arrivals else { continue }
            for (figure, unit, value) in Self.figures(arrivals) {
                guard let value else { continue }
                table.append(
                    [
                        "\(name).\(figure)", unit, String(arrivals.count),
                        "\(fine(value))",
                    ] + Array(repeating: "", count: 5))
            }
        }
        return table
    }

    public var value: JSONValue {
        var members: [String: JSONValue] = [
            "tool_version": .string(toolVersion), "format": .string(trace.format.rawValue),
            "distinct_timestamps": statistics.arrivals.map { .integer($0.distinctStarts) } ?? .null,
            "arrivals_requests": Self.value(statistics.arrivals),
            "arrivals_sessions": Self.value(statistics.sessionArrivals),
            "check_sums": .object(
                Self.members(statistics.checkSums).merging([
                    "sum_input\(estimateMark)": .integer(statistics.promptTokens),
                    "sum_output\(estimateMark)": .integer(statistics.outputTokens),
                    "unsorted_rows": statistics.arrivals.map { .integer($0.unsorted) } ?? .null,
                ]) { $1 }),
            "simulated": [
                "sessions": .integer(statistics.sessions + statistics.apart.sessions),
                "rounds": .integer(statistics.calls + statistics.apart.calls),
                "new_tokens": .integer(statistics.simulated.newTokens),
                "output_tokens": .integer(statistics.simulated.outputTokens),
            ],
            "notes": .array(trace.notes.map(JSONValue.string)),
        ]
        members.merge(Self.members(statistics.details)) { $1 }
        for single in singles { members[single.name] = single.value }
        for quantity in quantities { members[quantity.name] = Self.value(quantity.figures) }
        return .object(members)
    }

    private static func value(_ figures: TraceFigures?) -> JSONValue {
        guard let figures else { return .null }
        return [
            "n": .integer(figures.count), "mean": .number(fine(figures.mean)),
            "p50": .number(fine(figures.p50)), "p95": .number(fine(figures.p95)),
            "p99": .number(fine(figures.p99)), "max": .number(fine(figures.max)),
            "tail_index": JSONValue(finite: figures.tailIndex.map { rounded($0, 3) }),
        ]
    }

    private static func members(_ details: [TraceDetail]) -> [String: JSONValue] {
        var members: [String: JSONValue] = [:]
        for detail in details { members[detail.name] = value(detail.value) }
        return members
    }

    private static func value(_ detail: TraceDetail.Value) -> JSONValue {
        switch detail {
        case .count(let count): .integer(count)
        case .number(let number): .number(fine(number))
        case .text(let text): .string(text)
        case .texts(let texts): .array(texts.map(JSONValue.string))
        case .figures(let values, let factor): value(values.figures?.scaled(by: factor))
        case .group(let details): .object(members(details))
        case .list(let list): .array(list.map { .object(members($0)) })
        }
    }

    private static func value(_ arrivals: ArrivalFigures?) -> JSONValue {
        guard let arrivals else { return .null }
        var members: [String: JSONValue] = ["n": .integer(arrivals.count)]
        for (name, _, value) in figures(arrivals) {
            members[name] = JSONValue(finite: value.map(fine))
        }
        members["over_time"] =
            arrivals.rates.map { rates in
                [
                    "bin_s": .integer(rates.seconds),
                    "counts": .array(rates.counts.map(JSONValue.integer)),
                ]
            } ?? .null
        return .object(members)
    }

    private static func figures(
        _ arrivals: ArrivalFigures
    ) -> [(name: String, unit: String, value: Double?)] {
        [
            ("span_s", "s", arrivals.span), ("rate_per_s", "1/s", arrivals.rate),
            ("cv_interarrival", "", arrivals.gapVariation), ("idc_10s", "", arrivals.dispersion),
        ]
    }
}

extension WorkloadDescription {
    /// Details of single formats have names of their own.
    static var shape: DocumentShape {
        let quantity = DocumentShape.object([
            "n": .count, "mean": .number, "p50": .number, "p95": .number, "p99": .number,
            "max": .number, "tail_index": DocumentShape.number.orNull,
        ]).orNull
        let arrivals = DocumentShape.object([
            "n": .count, "span_s": DocumentShape.amount.orNull,
            "rate_per_s": DocumentShape.amount.orNull,
            "cv_interarrival": DocumentShape.amount.orNull, "idc_10s": DocumentShape.amount.orNull,
            "over_time": DocumentShape.object(["bin_s": .count, "counts": .list(.count)]).orNull,
        ]).orNull
        var members: [String: DocumentShape] = [
            "tool_version": .text, "format": .text,
            "distinct_timestamps": DocumentShape.count.orNull,
            "arrivals_requests": arrivals, "arrivals_sessions": arrivals,
            "check_sums": .anything, "notes": .list(.text), "requests": .count,
            "sessions": .count, "multi_round_session_fraction": DocumentShape.share.orNull,
            "block_hit_ratio_infinite_cache": DocumentShape.share.orNull, "rounds": quantity,
            "rounds_given_multi": quantity,
            "simulated": .object([
                "sessions": .count, "rounds": .count, "new_tokens": .count,
                "output_tokens": .count,
            ]),
        ]
        var perhaps: [String: DocumentShape] = [:]
        for name in ["initial_prefill", "incremental_prefill", "prompt_tokens", "decode"] {
            (perhaps[name], perhaps[name + "_est"]) = (quantity, quantity)
        }
        for name in ["new_prefill_per_round_mean", "history_share"] {
            (perhaps[name], perhaps[name + "_est"]) = (
                DocumentShape.number.orNull, DocumentShape.number.orNull
            )
        }
        let known = members.merging(perhaps) { $1 }.mapValues(\.rule)
        members["notes"] = .list(.text)
        return DocumentShape([
            "type": "object", "properties": .object(known),
            "required": .array(members.keys.sorted().map(JSONValue.string)),
        ])
    }
}
