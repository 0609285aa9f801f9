import Catalog
import Foundation
import ServingDomain
import Testing

@testable import Deploying

/// Small files of every kind of manifest, valid ones and ones with a single fault.
private enum Fixtures {
    static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "shared/schemas/examples")

    static var areThere: Bool { FileManager.default.fileExists(atPath: folder.path) }

    static func file(
        _ name: String, _ release: SchemaRelease = .release
    ) throws -> ManifestFile? {
        let url = folder.appending(path: name)
        return try ManifestFile(
            bytes: [UInt8](Data(contentsOf: url)), path: url.lastPathComponent, release: release)
    }
}

@Suite(
    "Fixtures of manifests",
    .enabled(if: Fixtures.areThere, "needs the folder shared/schemas/examples beside the project"))
struct FixtureTests {
    @Test(
        "a valid manifest is understood, layout and all",
        arguments: [
            ("dynamo-v1alpha1-vllm", "P:2x2,D:4x1"), ("dynamo-v1beta1-sglang", "P:4x2,D:4x1"),
            ("dynamo-v1beta1-vllm", "P:2x2,D:4x1"), ("kserve-llminferenceservice", "P:2x2,D:4x1"),
            ("leaderworkerset-decode-tp16", "C:16x1"), ("llm-d-deployments", "P:2x2,D:4x1"),
            ("llm-d-disaggregatedset", "P:2x2,D:4x1"),
            ("llm-d-modelservice-values", "P:2x2,D:4x1"),
        ])
    func valid(_ name: String, _ layout: String) throws {
        let file = try #require(try Fixtures.file("valid/\(name).yaml"))
        #expect(file.findings.filter { $0.rule < .memory } == [])
        let described = DescribedDeployment.all(in: [file])
        #expect(described.map(\.layout?.description) == [layout])
        #expect(described.flatMap(\.findings) == [])
        #expect(described.first?.model == "Qwen/Qwen3-32B" || name.hasPrefix("kserve"))
    }

    @Test(
        "other valid files have no fault",
        arguments: ["endpoint-picker-conditional", "benchmark-report-predicted"])
    func withoutWorkers(_ name: String) throws {
        let file = try #require(try Fixtures.file("valid/\(name).yaml"))
        #expect(file.findings == [])
    }

    @Test(
        "an invalid manifest is refused by its rule",
        arguments: [
            ("dynamo-v1alpha1-replicas-string", Rule.schema),
            ("dynamo-v1beta1-container-not-main", .schema),
            ("dynamo-v1beta1-gpu-as-v1alpha1", .unknownField),
            ("dynamo-v1beta1-misspelt-replicas", .unknownField),
            ("dynamo-v1beta1-nodecount-1", .schema), ("endpoint-picker-no-type", .schema),
            ("kserve-tensor-zero", .schema), ("llm-d-disaggregatedset-one-role", .schema),
            ("llm-d-disaggregatedset-slices-needs-newer", .unknownField),
            ("llm-d-modelservice-tensor-string", .schema),
        ])
    func invalid(_ name: String, _ rule: Rule) throws {
        let file = try #require(try Fixtures.file("invalid/\(name).yaml"))
        let faults = file.findings.filter { $0.rule < .memory }
        #expect(faults.map(\.rule) == [rule])
        #expect(faults.allSatisfy { $0.place?.line != nil && $0.place?.column != nil })
    }

    @Test("slices are known in the main branch only, and count every copy")
    func slices() throws {
        let name = "invalid/llm-d-disaggregatedset-slices-needs-newer.yaml"
        let file = try #require(try Fixtures.file(name, .main))
        #expect(file.findings.filter { $0.rule < .memory } == [])
        let described = DescribedDeployment.all(in: [file])
        #expect(described.map(\.layout?.description) == ["P:2x4,D:4x2"])
    }
}
