import ChildProcesses
import Foundation
import Testing

@Suite("The cache of simulated runs")
struct CacheTests {
    private func size(_ folder: Folder) throws -> Int {
        let names = try folder.paths.filter { $0.hasPrefix("runs.sqlite") }
        return try names.reduce(0) { sum, name in
            let path = folder.url.appending(path: name).path
            return sum
                + (try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0)
        }
    }

    @Test(
        "answers are the same bytes without a cache, with an empty one and with a warm one",
        arguments: [
            ["plan", "case.yaml", "-o", "json"],
            ["simulate", "case.yaml", "--layout", "P:1x1,D:1x1", "-o", "json"],
            ["check", "case.yaml", "--layout", "C:1x2", "-o", "json"],
        ])
    func sameBytes(arguments: [String]) async throws {
        let folder = try Folder()
        try folder.add(["case.yaml": .text(SmallCase.text)])
        let plain = try await Tool.run(arguments, in: folder)
        var words: [String] = []
        for jobs in ["1", "2", "1"] {
            let answer = try await Tool.run(
                arguments + ["--cache", "runs.sqlite", "--jobs", jobs], in: folder)
            #expect(answer.output == plain.output && answer.code == plain.code)
            words.append(answer.words)
        }
        #expect(words[0] == words[2] && !plain.output.isEmpty)
        #expect(try size(folder) > 20_000)
    }

    @Test("a run that is killed leaves what it knew, and the next one goes on from there")
    func killed() async throws {
        let folder = try Folder()
        let long = SmallCase.with("sessions: 20", as: "sessions: 1000")
        try folder.add(["case.yaml": .text(long)])
        let arguments = ["plan", "case.yaml", "-o", "json"]
        let child = try ChildProcess(
            [try Tool.binary.path] + arguments + ["--cache", "runs.sqlite"], in: folder.url,
            environment: [:])
        // On a thread of its own: other tests may hold those of tasks until the plan is made.
        Thread.detachNewThread { [self] in
            for _ in 0..<60_000 {
                guard (try? size(folder)) ?? 0 < 60_000 else { return child.send(SIGKILL) }
                usleep(2000)
            }
        }
        let ending = try await child.end(limit: 120)
        #expect(ending.wasSignalled)
        let left = try size(folder)
        #expect(left >= 60_000)
        let plain = try await Tool.run(arguments, in: folder)
        let second = try await Tool.run(arguments + ["--cache", "runs.sqlite"], in: folder)
        #expect(second.output == plain.output && second.code == plain.code)
        #expect(!second.words.contains("warning"), "\(second.words)")
    }

    @Test("a cache that is none is said, left alone and done without")
    func unusable() async throws {
        let folder = try Folder()
        try folder.add(["case.yaml": .text(SmallCase.text), "mine.txt": .text("my own words")])
        let plain = try await Tool.run(["plan", "case.yaml"], in: folder)
        for name in ["mine.txt", "case.yaml/runs"] {
            let answer = try await Tool.run(["plan", "case.yaml", "--cache", name], in: folder)
            #expect(answer.output == plain.output && answer.code == 0)
            #expect(answer.words.contains("warning: the cache of runs is not used: "))
        }
        #expect(try folder.text("mine.txt") == "my own words")
        #expect(try folder.paths.sorted() == ["case.yaml", "mine.txt"])
    }

    @Test("a folder keeps its runs in a file of its own, and is made where it is missing")
    func folders() async throws {
        let folder = try Folder()
        try folder.add(["case.yaml": .text(SmallCase.text)])
        let plain = try await Tool.run(["plan", "case.yaml"], in: folder)
        for name in [".", "kept/runs"] {
            let answer = try await Tool.run(["plan", "case.yaml", "--cache", name], in: folder)
            #expect(answer.output == plain.output && answer.code == 0)
            #expect(!answer.words.contains("warning"), "\(answer.words)")
            #expect(try folder.paths.contains("\(name == "." ? "" : name + "/")runs.sqlite"))
        }
    }
}
