import Catalog
import Foundation
import Testing

@testable import Deploying

/// What every target is written, kept under Tests/Exports; `AMPD_GOLDEN=write` writes it anew.
///
/// A reader of ours and a writer of ours may agree on a flag that no engine has; what is kept is read by
/// people, and every manifest of it by the public schemas (`ForeignValidatorTests`).
@Suite("Exports as they are kept")
struct ExportGoldenTests {
    private static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Exports")
    private static let isWriting = ProcessInfo.processInfo.environment["AMPD_GOLDEN"] == "write"

    /// Every form of every target: Dynamo's in both versions, the router's with a threshold and without.
    private static let forms: [(name: String, target: ExportTarget, options: ExportOptions)] = {
        var (alpha, threshold) = (ExportOptions(usesAlpha: true), ExportOptions())
        threshold.threshold = 512
        return ExportTarget.allCases.map { ($0.rawValue, $0, ExportOptions()) } + [
            ("dynamo-v1alpha1", .dynamo, alpha),
            ("endpoint-picker-threshold", .endpointPicker, threshold),
        ]
    }()

    /// Texts by path, without drawn sessions.
    ///
    /// Why the other forms are refused, and warnings of these, stand in `refused.txt`.
    private func exports(of sample: SamplePlan) throws -> [String: String] {
        let plan = try #require(try sample.plan(catalog: Catalog()))
        var (texts, refusals) = ([String: String](), "")
        for form in Self.forms where sample.isKept(for: form.target) {
            do throws(ExportRefusal) {
                let export = try plan.export(for: form.target, form.options)
                for file in export.files where !file.name.hasSuffix(".jsonl") {
                    texts["\(form.name)/\(file.name)"] = file.text
                }
                refusals += export.warnings.map { "\(form.name): warning \($0.line)" }.joined()
            } catch {
                refusals += error.findings.map { "\(form.name): \($0.line)" }.joined()
            }
        }
        texts["refused.txt"] = refusals
        return texts
    }

    @Test("every sample is written as it was", arguments: SamplePlan.allCases)
    func kept(sample: SamplePlan) throws {
        let folder = Self.folder.appending(path: sample.rawValue)
        let texts = try exports(of: sample)
        if Self.isWriting {
            try? FileManager.default.removeItem(at: folder)
            for (path, text) in texts {
                let file = folder.appending(path: path)
                try FileManager.default.createDirectory(
                    at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(text.utf8).write(to: file)
            }
        }
        let paths = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
        #expect(Set(paths.filter { $0.contains(".") && !$0.hasSuffix("/") }) == Set(texts.keys))
        for (path, text) in texts {
            let old = try? String(contentsOf: folder.appending(path: path), encoding: .utf8)
            #expect(old == text, "Tests/Exports/\(sample.rawValue)/\(path) is another")
        }
    }

    @Test("every target is kept for at least one sample")
    func everyTarget() throws {
        var names: Set<String> = []
        for sample in SamplePlan.allCases {
            for path in try exports(of: sample).keys {
                names.insert(String(path.prefix { $0 != "/" }))
            }
        }
        #expect(names.isSuperset(of: Self.forms.map(\.name)))
    }
}

extension SamplePlan {
    /// Loads and routers know nothing of engines, so that they are kept once.
    fileprivate func isKept(for target: ExportTarget) -> Bool {
        self == .nixl || target.describesWorkers
    }
}

extension Finding {
    fileprivate var line: String { "\(rule.id): \(message)\n" }
}
