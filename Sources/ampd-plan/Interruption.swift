import ArgumentParser
import Dispatch
import Foundation

/// Ctrl-C while something long goes on: the first one asks it to end with what it has, the second one ends
/// the tool.
final class Interruption {
    private let source: any DispatchSourceSignal

    /// - Parameter ask: called once, on another thread.
    init(_ ask: @escaping @Sendable () -> Void) {
        signal(SIGINT, SIG_IGN)
        // A queue with a thread of its own: simulations may hold all others.
        source = DispatchSource.makeSignalSource(
            signal: SIGINT, queue: DispatchQueue(label: "interruption", qos: .userInteractive))
        let once = Once()
        source.setEventHandler {
            guard once.isFirst() else { _exit(ToolExit.interrupted.rawValue) }
            ask()
            Console.say("interrupted: ending with the best so far; once more ends at once")
        }
        source.resume()
    }

    /// Ctrl-C ends the tool again.
    func end() {
        source.cancel()
        signal(SIGINT, SIG_DFL)
    }
}

/// Tells the first call from all others.
private final class Once: @unchecked Sendable {
    private let lock = NSLock()
    private var called = false

    func isFirst() -> Bool {
        lock.withLock {
            defer { called = true }
            return !called
        }
    }
}
