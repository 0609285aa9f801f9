import Catalog
import ServingDomain
import Testing

@testable import Deploying

@Suite("Which files are one deployment")
struct DescribedSetTests {
    private func script(_ path: String, digest: String?, workers: Int) throws -> ManifestFile {
        let mark = digest.map { "# ampd-plan/plan-digest: \($0)\n" } ?? ""
        let line = "vllm serve org/model --tensor-parallel-size 2 &\n"
        let text = "#!/usr/bin/env bash\n" + mark + String(repeating: line, count: workers)
        return try #require(try ManifestFile(bytes: Array(text.utf8), path: path))
    }

    private func layouts(_ files: [ManifestFile]) -> [String: String] {
        Dictionary(
            uniqueKeysWithValues: DescribedDeployment.all(in: files).map {
                ($0.name, $0.layout?.description ?? "")
            })
    }

    @Test("scripts of one plan are one deployment, by the name of their folder")
    func one() throws {
        let files = [
            try script("out/node-0.sh", digest: "sha256:1", workers: 2),
            try script("out/node-1.sh", digest: "sha256:1", workers: 1),
        ]
        #expect(layouts(files) == ["out": "C:2x3"])
    }

    @Test("a batch script beside launch scripts does not double the GPUs")
    func batch() throws {
        let files = [
            try script("out/node-0.sh", digest: "sha256:1", workers: 2),
            try script("out/serve.sbatch", digest: "sha256:1", workers: 2),
        ]
        #expect(layouts(files) == ["out/node-0.sh": "C:2x2", "out/serve.sbatch": "C:2x2"])
    }

    @Test("a script that a larger plan left behind is a deployment of its own")
    func stale() throws {
        let files = [
            try script("out/node-0.sh", digest: "sha256:2", workers: 1),
            try script("out/node-1.sh", digest: "sha256:1", workers: 4),
        ]
        #expect(layouts(files) == ["out/node-0.sh": "C:2x1", "out/node-1.sh": "C:2x4"])
    }

    @Test("pods that are labelled as both prefill and decode are co-located")
    func both() throws {
        let text = """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: model}
            spec:
              replicas: 3
              selector: {matchLabels: {app: x}}
              template:
                metadata: {labels: {app: x, llm-d.ai/role: both}}
                spec:
                  containers:
                  - name: vllm
                    image: vllm/vllm-openai:v0.11.0
                    args:
                    - org/model
                    - --tensor-parallel-size=2
                    - --kv-transfer-config={"kv_connector":"LMCacheConnectorV1","kv_role":"kv_both"}
            """
        let file = try #require(try ManifestFile(bytes: Array(text.utf8), path: "d.yaml"))
        let described = try #require(DescribedDeployment.all(in: [file]).first)
        #expect(described.findings.map(\.severity) == [.warning])
        #expect(described.layout?.description == "C:2x3")
    }
}
