import Catalog

/// What an engine takes as the value of an option.
enum OptionForm: Hashable, Sendable {
    /// A whole number, no smaller than the bound.
    case whole(from: Int)
    /// The same, or with a factor behind it: `16k` are 16,000 and `16K` are 16,384.
    case amount(from: Int)
    /// A number above 0, at most 1.
    case share
    /// One of the number formats that can be simulated.
    case cacheFormat
    case weightFormat
    case mxfp4Precision

    /// A whole number with or without a factor behind it; nil for anything else.
    static func amount(_ text: String) -> Int? {
        let factors: [Character: Double] = [
            "k": 1e3, "m": 1e6, "g": 1e9, "K": 1024, "M": 1_048_576, "G": 1_073_741_824,
        ]
        guard let last = text.last, let factor = factors[last] else { return Int(text) }
        return Double(text.dropLast()).flatMap { Int(exactly: ($0 * factor).rounded()) }
    }

    fileprivate func accepts(_ text: String) -> Bool {
        switch self {
        case .whole(let least): Int(text).map { $0 >= least } ?? false
        case .amount(let least):
            text == "auto" || Self.amount(text).map { $0 >= least } ?? false
        case .share: Double(text).map { $0 > 0 && $0 <= 1 } ?? false
        case .cacheFormat:
            ["auto", "bf16", "bfloat16", "half", "float16"].contains(text)
                || text.hasPrefix("fp8")
        case .weightFormat: EngineSettings.weightFormats.keys.contains(text)
        case .mxfp4Precision: ["default", "bf16"].contains(text)
        }
    }

    fileprivate var words: String {
        switch self {
        case .whole(let least): "expected a whole number from \(least)"
        case .amount(let least): "expected a whole number from \(least), such as 8192 or 8k"
        case .share: "expected a share above 0, at most 1"
        case .cacheFormat: "simulated are auto, bf16 and fp8"
        case .weightFormat:
            "simulated are fp8, mxfp4, nvfp4 (modelopt_fp4), int4 (awq, gptq), "
                + "and compressed-tensors or modelopt as the model's files say"
        case .mxfp4Precision: "expected default or bf16"
        }
    }

    /// Whether another value would be right for the engine, and only cannot be simulated.
    fileprivate var rule: Rule {
        switch self {
        case .whole, .amount, .share, .mxfp4Precision: .schema
        case .cacheFormat, .weightFormat: .notSimulated
        }
    }
}

extension EngineCommand {
    /// Options whose values the engine would refuse, or that nothing here can tell.
    func optionFaults(at place: SourcePlace) -> [Finding] {
        options.compactMap { option in
            let name = (option.name.count <= 3 ? "-" : "--") + option.name.shownInMessage
            guard !option.name.contains(where: \.isWhitespace) else {
                return Finding(
                    .schema,
                    "'\(name)' is one word; give every option and value as a word of its own",
                    at: place, key: name)
            }
            guard let known = EngineOption.named[option.name], let form = known.form else {
                return nil
            }
            guard let value = option.value else {
                return Finding(.schema, "\(name) has no value; \(form.words)", at: place, key: name)
            }
            if form.accepts(value) { return nil }
            if value.contains("$") || value.contains("`") {
                // What differs from process to process is told by the system that starts them.
                if known == .nodes || known == .nodeRank { return nil }
                return Finding(
                    .notSimulated,
                    "\(name) is '\(value.shownInMessage)', which nothing here sets; \(form.words)",
                    at: place, key: name)
            }
            return Finding(
                form.rule, "\(name) is '\(value.shownInMessage)'; \(form.words)", at: place,
                key: name)
        }
    }
}
