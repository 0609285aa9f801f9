import Catalog
import Foundation
import Testing

@testable import Deploying

/// Scripts and manifests that were made to hang or crash whoever reads them.
@Suite("Hostile scripts and manifests")
struct HostileManifestTests {
    private func read(_ text: String, _ path: String) -> [DescribedDeployment] {
        let file = try? ManifestFile(bytes: Array(text.utf8), path: path)
        return file.map { DescribedDeployment.all(in: [$0]) } ?? []
    }

    /// Drawn texts of each kind: 500 in every test run, 5,000 with AMPD_VERIFY=1.
    private let count =
        ProcessInfo.processInfo.environment["AMPD_VERIFY"] == "1" ? 5_000 : 500

    @Test("no script hangs or crashes, however it was made")
    func scripts() throws {
        let pieces = [
            "vllm serve M ", "for i in {0..4095}; do ", "done; ", "A=$A$A; ", "$(", ")", "'", "\"",
            "`", "${", "}", "f() { f; f; }; f; ", "<<E\n", "\\\n", "; ", "(", "((", "case x in ",
            "--tensor-parallel-size ", "99999999999999999999 ", "9223372036854775807 ", "-dp ",
            "--enable-expert-parallel ", "CUDA_VISIBLE_DEVICES=0 ", "-tp -1 ", "\u{0}", "é", "|",
            "&& ", "ARGS=(", "\"${ARGS[@]}\" ", "while true; do ", "env -c sh -c ", "$((", "))",
            "{1..999999999} ", "{-5000000000000000000..5000000000000000000} ", "shift; ",
            "for ((i=0; i<9223372036854775807; i++)); do ", "local a=1; ", "${!ARGS[@]} ",
            "--kv-transfer-config '{\"kv_role\":1}' ",
        ]
        var draw = Draw(7)
        for _ in 0..<count {
            let text = (0..<draw.below(60)).map { _ in draw.one(of: pieces) }.joined()
            _ = read("#!\n" + text, "x.sh")
        }
        let deep = String(repeating: "for i in {0..4095}; do ", count: 400) + "vllm serve M"
        #expect(read(deep, "x.sh").first?.layout == nil)
        let long = "X=" + String(repeating: "a", count: 2_000_000) + "\nvllm serve $X\n"
        _ = read(long, "x.sh")
        let brackets = "vllm serve M -tp $((" + String(repeating: "(", count: 100_000)
        _ = read(brackets, "x.sh")
    }

    @Test("no manifest hangs or crashes, however it was made")
    func manifests() throws {
        let pieces = [
            "apiVersion: nvidia.com/v1beta1\n", "kind: DynamoGraphDeployment\n", "spec:\n", "  ",
            "components:\n", "- ", "replicas: ", "99999999999\n", "&a ", "*a ", "{", "}", "[", "]",
            "'", "\"", "|\n", ">\n", "---\n", "...\n", "? ", ": ", "!!binary ", "%YAML 9\n", "\t",
            "containers: [{name: main}]\n", "podTemplate: {spec: 1}\n", "null\n", "\u{0}", "<<: ",
        ]
        var draw = Draw(9)
        for _ in 0..<count {
            _ = read((0..<draw.below(40)).map { _ in draw.one(of: pieces) }.joined(), "x.yaml")
        }
    }

    @Test("no number in a manifest crashes, however large", arguments: Self.samples)
    func numbers(_ text: String) throws {
        let first = try #require(read(text, "x.yaml").first)
        #expect(first.layout != nil, "\(first.findings)")
        let places = text.ranges(of: /\b[0-9]+\b/)
        #expect(places.count >= 4)
        let numbers = ["9223372036854775807", "-9223372036854775808", "1e300", "0", "-1", "two"]
        for place in places {
            for number in numbers {
                var changed = text
                changed.replaceSubrange(place, with: number)
                _ = read(changed, "x.yaml")
            }
        }
    }

    private static let samples = [
        """
        apiVersion: nvidia.com/v1alpha1
        kind: DynamoGraphDeployment
        metadata: {name: a}
        spec:
          services:
            worker:
              replicas: 2
              multinode: {nodeCount: 2}
              resources: {limits: {gpu: "4"}}
              extraPodSpec:
                mainContainer:
                  image: example/vllm:1.2
                  command: [sh, -c]
                  args: [python3 -m dynamo.vllm --model M --tensor-parallel-size 8]
        """,
        """
        apiVersion: leaderworkerset.x-k8s.io/v1
        kind: LeaderWorkerSet
        metadata: {name: a}
        spec:
          replicas: 3
          leaderWorkerTemplate:
            size: 2
            workerTemplate:
              spec:
                containers:
                - name: vllm
                  image: example/vllm:1.2
                  command: [vllm, serve, M, -tp, "4", -dp, "2", --enable-expert-parallel]
                  resources: {limits: {nvidia.com/gpu: 4}}
        """,
        """
        apiVersion: serving.kserve.io/v1alpha2
        kind: LLMInferenceService
        metadata: {name: a}
        spec:
          model: {uri: hf://M}
          replicas: 2
          parallelism: {tensor: 4, data: 8, dataLocal: 2, expert: true}
          template:
            containers: [{name: main, resources: {limits: {nvidia.com/gpu: 8}}}]
        """,
        """
        modelArtifacts: {name: M}
        decode:
          replicas: 2
          parallelism: {tensor: 4, data: 2, workers: 2}
          containers:
          - modelCommand: vllmServe
            args: [--enable-expert-parallel]
            resources: {limits: {nvidia.com/gpu: 4}}
        """,
    ]
}
