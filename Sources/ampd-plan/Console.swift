import Foundation
import Reporting
import Synchronization

/// Standard output for results, standard error for words, and files that are read; nobody else speaks.
enum Console {
    /// How much is said and in which colours, from the options of the command.
    private static let voice = Mutex(Voice())

    /// Speaks like this from now on; once, before the command runs.
    static func speak(_ voice: Voice) { Self.voice.withLock { $0 = voice } }

    /// The style of tables on standard output.
    static func style(isWide: Bool = false) -> TextStyle {
        let colours = voice.withLock(\.colours)
        return TextStyle(isWide: isWide, isColoured: colours.isUsed(on: .standardOutput))
    }

    static func print(result text: String) throws(Failure) {
        do {
            try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
        } catch {
            throw Failure(
                ToolExit.readWrite, "standard output: cannot be written: \(reason(error)).")
        }
    }

    /// Writes to the file, or to standard output where none is named.
    static func deliver(_ text: String, to path: String?) throws(Failure) {
        guard let path else { return try print(result: text) }
        try OutputFile(path, option: "--output").write(Data(text.utf8))
    }

    /// Words that accompany a result, unless it shall be quiet.
    static func say(_ text: String) {
        guard voice.withLock(\.amount) != .quiet else { return }
        write(text)
    }

    /// An answer that was asked for on standard error.
    static func report(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data((text + "\n").utf8))
    }

    /// What only those want to know who asked for more words.
    static func sayInDetail(_ text: @autoclosure () -> String) {
        guard isVerbose else { return }
        write(text())
    }

    /// What ends the tool; told even where it shall be quiet.
    static func sayError(_ text: String) { write("error: \(text)") }

    static var isQuiet: Bool { voice.withLock(\.amount) == .quiet }
    static var isVerbose: Bool { voice.withLock(\.amount) == .verbose }

    private static func write(_ text: String) {
        let colours = voice.withLock(\.colours)
        let shown = colours.isUsed(on: .standardError) ? text.withColouredLabel : text
        try? FileHandle.standardError.write(contentsOf: Data((shown + "\n").utf8))
    }

    /// What the system says of a failed read or write, to stand inside a sentence.
    static func reason(_ error: any Error) -> String {
        let outer = error as NSError
        let cause = outer.userInfo[NSUnderlyingErrorKey] as? NSError ?? outer
        if cause.domain == NSPOSIXErrorDomain, let code = Int32(exactly: cause.code) {
            return String(cString: strerror(code)).lowercased()
        }
        let text = outer.localizedFailureReason ?? outer.localizedDescription
        return text.hasSuffix(".") ? String(text.dropLast()) : text
    }
}

extension String {
    /// With a first word such as `warning:` in bold and its colour.
    fileprivate var withColouredLabel: String {
        let colours = ["error": 31, "warning": 33, "note": 36, "refused": 33]
        guard let colon = firstIndex(of: ":"), let colour = colours[String(self[..<colon])] else {
            return self
        }
        return "\u{1B}[1;\(colour)m\(self[...colon])\u{1B}[0m\(self[index(after: colon)...])"
    }
}
