import ServingDomain

/// Spans of requests as engines export them through OpenTelemetry (OTLP JSON).
///
/// vLLM and SGLang write one span for each request with `gen_ai.usage` and `gen_ai.latency` attributes,
/// latencies in seconds by the clock of the engine; the network and the client are not in them.
struct RequestSpans {
    private static let inputs = ["gen_ai.usage.prompt_tokens", "gen_ai.usage.input_tokens"]
    private static let outputs = ["gen_ai.usage.completion_tokens", "gen_ai.usage.output_tokens"]
    private static let firsts = [
        "gen_ai.latency.time_to_first_token", "gen_ai.server.time_to_first_token",
    ]
    private static let cached = [
        "gen_ai.usage.cached_tokens", "gen_ai.usage.cache_read.input_tokens",
    ]
    /// Share of prompt tokens out of a prefix cache that changes nothing worth telling.
    private static let mostCached = 0.02

    private let spans: [LoggedValue]

    init(_ objects: [LoggedValue]) {
        spans = objects.flatMap { object in
            (object["resourceSpans"]?.list ?? []).flatMap { resource in
                (resource["scopeSpans"]?.list ?? []).flatMap { $0["spans"]?.list ?? [] }
            }
        }
    }

    func log() throws(RunLogError) -> RunLog {
        var requests: [LoggedRequest] = []
        var (prompts, cached) = (0.0, 0.0)
        var model: String?
        for (index, span) in spans.enumerated() {
            let attributes = Attributes(span)
            guard let input = attributes.number(Self.inputs),
                let output = attributes.number(Self.outputs),
                let first = attributes.number(Self.firsts)
            else { continue }
            let place = "OpenTelemetry, span \(index + 1)"
            guard let start = span["startTimeUnixNano"]?.number else {
                throw RunLogError("\(place): found no startTimeUnixNano.")
            }
            var request = try LoggedRequest(input: input, output: output, place: place)
            try request.start(atNanoseconds: start, place: place)
            try request.answer(ttft: first * 1e3, place: place)
            if output > 1 {
                guard let whole = attributes.number(["gen_ai.latency.e2e"]) ?? span.seconds,
                    whole >= first
                else {
                    throw RunLogError(
                        "\(place): found no gen_ai.latency.e2e after the first token at \(first) s."
                    )
                }
                try request.answer(tpot: (whole - first) * 1e3 / (output - 1), place: place)
            }
            requests.append(request)
            prompts += input
            let served = attributes.number(Self.cached) ?? 0
            guard (0...input).contains(served) else {
                throw RunLogError(
                    "\(place): found \(served) cached tokens, expected 0 to the \(input) of the prompt."
                )
            }
            cached += served
            model =
                model
                ?? attributes.text(["gen_ai.response.model", "gen_ai.request.model"])
        }
        guard !requests.isEmpty else {
            throw RunLogError(
                "OpenTelemetry: found \(spans.count) spans, none of which has prompt tokens, output "
                    + "tokens and \(Self.firsts[0]).")
        }
        guard cached <= Self.mostCached * prompts else {
            throw RunLogError(
                "OpenTelemetry: \(Int((cached / prompts * 100).rounded())) % of the prompt tokens "
                    + "came out of a prefix cache; expected a run without one.")
        }
        return try RunLog(
            .spans, requests: requests, pace: nil,
            columns: model.map { ["model": $0] } ?? [:])
    }

    /// Attributes by name, each with the one member of its value that is there.
    private struct Attributes {
        private var values: [String: LoggedValue] = [:]

        init(_ span: LoggedValue) {
            for attribute in span["attributes"]?.list ?? [] {
                guard let name = attribute["key"]?.text else { continue }
                values[name] = attribute["value"]?.first(["doubleValue", "intValue", "stringValue"])
            }
        }

        func number(_ names: [String]) -> Double? {
            names.lazy.compactMap { values[$0]?.number }.first
        }

        func text(_ names: [String]) -> String? {
            names.lazy.compactMap { values[$0]?.text }.first
        }
    }
}

extension LoggedValue {
    /// Length of a span.
    fileprivate var seconds: Double? {
        guard let start = self["startTimeUnixNano"]?.number,
            let end = self["endTimeUnixNano"]?.number
        else { return nil }
        return (end - start) / 1e9
    }
}
