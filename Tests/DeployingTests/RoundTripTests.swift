import Catalog
import ChildProcesses
import Foundation
import Planning
import ServingDomain
import Testing

@testable import Deploying

@Suite("Exports give their layouts back")
struct RoundTripTests {
    /// 40 in every test run, 500 with AMPD_VERIFY=1.
    private static let plans: Int =
        ProcessInfo.processInfo.environment["AMPD_VERIFY"] == "1" ? 500 : 40
    private static let targets = ExportTarget.allCases

    private static func drawn(_ count: Int) throws -> [DrawnPlan] {
        let catalog = try Catalog()
        var (plans, seed) = ([DrawnPlan](), 0)
        while plans.count < count {
            if let plan = try DrawnPlan(seed, catalog: catalog) { plans.append(plan) }
            seed += 1
        }
        return plans
    }

    @Test("every plan, for every target: valid and the same layout, or refused by a named rule")
    func roundTrip() throws {
        var (written, refused) = (0, 0)
        for drawn in try Self.drawn(Self.plans) {
            for target in Self.targets {
                do throws(ExportRefusal) {
                    let export = try drawn.plan.export(for: target, drawn.options)
                    #expect(!export.files.isEmpty)
                    for file in export.files { check(file, of: drawn) }
                    written += 1
                } catch {
                    refused += 1
                    let rules = Set(error.findings.map(\.rule))
                    #expect(
                        rules.isSubset(of: [.degreePairs, .inexpressible]),
                        "\(drawn) for \(target.rawValue): \(error.findings)")
                }
            }
        }
        #expect(written > refused, "\(written) written, \(refused) refused")
    }

    /// What `export` has not compared itself: names, and that nothing of a name became a command or a key.
    private func check(_ file: ExportedFile, of drawn: DrawnPlan) {
        #expect(!file.name.contains("/") && !file.name.isEmpty)
        let isYAML = file.name.hasSuffix(".yaml")
        guard isYAML else { return }
        let read = try? ManifestFile(bytes: Array(file.text.utf8), path: file.name)
        #expect(read?.findings == [], "\(drawn) in \(file.name)")
    }

    @Test("scripts pass bash -n and shellcheck, and hostile names run nothing")
    func scripts() async throws {
        let checkers = await Self.checkers()
        let scripts = try Self.drawn(Self.plans).flatMap { drawn in
            ([ExportTarget.vllm, .sglang, .slurm, .bench]).flatMap { target in
                ((try? drawn.plan.export(for: target))?.files ?? []).filter(\.isExecutable)
            }
        }
        #expect(scripts.count > Self.plans)
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "scripts-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var names: [String] = []
        for (index, script) in scripts.enumerated() {
            names.append("\(index)-\(script.name)")
            try Data(script.text.utf8).write(to: folder.appending(path: names[index]))
        }
        for checker in checkers {
            for start in stride(from: 0, to: names.count, by: 100) {
                let part = Array(names[start..<min(start + 100, names.count)])
                let lines = try await ChildProcess.output(of: checker + part, in: folder)
                #expect(lines == "", "\(checker): \(lines.prefix(2000))")
            }
        }
        let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(Set(left) == Set(names))
    }

    /// `bash -n` takes one script at a time, so a loop around it is the checker.
    private static func checkers() async -> [[String]] {
        let syntax = ["bash", "-c", "for f in \"$@\"; do bash -n \"$f\" 2>&1; done", "bash"]
        let version = try? await ChildProcess.output(
            of: ["shellcheck", "--version"], in: nil)
        let isThere = version?.hasPrefix("ShellCheck") ?? false
        return [syntax]
            + (!isThere ? [] : [["shellcheck", "--shell=bash", "--format=gcc"]])
    }
}

extension ChildProcess {
    /// Both streams of a command; an error where it cannot be started.
    fileprivate static func output(
        of command: [String], in folder: URL?
    ) async throws -> String {
        let child = try ChildProcess(
            command, in: folder ?? FileManager.default.temporaryDirectory,
            environment: ProcessInfo.processInfo.environment)
        let ending = try await child.end(limit: 300)
        return String(decoding: ending.output, as: UTF8.self) + ending.words
    }
}
