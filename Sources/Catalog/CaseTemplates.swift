public import ServingDomain

/// Laws to start a workload from, for operators without a trace.
///
/// The figures are round numbers of our choice, near published means where there are some; they
/// are no measurement of anybody's traffic.
public struct CaseTemplates: Hashable, Sendable {
    public let name: String
    public let summary: String
    public let sessions: Workload.Synthetic

    public static let all: [Self] = [agent, rag, chat]

    /// Tool calls: the means of ToolBench in AMPD, table 1, read per round.
    public static let agent = Self(
        name: "agent",
        summary: "tool-calling agent: 4 rounds, a long first prompt, short tool results",
        sessions: Workload.Synthetic(
            rounds: .geometric(mean: 4), reading: .perRound,
            prefillTokens: .lognormal(mean: 700, cv: 0.6),
            firstPrefillTokens: .lognormal(mean: 1500, cv: 0.4),
            decodeTokens: .lognormal(mean: 50, cv: 0.6), environmentDelay: .exponential(mean: 2)))

    /// Retrieval: three rounds with the prompt and answer means of HotpotQA in AMPD, table 1.
    public static let rag = Self(
        name: "rag",
        summary: "retrieval-augmented answers: 3 rounds, long passages, short answers",
        sessions: Workload.Synthetic(
            rounds: .constant(3), reading: .perRound,
            prefillTokens: .lognormal(mean: 1570, cv: 0.5),
            decodeTokens: .lognormal(mean: 80, cv: 0.6), environmentDelay: .exponential(mean: 0.5)))

    /// Conversation: short turns, long answers, and a human who reads and types between them.
    public static let chat = Self(
        name: "chat",
        summary: "conversation: 3 turns, short questions, longer answers, a minute between turns",
        sessions: Workload.Synthetic(
            rounds: .geometric(mean: 3), reading: .perRound,
            prefillTokens: .lognormal(mean: 150, cv: 1),
            firstPrefillTokens: .lognormal(mean: 400, cv: 1),
            decodeTokens: .lognormal(mean: 250, cv: 0.8), environmentDelay: .exponential(mean: 60)))

    /// The template of that name.
    public static func named(_ name: String) -> Self? { all.first { $0.name == name } }
}
