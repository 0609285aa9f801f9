public import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Another program under test, waited for by its process number alone.
///
/// Foundation's `Process` learns of an end over a socket, which now and then says nothing when many
/// programs start at once; `waitpid` cannot miss it.
public struct ChildProcess: Sendable {
    public struct Ending: Sendable {
        /// Exit code, or the number of the signal that ended it.
        public let code: Int32
        public let wasSignalled: Bool
        public let output: Data
        public let words: String
    }

    public struct CannotStart: Error, CustomStringConvertible {
        public let description: String
    }

    private let id: pid_t
    private let scratch: URL

    /// Starts `command`, whose first word is a path or a name to be looked up, by way of `env`: a
    /// program that does not exist ends with 127.
    ///
    /// - Parameters:
    ///   - command: program and arguments.
    ///   - folder: its working directory.
    ///   - environment: everything that it sees of an environment.
    /// - Throws: `CannotStart`, or what the system says of the temporary folder.
    public init(_ command: [String], in folder: URL, environment: [String: String]) throws {
        scratch = FileManager.default.temporaryDirectory
            .appending(component: "child-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
        id = try Self.spawn(
            command, folder.path, environment, scratch.appending(component: "output").path,
            scratch.appending(component: "words").path)
    }

    private static func spawn(
        _ command: [String], _ folder: String, _ environment: [String: String], _ output: String,
        _ words: String
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        let writing = O_WRONLY | O_CREAT | O_TRUNC
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, writing, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, words, writing, 0o600)
        let arguments = (["env", "-C", folder] + command).map { strdup($0) } + [nil]
        let variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (arguments + variables).forEach { free($0) } }
        var id = pid_t()
        let fault = posix_spawn(&id, "/usr/bin/env", &actions, nil, arguments, variables)
        guard fault == 0 else {
            throw CannotStart(description: "\(command[0]): \(String(cString: strerror(fault)))")
        }
        return id
    }

    /// What has been written to standard error so far.
    public var words: String {
        let data = try? Data(contentsOf: scratch.appending(component: "words"))
        return String(decoding: data ?? Data(), as: UTF8.self)
    }

    public func send(_ signal: Int32) { kill(id, signal) }

    /// How it ended; nil while it runs.
    ///
    /// The files that it wrote to are gone after that.
    public func poll() throws -> Ending? {
        var status: Int32 = 0
        guard waitpid(id, &status, WNOHANG) != 0 else { return nil }
        let signal = status & 0x7f
        defer { try? FileManager.default.removeItem(at: scratch) }
        return Ending(
            code: signal == 0 ? (status >> 8) & 0xff : signal, wasSignalled: signal != 0,
            output: try Data(contentsOf: scratch.appending(component: "output")), words: words)
    }

    /// Waits without holding a thread; kills the child after `limit` seconds.
    ///
    /// - Parameters:
    ///   - limit: seconds after which it is killed.
    ///   - interruptAt: words on standard error at which it is sent SIGINT.
    /// - Returns: how it ended.
    /// - Throws: where what it wrote cannot be read.
    public func end(limit: Double, interruptAt: String? = nil) async throws -> Ending {
        let start = ContinuousClock.now
        if let interruptAt { interrupt(at: interruptAt) }
        while true {
            if let ending = try poll() { return ending }
            if ContinuousClock.now - start > .seconds(limit) { send(SIGKILL) }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Sends SIGINT as soon as a word has been written.
    ///
    /// On a thread of its own: where other tests hold all threads of tasks, a task would come too late.
    private func interrupt(at word: String) {
        Thread.detachNewThread { [self] in
            while FileManager.default.fileExists(atPath: scratch.path) {
                guard !words.contains(word) else { return send(SIGINT) }
                usleep(5000)
            }
        }
    }

    /// Runs a command of this machine to its end, on the calling thread.
    ///
    /// - Returns: the lines that it printed; nil where it is missing or fails.
    public static func lines(of command: [String]) throws -> [String]? {
        let folder = FileManager.default.temporaryDirectory
        let inherited = ProcessInfo.processInfo.environment
        guard let child = try? Self(command, in: folder, environment: inherited) else { return nil }
        while true {
            if let ending = try child.poll() {
                guard ending.code == 0, !ending.wasSignalled else { return nil }
                return String(decoding: ending.output, as: UTF8.self).split(separator: "\n")
                    .map(String.init)
            }
            usleep(2000)
        }
    }
}
