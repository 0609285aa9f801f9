import Foundation
import Planning
import Synchronization

/// Progress on standard error: lines where something begins, and on a terminal a last line with the share
/// that is done and the time that is left.
final class ProgressLine: Sendable {
    private struct State {
        /// When the simulations that are counted began.
        var began = ContinuousClock.now
        var shown = ContinuousClock.now
        var isLineOpen = false
    }

    private let isTerminal: Bool
    private let state = Mutex(State())

    init(
        isTerminal: Bool = isatty(FileHandle.standardError.fileDescriptor) == 1
            && !Console.isQuiet
    ) {
        self.isTerminal = isTerminal
    }

    func show(_ progress: PlanningProgress) {
        state.withLock { state in
            if progress.done == 0 { state.began = .now }
            if let text = progress.text {
                erase(&state)
                Console.say(text)
            }
            guard isTerminal, progress.done > 0 else { return }
            let now = ContinuousClock.now
            guard now - state.shown > .milliseconds(100) || progress.done == progress.total else {
                return
            }
            state.shown = now
            erase(&state)
            guard progress.done < progress.total else { return }
            Self.write(Self.line(progress, since: now - state.began))
            state.isLineOpen = true
        }
    }

    /// Takes the last line away.
    func clear() { state.withLock { erase(&$0) } }

    /// How much is done, and how long the rest takes if it goes on like that.
    static func line(_ progress: PlanningProgress, since elapsed: Duration) -> String {
        let percent = 100 * progress.done / max(1, progress.total)
        let each = elapsed / max(1, progress.done)
        let left = (each * (progress.total - progress.done)).components.seconds
        return "  \(progress.stage.rawValue): \(percent) %, \(left + 1) s left"
    }

    private func erase(_ state: inout State) {
        guard state.isLineOpen else { return }
        Self.write("\r\u{1B}[K")
        state.isLineOpen = false
    }

    private static func write(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }
}
