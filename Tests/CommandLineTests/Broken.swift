import ChildProcesses
import Testing

/// A command that must be refused, and how.
struct Broken: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let arguments: [String]
    let code: Int32
    /// What the message must contain.
    let words: [String]
    let files: [String: Folder.Item]

    init(
        _ title: String, _ arguments: [String], _ code: Int32, _ words: [String],
        files: [String: Folder.Item] = [:]
    ) {
        testDescription = title
        self.arguments = arguments
        self.code = code
        self.words = words
        self.files = files
    }

    /// `plan` on a case file with this text.
    init(_ title: String, case text: String, _ words: String..., code: Int32 = 65) {
        self.init(title, ["plan", "case.yaml"], code, words, files: ["case.yaml": .text(text)])
    }

    /// `plan` on a case whose trace has this text.
    init(_ title: String, trace text: String, _ words: String...) {
        self.init(
            title, ["plan", "case.yaml"], 65, words,
            files: [
                "case.yaml": .text(SmallCase.trace("trace.csv")), "trace.csv": .text(text),
            ])
    }

    /// `plan` without a file, one option changed.
    init(_ title: String, option: String, _ value: String, _ words: String..., code: Int32 = 64) {
        self.init(title, ["plan"] + SmallCase.options([option: value]), code, words)
    }

    /// A command on the sound small case.
    init(
        _ title: String, sound arguments: [String], _ words: String..., code: Int32,
        files: [String: Folder.Item] = [:]
    ) {
        let all = files.merging(["case.yaml": .text(SmallCase.text)]) { given, _ in given }
        self.init(title, arguments, code, words, files: all)
    }

    /// Runs the command, expects one message, the code, no answer and no new file, and returns what
    /// was said.
    @discardableResult
    func check() async throws -> String {
        let folder = try Folder()
        try folder.add(files)
        let answer = try await Tool.run(arguments, in: folder)
        #expect(!answer.wasSignalled)
        #expect(answer.code == code, "\(answer.words)")
        #expect(answer.text == "")
        #expect(try folder.paths == files.keys.sorted())
        let errors = answer.words.split(separator: "\n").filter { $0.hasPrefix("error: ") }
        #expect(errors.count == 1, "\(answer.words)")
        for word in words { #expect(answer.words.contains(word), "\(answer.words)") }
        return answer.words
    }
}
