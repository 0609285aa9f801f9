/// One page of the manual in the macros of man(7): a command with its options.
struct ManualPage {
    /// The words of the command line, from `ampd-plan` on.
    let words: [String]
    private let command: HelpTree

    /// Pages of a command and of all that are below it.
    static func all(of command: HelpTree, under words: [String] = []) -> [ManualPage] {
        let page = ManualPage(words: words + [command.commandName], command: command)
        return [page] + command.commands.flatMap { all(of: $0, under: page.words) }
    }

    private init(words: [String], command: HelpTree) {
        (self.words, self.command) = (words, command)
    }

    /// For example `ampd-plan-profile-import.1`.
    var fileName: String { words.joined(separator: "-") + ".1" }

    var text: String {
        let name = words.joined(separator: "-")
        return
            ([
                ".TH \"\(name.uppercased().roff)\" 1 \"\" \"ampd-plan \(Version.current)\"",
                ".SH NAME", "\(name.roff) \\- \((command.abstract ?? "").roff)",
            ] + synopsis + description + optionSections + commandSection + environment + exitStatus
            + seeAlso).joined(separator: "\n") + "\n"
    }

    private var synopsis: [String] {
        let called = words.joined(separator: " ").roff
        guard command.commands.isEmpty else {
            return [".SH SYNOPSIS", ".B \(called)", ".I command", "[\\fIoptions\\fR]"]
        }
        let arguments = command.options.filter(\.isPositional).map { argument in
            let name = (argument.valueName ?? "").roff
            let repeated = argument.isRepeating ? " ..." : ""
            let shown = "\\fI\(name)\\fR\(repeated)"
            return argument.isOptional ? "[\(shown)]" : shown
        }
        return [".SH SYNOPSIS", ".B \(called)", "[\\fIoptions\\fR]"] + arguments
    }

    private var description: [String] {
        let text = [command.abstract, command.discussion].compactMap { $0 }.filter { !$0.isEmpty }
        return [".SH DESCRIPTION"]
            + text.joined(separator: "\n\n").paragraphs.map(\.roff).interspersed(with: ".PP")
    }

    /// Options by the titles that help has for them, those without one first.
    private var optionSections: [String] {
        let shown = command.options
        var titles: [String] = []
        for option in shown {
            let title = option.sectionTitle ?? ""
            if !titles.contains(title) { titles.append(title) }
        }
        return titles.sorted { $0.isEmpty && !$1.isEmpty }.flatMap { title -> [String] in
            [".SH \((title.isEmpty ? "Options" : title).uppercased().roff)"]
                + shown.filter { ($0.sectionTitle ?? "") == title }.flatMap(lines)
        }
    }

    private func lines(of option: HelpTree.Option) -> [String] {
        let value = option.takesValue ? " \\fI\((option.valueName ?? "value").roff)\\fR" : ""
        let head =
            option.isPositional
            ? "\\fI\((option.valueName ?? "").roff)\\fR"
            : (option.names ?? []).map { "\\fB\($0.typed.roff)\\fR" }.joined(separator: ", ")
                + value
        let words = [option.abstract, option.discussion].compactMap { $0 }.joined(separator: " ")
        let values = option.allValues.map {
            "One of " + $0.joined(separator: ", ") + "."
        }
        let standard = option.defaultValue.map { "Default: \($0)." }
        let text = ([words] + [values, standard].compactMap { $0 })
            .filter { !$0.isEmpty }.joined(separator: " ")
        return [".TP", head, text.roff]
    }

    private var commandSection: [String] {
        guard !command.commands.isEmpty else { return [] }
        return [".SH COMMANDS"]
            + command.commands.flatMap { below in
                [".TP", "\\fB\(below.commandName.roff)\\fR", (below.abstract ?? "").roff]
            }
    }

    private var environment: [String] {
        guard words.count == 1 else { return [] }
        let variables = [
            ("AMPD_PLAN_STORE", "Profile store, where --store names none."),
            ("AMPD_PLAN_CACHE", "Cache of simulated runs, where --cache names none."),
            ("XDG_DATA_HOME, XDG_CACHE_HOME", "Where both are otherwise, in ampd-plan."),
            ("NO_COLOR", "Where it is not empty, there are no colours unless --color always."),
        ]
        return [".SH ENVIRONMENT"]
            + variables.flatMap { [".TP", "\\fB\($0.0.roff)\\fR", $0.1.roff] }
    }

    private var exitStatus: [String] {
        let codes = [
            ("0", "Done."), ("1", "A negative verdict: a check failed, no plan meets the targets."),
            ("3", "Undecided: an interval lies on both sides of its target."),
            ("64", "Options that make no sense."), ("65", "Input that does not mean anything."),
            ("66", "An input file that is missing."), ("70", "A fault of the tool itself."),
            ("74", "Reading or writing failed."), ("130", "Interrupted."),
        ]
        return [".SH EXIT STATUS"] + codes.flatMap { [".TP", ".B \($0.0)", $0.1.roff] }
    }

    private var seeAlso: [String] {
        let above = words.count > 1 ? [words.dropLast().joined(separator: "-")] : []
        let below = command.commands.map { (words + [$0.commandName]).joined(separator: "-") }
        let pages = above + below
        guard !pages.isEmpty else { return [] }
        return [".SH SEE ALSO"]
            + pages.enumerated().map { place, page in
                ".BR \(page.roff) (1)" + (place == pages.count - 1 ? "" : ",")
            }
    }
}

extension String {
    /// As roff shows it to the letter.
    fileprivate var roff: String {
        let escaped = replacing("\\", with: "\\e").replacing("-", with: "\\-")
        return escaped.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.hasPrefix(".") || $0.hasPrefix("'") ? "\\&\($0)" : String($0) }
            .joined(separator: "\n")
    }

    /// What empty lines separate, each on one line.
    fileprivate var paragraphs: [String] {
        var found = [""]
        for line in split(separator: "\n", omittingEmptySubsequences: false) {
            if line.isEmpty {
                if found[found.count - 1] != "" { found.append("") }
            } else {
                let text = found[found.count - 1]
                found[found.count - 1] = text.isEmpty ? String(line) : "\(text) \(line)"
            }
        }
        return found.filter { !$0.isEmpty }
    }
}

extension [String] {
    fileprivate func interspersed(with separator: String) -> [String] {
        Array(map { [$0] }.joined(separator: [separator]))
    }
}
