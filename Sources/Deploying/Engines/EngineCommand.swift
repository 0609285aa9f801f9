/// A command line that starts a serving engine.
struct EngineCommand: Hashable, Sendable {
    enum Launcher: String, Hashable, Sendable {
        case vllm, sglang, trtllm
    }

    struct Option: Hashable, Sendable {
        /// Without dashes in front, with dashes inside.
        let name: String
        let value: String?
    }

    let launcher: Launcher
    /// Whether it is started by another system, which moves KV cache itself: Dynamo.
    let isWrapped: Bool
    /// The words before the launcher, such as `srun --nodes=1`.
    var lead: [String]
    /// Variables that are set for it alone.
    var environment: [String: String] = [:]
    /// All variables that are set where it runs.
    var variables: [String: String] = [:]
    /// The first word behind the launcher that belongs to no option: vLLM's model.
    let subject: String?
    let options: [Option]

    /// Reads the words of a command; nil where they start no engine that is known.
    ///
    /// - Parameters:
    ///   - words: of the command, with what stands in front of it.
    ///   - variables: that are set where it runs.
    init?(words: [String], _ variables: [String: String] = [:]) {
        guard let start = Self.start(words) else { return nil }
        self.variables = variables
        launcher = start.launcher
        isWrapped = words[..<start.arguments].contains { $0.hasPrefix("dynamo.") }
        lead = Array(words[..<start.lead])
        var (subject, options) = (String?.none, [Option]())
        var index = start.arguments
        while index < words.count {
            let word = words[index]
            index += 1
            guard word.hasPrefix("-"), word.count > 1, !word.isNumber else {
                subject = subject ?? word
                continue
            }
            let name = word.drop { $0 == "-" }
            if let equals = name.firstIndex(of: "=") {
                let value = String(name[name.index(after: equals)...])
                options.append(Option(name: Self.plain(name[..<equals]), value: value))
                continue
            }
            var value: String?
            if index < words.count, !Self.isOption(words[index]) {
                value = words[index]
                index += 1
            }
            options.append(Option(name: Self.plain(name), value: value))
        }
        self.subject = subject
        self.options = options
    }

    /// The value of the last option of one of these names.
    func value(_ names: String...) -> String? {
        options.last { names.contains($0.name) }?.value
    }

    func has(_ names: String...) -> Bool { options.contains { names.contains($0.name) } }

    /// The value of an option by whatever name; the last one counts.
    func value(_ option: EngineOption) -> String? {
        options.last { EngineOption.named[$0.name] == option }?.value
    }

    func has(_ option: EngineOption) -> Bool {
        options.contains { EngineOption.named[$0.name] == option }
    }

    func count(_ option: EngineOption) -> Int? { value(option).flatMap { Int($0) } }

    /// The same of a number that may have a factor behind it.
    func amount(_ option: EngineOption) -> Int? { value(option).flatMap(OptionForm.amount) }

    private static func plain(_ name: Substring) -> String {
        name.lowercased().replacing("_", with: "-")
    }

    private static func isOption(_ word: String) -> Bool {
        word.hasPrefix("-") && word.count > 1 && !word.isNumber
    }

    private static let modules: [String: Launcher] = [
        "vllm.entrypoints.openai.api_server": .vllm, "dynamo.vllm": .vllm,
        "sglang.launch_server": .sglang, "dynamo.sglang": .sglang, "dynamo.trtllm": .trtllm,
    ]

    /// Where the launcher and where its arguments begin.
    private static func start(
        _ words: [String]
    ) -> (launcher: Launcher, lead: Int, arguments: Int)? {
        for (index, word) in words.enumerated() {
            let program = word.split(separator: "/").last.map(String.init) ?? word
            let next = words.indices.contains(index + 1) ? words[index + 1] : nil
            if program == "vllm", next == "serve" { return (.vllm, index, index + 2) }
            if program == "sglang", next == "serve" { return (.sglang, index, index + 2) }
            if program == "trtllm-serve" { return (.trtllm, index, index + 1) }
            if word == "-m", let next, let launcher = modules[next] {
                return (launcher, max(0, index - 1), index + 2)
            }
            if word.hasPrefix("vllm/vllm-openai:") { return (.vllm, index, index + 1) }
        }
        return nil
    }
}

extension String {
    /// Whether it is a number, so that a minus in front of it marks no option.
    fileprivate var isNumber: Bool { Double(self) != nil }
}
