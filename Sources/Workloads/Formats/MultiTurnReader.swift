import DiscreteEvents
import ServingDomain

/// Inputs of vLLM's multi-turn benchmark: conversations as lists of messages, or laws of conversations,
/// which are drawn.
struct MultiTurnReader: TraceDocumentReader {
    private static let seed: UInt64 = 1

    private let counter: TokenCounter
    private var sessions: TraceRecorder
    private var (told, drawn, unanswered) = (0, 0, 0)

    init(_ purpose: TracePurpose, _ counter: TokenCounter) {
        self.counter = counter
        sessions = TraceRecorder(purpose)
        sessions.statistics.areEstimates = counter.isEstimate
    }

    /// Whether a document holds laws of conversations.
    static func holdsLaws(_ root: JSONNode) -> Bool {
        root["filetype"]?.text == "generate_conversations"
    }

    mutating func read(_ document: TraceDocument) throws(WorkloadError) {
        if Self.holdsLaws(document.root) {
            sessions.statistics.areEstimates = true
            try draw(document.root)
        } else {
            try add(document.root)
        }
    }

    mutating func finish() throws(WorkloadError) -> RecordedTrace {
        var notes: [String] = []
        if told > 0 {
            notes.append(counter.note)
            notes.append("The conversations have no times: rounds follow without a delay.")
        }
        if drawn > 0 {
            notes.append(
                """
                \(drawn) conversations were drawn from laws. They have no times, and rounds follow without a \
                delay: the benchmark's own pace is an option of it.
                """)
        }
        if unanswered > 0 {
            notes.append("Messages behind the last answer of a conversation: \(unanswered).")
        }
        return try sessions.finish(.vllmMultiTurn, notes: notes)
    }

    // MARK: Conversations

    private mutating func add(_ root: JSONNode) throws(WorkloadError) {
        let name = root["id"]?.text ?? ""
        guard let messages = root["messages"]?.list else {
            throw TraceFields(path: name.isEmpty ? "" : "conversation '\(name)'").bad(
                "messages", root["messages"]?.value, expected: "a list of messages")
        }
        let session = sessions.open(arrival: nil)
        var (new, pending, rounds) = (0, 0, 0)
        for (index, message) in messages.enumerated() {
            guard let role = message["role"]?.text else {
                throw TraceFields(path: "messages[\(index)]").bad(
                    "role", message["role"]?.value, expected: "a text such as user or assistant")
            }
            let tokens = counter.tokens(MessageText.of(message["content"]))
            guard role == "assistant" else {
                new = min(Int(Int32.max), new + tokens)
                pending += 1
                continue
            }
            sessions.add(.init(newTokens: new, outputTokens: tokens), to: session)
            (new, pending) = (0, 0)
            rounds += 1
        }
        unanswered += pending
        guard rounds > 0 else {
            throw TraceFields(path: "").bad(
                "messages", .other("no answer"), expected: "a message of the role assistant")
        }
        told += 1
        sessions.close(session)
    }

    // MARK: Laws

    private mutating func draw(_ root: JSONNode) throws(WorkloadError) {
        let fields = TraceFields(path: "")
        guard case .whole(let count)? = root["num_conversations"]?.value,
            (1...1_000_000).contains(count)
        else {
            throw fields.bad(
                "num_conversations", root["num_conversations"]?.value,
                expected: "a whole number from 1 to 1000000")
        }
        func law(_ section: String, _ key: String, isOptional: Bool = false) throws(WorkloadError)
            -> MultiTurnLaw
        {
            let node = root[section]?[key]
            if isOptional, node == nil { return .none }
            return try MultiTurnLaw(node, at: "\(section).\(key)")
        }
        let turns = try law("prompt_input", "num_turns")
        let prefix = try law("prompt_input", "prefix_num_tokens")
        let common = try law("prompt_input", "common_prefix_num_tokens", isOptional: true)
        let prompt = try law("prompt_input", "num_tokens")
        let answer = try law("prompt_output", "num_tokens")
        let stream = RandomStream(seed: Self.seed, named: "multi-turn \(drawn)")
        let shared = common.tokens(at: stream.unit(0, 0))
        for conversation in 1...count {
            let session = sessions.open(arrival: nil)
            // Turns are messages: a question and its answer are two.
            let rounds = min(
                10_000, max(1, (turns.tokens(at: stream.unit(conversation, 0)) + 1) / 2))
            let own = prefix.tokens(at: stream.unit(conversation, 1)) + shared
            for round in 0..<rounds {
                let tokens = max(1, prompt.tokens(at: stream.unit(conversation, 2 + 2 * round)))
                sessions.add(
                    .init(
                        newTokens: min(Int(Int32.max), tokens + (round == 0 ? own : 0)),
                        outputTokens: answer.tokens(at: stream.unit(conversation, 3 + 2 * round))),
                    to: session)
            }
            if shared > 0 {
                try sessions.setPrefix(
                    "common", tokens: .whole(shared), of: session, fields)
            }
            sessions.close(session)
        }
        drawn += count
    }
}

/// A distribution as vLLM's multi-turn benchmark writes it, of whole numbers.
private struct MultiTurnLaw: Sendable {
    private let sample: @Sendable (Double) -> Double

    /// Always 0.
    static let none = Self { _ in 0 }

    private init(_ sample: @escaping @Sendable (Double) -> Double) { self.sample = sample }

    init(_ node: JSONNode?, at path: String) throws(WorkloadError) {
        let fields = TraceFields(path: path)
        func number(
            _ key: String, _ range: ClosedRange<Double>, default usual: Double? = nil
        ) throws(WorkloadError) -> Double {
            let value = node?[key]?.value
            if value == nil, let usual { return usual }
            let found: Double? =
                switch value {
                case .whole(let whole): Double(whole)
                case .number(let number): number
                default: nil
                }
            guard let found, range.contains(found) else {
                throw fields.bad(
                    key, value,
                    expected: "a number from \(range.lowerBound) to \(range.upperBound)")
            }
            return found
        }
        let most = try number("max", 0...1e9, default: 1e9)
        switch node?["distribution"]?.text {
        case "constant":
            let value = try number("value", 0...1e9)
            sample = { _ in value }
        case "uniform":
            let low = try number("min", 0...1e9)
            let high = try number("max", low...1e9)
            sample = { low + (($0 * (high - low + 1)).rounded(.down)) }
        case "lognormal":
            let law: Distribution
            if node?["average"] != nil {
                let ratio = try number("median_ratio", 0.001...0.999, default: 0.85)
                law = .lognormal(
                    mean: try number("average", 1...1e9), cv: (1 / (ratio * ratio) - 1).squareRoot()
                )
            } else {
                let sigma = try number("sigma", 0...10)
                let mean = try number("mean", 0...20)
                law = .lognormal(
                    mean: DeterministicMath.exp(mean + sigma * sigma / 2),
                    cv: (DeterministicMath.exp(sigma * sigma) - 1).squareRoot())
            }
            let sampler = Sampler(law)
            sample = { min(most, sampler.sample(unit: $0)) }
        case "zipf": sample = Self.zipf(try number("alpha", 1.001...100), most)
        case "poisson": sample = Self.poisson(try number("alpha", 0...1e6), most)
        default:
            throw fields.bad(
                "distribution", node?["distribution"]?.value,
                expected: "constant, uniform, lognormal, zipf or poisson")
        }
    }

    func tokens(at unit: Double) -> Int { Int(min(1e9, max(0, sample(unit).rounded()))) }

    /// P(k) in proportion to k^−alpha, from a table; what lies beyond it is its end.
    private static func zipf(_ alpha: Double, _ most: Double) -> @Sendable (Double) -> Double {
        let size = max(1, Int(min(most, 100_000)))
        var (sums, sum) = ([Double](), 0.0)
        for k in 1...size {
            sum += DeterministicMath.exp(-alpha * DeterministicMath.log(Double(k)))
            sums.append(sum)
        }
        let last = DeterministicMath.log(Double(size))
        let all = sum + DeterministicMath.exp((1 - alpha) * last) / (alpha - 1)
        return { [sums] unit in
            let target = unit * all
            var (low, high) = (0, sums.count - 1)
            while low < high {
                let middle = (low + high) / 2
                if sums[middle] < target { low = middle + 1 } else { high = middle }
            }
            return min(most, Double(low + 1))
        }
    }

    /// By adding up probabilities, and by the normal law where these are too small for that.
    private static func poisson(_ mean: Double, _ most: Double) -> @Sendable (Double) -> Double {
        { unit in
            guard mean < 700 else {
                let normal = DeterministicMath.normalQuantile(unit)
                return min(most, max(0, mean + normal * mean.squareRoot()))
            }
            var (k, probability) = (0.0, DeterministicMath.exp(-mean))
            var sum = probability
            while sum < unit, k < 10_000 {
                k += 1
                probability *= mean / k
                sum += probability
            }
            return min(most, k)
        }
    }
}
