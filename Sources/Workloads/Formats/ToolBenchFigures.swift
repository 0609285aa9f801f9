/// Figures that ToolBench's dialogues have beside those of all formats.
struct ToolBenchFigures {
    /// Of evaluation files of one name.
    private struct Evaluation {
        let name: String
        var calls = 0
        var rounds = CountedValues()
    }

    private var evaluations: [Evaluation] = []
    private var (rounds, initial) = (CountedValues(), CountedValues())
    private var (observations, answers) = (CountedValues(), CountedValues())
    private var files: [[TraceDetail]] = []

    var hasEvaluations: Bool { !evaluations.isEmpty }

    mutating func add(
        _ document: TraceDocument, _ generation: JSONNode, rounds count: Int, initial tokens: Int,
        answers: [Int], observations: [Int]
    ) {
        rounds.add(count)
        initial.add(tokens)
        answers.forEach { self.answers.add($0) }
        observations.forEach { self.observations.add($0) }
        var file = [
            TraceDetail("file", .text(document.file)),
            TraceDetail("rounds_final_chain", .count(count)),
            TraceDetail("bytes", .count(document.bytes)),
        ]
        for name in ["query_count", "total_tokens"] {
            if case .whole(let count)? = generation[name]?.value {
                file.append(TraceDetail(name, .count(count)))
            }
        }
        files.append(file)
    }

    mutating func addEvaluation(_ file: String, rounds count: Int) {
        let name = Self.group(file)
        let place =
            evaluations.firstIndex { $0.name == name }
            ?? {
                evaluations.append(Evaluation(name: name))
                return evaluations.count - 1
            }()
        evaluations[place].calls += count
        evaluations[place].rounds.add(count)
    }

    /// `tooleval_G1_category` of `tooleval_gpt-3.5-turbo_CoT_G1_category.json`.
    private static func group(_ file: String) -> String {
        let parts = file.split(separator: ".json").first?.split(separator: "_") ?? []
        let place = parts.firstIndex { part in
            part.first == "G" && part.dropFirst().allSatisfy(\.isNumber) && part.count > 1
        }
        guard let place else { return "tooleval" }
        return (["tooleval"] + parts[place...]).joined(separator: "_")
    }

    /// - Parameter areEstimates: whether texts were counted by a rule of thumb.
    /// - Returns: figures under the names that they have in published statistics.
    func details(areEstimates: Bool) -> [TraceDetail] {
        let mark = areEstimates ? "_est" : ""
        return evaluations.map { evaluation in
            TraceDetail(
                evaluation.name,
                .group([
                    TraceDetail("queries", .count(evaluation.rounds.count)),
                    TraceDetail("llm_calls", .count(evaluation.calls)),
                    TraceDetail("rounds", .figures(evaluation.rounds, factor: 1)),
                ]))
        } + [
            TraceDetail(
                "full_text_sessions",
                .group([
                    TraceDetail("sessions", .count(rounds.count)),
                    TraceDetail("rounds", .figures(rounds, factor: 1)),
                    TraceDetail("initial_with_tool_list\(mark)", .figures(initial, factor: 1)),
                    TraceDetail("observation_tokens\(mark)", .figures(observations, factor: 1)),
                    TraceDetail("decode\(mark)", .figures(answers, factor: 1)),
                ])),
            TraceDetail("per_file", .list(files)),
        ]
    }
}
