import ArgumentParser
import Planning

/// Exit codes of the whole tool.
enum ToolExit {
    /// A check failed, or no plan meets the targets.
    static let negative = ExitCode(1)
    /// The intervals do not decide.
    static let undecided = ExitCode(3)
    /// Options that do not go together or make no sense.
    static let usage = ExitCode.validationFailure
    /// Input that does not mean anything.
    static let badData = ExitCode(65)
    /// An input file that is not there.
    static let missingInput = ExitCode(66)
    /// A fault of the tool itself.
    static let internalFault = ExitCode(70)
    /// Reading or writing failed.
    static let readWrite = ExitCode(74)

    /// Ctrl-C; what was known until then has been printed, if it was anything.
    static let interrupted = ExitCode(130)

    static func code(for verdict: Verdict) -> ExitCode {
        switch verdict {
        case .pass: .success
        case .fail: negative
        case .undecided: undecided
        }
    }
}

/// An error with the exit code that it ends the tool with.
struct Failure: Error, CustomStringConvertible {
    let code: ExitCode
    let description: String

    init(_ code: ExitCode, _ description: String) {
        self.code = code
        self.description = description
    }
}
