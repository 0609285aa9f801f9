import ArgumentParser
import Foundation

/// How a command speaks to people.
struct Voice: Sendable {
    /// How many words go to standard error.
    enum Amount: Sendable {
        /// Errors alone.
        case quiet
        case usual
        /// What is read, where costs come from, and how much was simulated, too.
        case verbose
    }

    var amount = Amount.usual
    var colours = Colours.auto
}

/// Whether headings, verdicts and labels of messages have colours.
enum Colours: String, ExpressibleByArgument, CaseIterable, Sendable {
    /// On a terminal, unless NO_COLOR is set.
    case auto
    case always
    case never

    enum Stream: Sendable {
        case standardOutput
        case standardError
    }

    func isUsed(on stream: Stream) -> Bool {
        switch self {
        case .always: true
        case .never: false
        case .auto: Self.isAllowed && Self.isTerminal(stream)
        }
    }

    /// https://no-color.org: set and not empty means none; a dumb terminal would show the escapes.
    private static var isAllowed: Bool {
        let environment = ProcessInfo.processInfo.environment
        return (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
    }

    private static func isTerminal(_ stream: Stream) -> Bool {
        isatty(stream == .standardOutput ? STDOUT_FILENO : STDERR_FILENO) == 1
    }
}

/// A command of the tool, which speaks as its options say.
protocol ToolCommand: ParsableCommand {
    var common: CommonOptions { get }
}
