import ServingDomain

/// Spans of calls of models with `gen_ai` or OpenInference attributes: OTLP as JSON, or spans in a list.
///
/// Calls of a session are linked by what they were sent: one that begins with all that an earlier one was
/// sent goes on with it, and one that does not is a session that the call before it started.
struct OpenTelemetryReader: TraceDocumentReader {
    private let counter: TokenCounter
    private var recorder: TraceRecorder
    private var spans: [CallSpan] = []
    private var files: [TraceDetail] = []
    private var (failed, others) = (0, 0)

    init(_ purpose: TracePurpose, _ counter: TokenCounter) {
        self.counter = counter
        recorder = TraceRecorder(purpose)
    }

    mutating func read(_ document: TraceDocument) throws(WorkloadError) {
        var all: [(path: String, span: JSONNode)] = []
        for (index, span) in (document.root["spans"]?.list ?? []).enumerated() {
            all.append(("spans[\(index)]", span))
        }
        for resource in document.root["resourceSpans"]?.list ?? [] {
            for scope in resource["scopeSpans"]?.list ?? [] {
                for span in scope["spans"]?.list ?? [] {
                    all.append(("span \(all.count + 1)", span))
                }
            }
        }
        for (path, span) in all {
            guard !CallSpan.hasFailed(span) else {
                failed += 1
                continue
            }
            if let call = try CallSpan(span, at: path, counter) {
                spans.append(call)
            } else {
                others += 1
            }
        }
        files.append(Self.detail(document.path, all.map(\.span)))
    }

    private static func detail(_ file: String, _ spans: [JSONNode]) -> TraceDetail {
        let lengths = spans.compactMap(CallSpan.length).map { Double($0) / 1e9 }
        let parents = ["parent_span_id", "parentSpanId"]
        return TraceDetail(
            file.isEmpty ? "spans" : file,
            .group([
                TraceDetail("spans", .count(spans.count)),
                TraceDetail(
                    "names", .texts(Set(spans.compactMap { $0["name"]?.text }).sorted())),
                TraceDetail(
                    "parents",
                    .count(
                        spans.count { span in parents.contains { !(span[$0]?.text ?? "").isEmpty } }
                    )),
                TraceDetail("total_span_s", .number(lengths.reduce(0, +))),
            ]))
    }

    mutating func finish() throws(WorkloadError) -> RecordedTrace {
        recorder.statistics.areEstimates = counter.isEstimate && spans.contains(where: \.isCounted)
        var sessions: [String: [CallSpan]] = [:]
        for span in spans { sessions[span.session, default: []].append(span) }
        let ordered = sessions.map { name, calls in
            (
                name: name,
                calls: calls.indices.sorted { (calls[$0].start, $0) < (calls[$1].start, $1) }
                    .map { calls[$0] }
            )
        }.sorted { ($0.calls[0].start, $0.name) < ($1.calls[0].start, $1.name) }
        for (_, calls) in ordered { add(calls) }
        recorder.statistics.details = files
        return try recorder.finish(.openTelemetry, notes: notes)
    }

    private var notes: [String] {
        var notes = [
            """
            Calls of a session go on with the latest one whose messages theirs begin with; others are sessions \
            that the call before them started.
            """
        ]
        if spans.contains(where: \.isCounted) { notes.append(counter.note) }
        if failed > 0 { notes.append("Spans that failed were left out: \(failed).") }
        if others > 0 { notes.append("Spans that are no calls of a model: \(others).") }
        return notes
    }

    /// Where a call stands among the sessions.
    private struct Place {
        let call: CallSpan
        let session: Int
        let round: Int
    }

    /// Adds the calls of a session, in order of their starts.
    private mutating func add(_ calls: [CallSpan]) {
        var placed = PlacedCalls()
        for call in calls {
            placed.end(before: call.start)
            let before = placed.predecessor(of: call)
            if let before, before.round == recorder.roundCount(of: before.session) - 1 {
                goOn(call, behind: before)
                placed.add(
                    .init(call: call, session: before.session, round: before.round + 1))
            } else {
                // A branch begins behind the call that it goes on with, others behind the last one
                // that had ended.
                let session =
                    (before ?? placed.lastEnded).map {
                        recorder.open(startedBy: $0.session, round: $0.round)
                    } ?? recorder.open(arrival: call.start)
                recorder.add(
                    TraceRecorder.Round(
                        newTokens: call.prompt, outputTokens: call.output, prompt: call.prompt,
                        start: call.start),
                    to: session)
                placed.add(.init(call: call, session: session, round: 0))
            }
        }
        for session in placed.sessions { recorder.close(session) }
    }

    private mutating func goOn(_ call: CallSpan, behind before: PlacedCalls.Place) {
        recorder.wait(max(0, call.start - before.call.end), in: before.session)
        let context = before.call.prompt + before.call.output
        let isShorter = call.prompt < before.call.prompt
        recorder.add(
            TraceRecorder.Round(
                newTokens: isShorter ? call.prompt : call.prompt - context,
                outputTokens: call.output, prompt: call.prompt, start: call.start),
            to: before.session)
    }
}
