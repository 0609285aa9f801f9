import ServingDomain
public import Workloads

/// The laws of a trace with what speaks for them.
public struct WorkloadFitDocument: Answer, Sendable {
    private let fit: WorkloadFit
    private let trace: RecordedTrace
    private let whole: WholeSessions?
    private let file: String
    private let toolVersion: String

    /// - Parameters:
    ///   - fit: to tell.
    ///   - trace: that it was made for.
    ///   - whole: sessions that the file names in place of laws; nil where it holds these.
    ///   - file: that the laws went to.
    ///   - toolVersion: of this tool.
    public init(
        _ fit: WorkloadFit, of trace: RecordedTrace, whole: WholeSessions? = nil, file: String,
        toolVersion: String
    ) {
        self.fit = fit
        self.trace = trace
        self.whole = whole
        self.file = file
        self.toolVersion = toolVersion
    }

    /// What the laws leave out, and what is in the file instead.
    public var notes: [String] {
        var notes = fit.notes
        if let missed = fit.missedPrompts { notes.append(missed) }
        if arrivals == nil {
            notes.append(
                "The trace tells no rate and nothing of how sessions follow each other: the file has no"
                    + " rate_per_s, and Poisson's arrivals.")
        } else if let arrivals, arrivals.statedRate == nil {
            notes.append(
                "The trace has \(arrivals.rate.sessionsPerSecond) sessions per second, and a workload file "
                    + "from 1e-6 to 1e6: this one leaves rate_per_s open.")
        }
        if let whole {
            notes.append(
                """
                The file names whole sessions in place of laws, in \(whole.file): \(whole.jobs) of \
                \(whole.jobsOfTrace) jobs\(Self.variation(whole)), whose whole prompts have a median of \
                \(Int(whole.prompts?.p50 ?? 0)) and a P95 of \(Int(whole.prompts?.p95 ?? 0)) tokens.
                """)
        } else if fit.missedPrompts != nil {
            notes.append("The file holds laws nevertheless.")
        }
        return notes
    }

    /// How the drawn sessions follow each other.
    private var arrivals: ArrivalFit? { whole.map(\.arrivals) ?? fit.arrivals }

    private static func variation(_ whole: WholeSessions) -> String {
        whole.copies > 1
            ? ", each \(whole.copies) times with its first prompt and its rounds between its neighbours'"
            : ""
    }

    /// Where the laws, or the whole sessions, come from, as one sentence for the file that holds them.
    public static func source(
        of trace: RecordedTrace, _ whole: WholeSessions? = nil, named name: String
    ) -> String {
        let statistics = trace.statistics
        let estimates = statistics.areEstimates ? "; token counts are estimates" : ""
        if let whole {
            return "whole sessions: \(whole.jobs) of \(whole.jobsOfTrace) jobs of \(name)"
                + " (\(trace.format.rawValue))\(variation(whole)), arrivals fitted\(estimates)"
        }
        return "fitted to \(statistics.sessions) sessions of \(statistics.calls) calls in \(name)"
            + " (\(trace.format.rawValue))\(estimates)"
    }

    /// A quantity per line: those of the trace, then those of its law.
    public var table: TextTable {
        var table = TextTable([
            ("quantity", .left), ("unit", .left), ("count", .right), ("law", .left),
            ("ks", .right), ("mean", .right), ("law_mean", .right), ("p50", .right),
            ("law_p50", .right), ("p95", .right), ("law_p95", .right),
        ])
        if let whole {
            table.append(["jobs", "", String(whole.jobs), "(whole sessions are drawn)"])
        }
        for fitted in fit.laws {
            let (source, law) = (fitted.fit.source, fitted.fit.chosen)
            let figures = [
                source.mean, law.mean, source.p50, law.p50, source.p95, law.p95,
            ]
            table.append(
                [
                    fitted.quantity.rawValue, fitted.quantity.unit, String(source.count),
                    law.family.rawValue, "\(rounded(law.distance, 4))",
                ] + figures.map { "\(fine($0))" })
        }
        if let (source, ofLaws) = fit.prompts {
            let drawn = whole?.prompts ?? ofLaws
            let figures = [
                source.mean, drawn.mean, source.p50, drawn.p50, source.p95, drawn.p95,
            ]
            table.append(
                ["prompt_tokens", "tokens", String(source.count), "(drawn)", ""]
                    + figures.map { "\(fine($0))" })
        }
        if let arrivals {
            table.append([
                "rate_per_s", "1/s", "", arrivals.name, "",
                "\(fine(arrivals.rate.sessionsPerSecond))",
            ])
        }
        return table
    }

    public var value: JSONValue {
        var quantities: [String: JSONValue] = [:]
        for fitted in fit.laws { quantities[fitted.quantity.rawValue] = Self.value(fitted) }
        return .object([
            "tool_version": .string(toolVersion), "file": .string(file),
            "format": .string(trace.format.rawValue),
            "are_estimates": .bool(trace.statistics.areEstimates),
            "largest_ks_distance": .number(LawFit.mostDistance),
            "quantities": .object(quantities),
            "prompt_tokens": fit.prompts.map {
                [
                    "source": Self.value($0.source), "laws": Self.value($0.drawn),
                    "drawn": Self.value(whole?.prompts ?? $0.drawn),
                ]
            } ?? .null,
            "arrivals": arrivals.map(Self.value) ?? .null,
            "drawn_from": .string(whole == nil ? "laws" : "whole_sessions"),
            "whole_sessions": whole.map {
                [
                    "file": .string($0.file), "jobs": .integer($0.jobs),
                    "jobs_of_trace": .integer($0.jobsOfTrace), "copies": .integer($0.copies),
                    "sessions": .integer($0.table.count), "rounds": .integer($0.table.rounds.count),
                ]
            } ?? .null,
            "notes": .array((trace.notes + notes).map(JSONValue.string)),
        ])
    }

    private static func value(_ arrivals: ArrivalFit) -> JSONValue {
        [
            "law": .string(arrivals.name), "reason": .string(arrivals.reason),
            "rate_per_s": .number(fine(arrivals.rate.sessionsPerSecond)),
        ]
    }

    private static func value(_ fitted: WorkloadFit.Fitted) -> JSONValue {
        let (source, chosen) = (fitted.fit.source, fitted.fit.chosen)
        return [
            "unit": .string(fitted.quantity.unit),
            "n": .integer(source.count),
            "source": [
                "mean": .number(fine(source.mean)), "p50": .number(fine(source.p50)),
                "p50_ci95": value(source.p50Interval), "p95": .number(fine(source.p95)),
                "p95_ci95": value(source.p95Interval),
            ],
            "law": value(chosen),
            "candidates": .array(fitted.fit.candidates.map(value)),
        ]
    }

    private static func value(_ figures: TraceFigures) -> JSONValue {
        [
            "n": .integer(figures.count), "mean": .number(fine(figures.mean)),
            "p50": .number(fine(figures.p50)), "p95": .number(fine(figures.p95)),
        ]
    }

    private static func value(_ range: ClosedRange<Double>) -> JSONValue {
        [.number(fine(range.lowerBound)), .number(fine(range.upperBound))]
    }

    private static func value(_ candidate: LawCandidate) -> JSONValue {
        [
            "family": .string(candidate.family.rawValue),
            "ks_distance": .number(fine(candidate.distance)),
            "log_likelihood": JSONValue(finite: candidate.logLikelihood.map { rounded($0, 3) }),
            "bic": JSONValue(finite: candidate.criterion.map { rounded($0, 3) }),
            "mean": JSONValue(finite: fine(candidate.mean)),
            "p50": .number(fine(candidate.p50)), "p95": .number(fine(candidate.p95)),
            "not_taken_for": candidate.fault.map { .string($0.rawValue) } ?? .null,
        ]
    }
}

extension ArrivalFit {
    /// `poisson`, or a law with its parameters.
    fileprivate var name: String {
        switch arrivals {
        case .gamma(let cv): "gamma, cv \(cv)"
        case .markovModulated(let bursts):
            "markov_modulated, bursts of \(bursts.duration) s, \(bursts.ratio) times as busy"
        case .deterministic: "deterministic"
        default: "poisson"
        }
    }
}

extension WorkloadFitDocument {
    static var shape: DocumentShape {
        let range = DocumentShape.list(.number)
        let candidate = DocumentShape.object([
            "family": .oneOf(LawFamily.allCases.map(\.rawValue)), "ks_distance": .share,
            "log_likelihood": DocumentShape.number.orNull, "bic": DocumentShape.number.orNull,
            "mean": DocumentShape.number.orNull, "p50": .number, "p95": .number,
            "not_taken_for": DocumentShape.text.orNull,
        ])
        let quantity = DocumentShape.object([
            "unit": .text, "n": .count,
            "source": .object([
                "mean": .number, "p50": .number, "p50_ci95": range, "p95": .number,
                "p95_ci95": range,
            ]),
            "law": candidate, "candidates": .list(candidate),
        ])
        let figures = DocumentShape.object([
            "n": .count, "mean": .number, "p50": .number, "p95": .number,
        ])
        return .object([
            "tool_version": .text, "file": .text, "format": .text, "are_estimates": .flag,
            "largest_ks_distance": .share, "quantities": .map(quantity),
            "prompt_tokens": DocumentShape.object([
                "source": figures, "laws": figures, "drawn": figures,
            ]).orNull,
            "arrivals": DocumentShape.object([
                "law": .text, "reason": .text, "rate_per_s": .amount,
            ]).orNull,
            "drawn_from": .oneOf(["laws", "whole_sessions"]),
            "whole_sessions": DocumentShape.object([
                "file": .text, "jobs": .count, "jobs_of_trace": .count, "copies": .count,
                "sessions": .count, "rounds": .count,
            ]).orNull,
            "notes": .list(.text),
        ])
    }
}
