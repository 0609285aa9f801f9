import ChildProcesses
import Foundation
import Testing

@Suite("Interrupted, or with nowhere to write, the tool leaves nothing behind")
struct InterruptionTests {
    @Test("Ctrl-C ends a long plan at once, with no answer and no file")
    func interrupt() async throws {
        let folder = try Folder()
        let long = SmallCase.with("sessions: 20", as: "sessions: 1000000")
        try folder.add(["case.yaml": .text(long)])
        let answer = try await Tool.run(
            ["plan", "case.yaml", "--output", "plan.json"], in: folder, interruptAt: "simulating")
        #expect(!answer.wasSignalled && answer.code == 130)
        #expect(answer.text == "")
        #expect(answer.words.contains("error: Interrupted before any layout was simulated."))
        #expect(try folder.paths == ["case.yaml"])
    }

    @Test("Ctrl-C in a search for a rate gives the best one so far")
    func bestSoFar() async throws {
        let folder = try Folder()
        // Long runs at each of a dozen rates.
        let long = SmallCase.with("sessions: 20", as: "sessions: 3000")
        try folder.add(["case.yaml": .text(long)])
        let answer = try await Tool.run(
            ["plan", "case.yaml", "--objective", "max-rate", "-o", "json"], in: folder,
            interruptAt: "GPUs at")
        #expect(!answer.wasSignalled && answer.code == 130, "\(answer.words)")
        let document = try #require(
            try JSONSerialization.jsonObject(with: answer.output) as? [String: Any])
        #expect(document["interrupted"] as? Bool == true)
        let search = try #require(document["search"] as? [String: Any])
        let rate = try #require(search["rate_per_s"] as? Double)
        #expect(search["found"] as? Bool == true && rate >= 2)
        #expect(answer.words.contains("once more ends at once"))
        // No escape sequences where nobody looks at a terminal.
        #expect(!answer.words.contains("\u{1B}"))
    }

    @Test("a link is written through, not replaced")
    func link() async throws {
        let folder = try Folder()
        try folder.add(["case.yaml": .text(SmallCase.text), "target.json": .text("old")])
        let link = folder.url.appending(path: "link").path
        try FileManager.default.createSymbolicLink(
            atPath: link, withDestinationPath: "target.json")
        _ = try await Tool.run(["plan", "case.yaml", "--output", "link"], in: folder)
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "target.json")
        #expect(try folder.text("target.json").hasPrefix("{\n"))
    }

    @Test("a pipe stays a pipe and gets the whole document")
    func pipe() async throws {
        let folder = try Folder()
        try folder.add(["case.yaml": .text(SmallCase.text)])
        let pipe = folder.url.appending(path: "pipe")
        #expect(mkfifo(pipe.path, 0o600) == 0)
        let reading = reading(pipe)
        let answer = try await plan(in: folder, into: pipe)
        var received = Data()
        for try await part in reading { received += part }
        #expect(answer.code == 0, "\(answer.words)")
        #expect(received == answer.output)
        let type = try FileManager.default.attributesOfItem(atPath: pipe.path)[.type]
        #expect(type as? FileAttributeType != .typeRegular)
    }

    @Test("a case may come through a pipe")
    func caseFromPipe() async throws {
        let folder = try Folder()
        let pipe = folder.url.appending(path: "case.yaml")
        #expect(mkfifo(pipe.path, 0o600) == 0)
        Thread.detachNewThread {
            let handle = try? FileHandle(forWritingTo: pipe)
            try? handle?.write(contentsOf: Data(SmallCase.text.utf8))
            try? handle?.close()
        }
        let answer = try await Tool.run(["plan", "case.yaml"], in: folder)
        #expect(answer.code == 0, "\(answer.words)")
    }

    /// Plans into a pipe; a reader that the tool left waiting gets an end instead.
    private func plan(in folder: Folder, into pipe: URL) async throws -> Tool.Answer {
        defer {
            let end = open(pipe.path, O_WRONLY | O_NONBLOCK)
            if end >= 0 { close(end) }
        }
        return try await Tool.run(
            ["plan", "case.yaml", "-o", "json", "--output", pipe.lastPathComponent], in: folder)
    }

    /// Everything that is written into a pipe, read on a thread of its own since it blocks.
    ///
    /// The thread starts at once: a task would wait for other tests, and the tool for the task.
    private func reading(_ pipe: URL) -> AsyncThrowingStream<Data, any Error> {
        let (stream, continuation) = AsyncThrowingStream<Data, any Error>.makeStream()
        Thread.detachNewThread {
            do {
                continuation.yield(try FileHandle(forReadingFrom: pipe).readToEnd() ?? Data())
                continuation.finish()
            } catch {
                continuation.finish(throwing: error)
            }
        }
        return stream
    }
}
