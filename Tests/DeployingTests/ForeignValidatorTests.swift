import ChildProcesses
import Foundation
import Testing

@testable import Deploying

/// Another validator's opinion of mutated manifests, with the schemas as their projects publish them.
@Suite("Condensed schemas accept and refuse what the public ones do")
struct ForeignValidatorTests {
    private static let schemas = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "shared/schemas")

    private static let canRun =
        FileManager.default.fileExists(atPath: schemas.path)
        && ((try? ChildProcess.lines(of: ["python3", "-c", "import jsonschema, yaml"])) ?? nil)
            != nil

    /// Mutations of each fixture: 30 in every test run, 500 with AMPD_VERIFY=1.
    private static let mutations =
        ProcessInfo.processInfo.environment["AMPD_VERIFY"] == "1" ? 500 : 30

    /// Renames, removes, doubles and retypes values at random places, and writes what jsonschema says.
    private static let script = """
        import copy, json, pathlib, random, sys, yaml
        from jsonschema import Draft202012Validator, Draft7Validator
        schemas, out, count = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), int(sys.argv[3])
        kinds = {
            "dynamo-v1beta1": "dynamo/dynamographdeployment_v1beta1.json",
            "dynamo-v1alpha1": "dynamo/dynamographdeployment_v1alpha1.json",
            "llm-d-disaggregatedset": "disaggregatedset/disaggregatedset_v1.json",
            "leaderworkerset": "leaderworkerset/leaderworkerset_v1.json",
            "kserve": "kserve-llminferenceservice/llminferenceservice_v1alpha2.json",
            "llm-d-modelservice": "llm-d-modelservice/values.schema.json",
            "llm-d-deployments": "kubernetes-core/core_v1.37.json",
            "endpoint-picker": "endpoint-picker/endpointpickerconfig.json",
            "benchmark-report": "llm-d-benchmark-report/br_v0_2_1.json",
        }
        def places(node, found, path=()):
            if isinstance(node, dict):
                for key, value in node.items():
                    found.append((node, key, path)); places(value, found, path + (key,))
            elif isinstance(node, list):
                for index, value in enumerate(node):
                    found.append((node, index, path)); places(value, found, path + (index,))
        def mutate(node, dice):
            found = []
            places(node, found)
            parent, key, path = dice.choice([f for f in found if f[1] not in ("kind", "apiVersion")])
            act = dice.randrange(6)
            if act == 0 and isinstance(parent, dict): parent[key + "x"] = parent.pop(key)
            elif act == 1: parent.pop(key)
            elif act == 2: parent[key] = dice.choice([0, -1, 1.5, True, "", "a b", [], {}, None, "x" * 70])
            elif act == 3 and isinstance(parent, dict): parent["extra"] = 1
            elif act == 4 and isinstance(parent[key], (int, float)): parent[key] = str(parent[key])
            elif act == 5 and isinstance(parent[key], dict): parent[key] = [parent[key]]
            else: parent[key] = 7
        verdicts = {}
        for file in sorted((schemas / "examples/valid").glob("*.yaml")):
            kind = next((k for k in kinds if file.name.startswith(k)), None)
            if kind is None: continue
            schema = json.loads((schemas / kinds[kind]).read_text())
            cls = Draft7Validator if "draft-07" in schema["$schema"] else Draft202012Validator
            validator, dice = cls(schema), random.Random(file.name)
            for number in range(count):
                document = copy.deepcopy(next(yaml.safe_load_all(file.read_text())))
                # Aliases are written out, so that a change is at one place.
                document = json.loads(json.dumps(document))
                for _ in range(dice.randrange(3)): mutate(document, dice)
                name = f"{file.stem}-{number}.json"
                (out / name).write_text(json.dumps(document))
                verdicts[name] = next(validator.iter_errors(document), None) is None
        (out / "verdicts.json").write_text(json.dumps(verdicts))
        """

    @Test(
        "on mutated manifests of every kind",
        .enabled(if: canRun, "needs jsonschema and shared/schemas"))
    func mutated() throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "mutated-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let command = [
            "python3", "-c", Self.script, Self.schemas.path, folder.path, String(Self.mutations),
        ]
        try #require(try ChildProcess.lines(of: command) != nil)
        let verdicts = try JSONDecoder().decode(
            [String: Bool].self, from: Data(contentsOf: folder.appending(path: "verdicts.json")))
        #expect(verdicts.count >= 9 * Self.mutations)
        #expect(Set(verdicts.values) == [true, false])
        for (name, isValid) in verdicts.sorted(by: { $0.key < $1.key }) {
            let bytes = [UInt8](try Data(contentsOf: folder.appending(path: name)))
            let file = try ManifestFile(bytes: bytes, path: name)
            let faults = file?.findings.filter { $0.rule <= .unknownField } ?? []
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(
                file == nil || faults.isEmpty == isValid,
                "\(name): \(isValid), \(faults.map(\.message)), \(text)")
        }
    }

    /// Says what jsonschema has against manifests in a folder, and how many it saw.
    private static let judging = """
        import json, pathlib, sys, yaml
        from jsonschema import Draft202012Validator, Draft7Validator
        schemas, exports = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
        kinds = {
            ("DynamoGraphDeployment", "nvidia.com/v1beta1"):
                "dynamo/dynamographdeployment_v1beta1.json",
            ("DynamoGraphDeployment", "nvidia.com/v1alpha1"):
                "dynamo/dynamographdeployment_v1alpha1.json",
            ("DisaggregatedSet", "disaggregatedset.x-k8s.io/v1"):
                "disaggregatedset/disaggregatedset_v1.json",
            ("LeaderWorkerSet", "leaderworkerset.x-k8s.io/v1"):
                "leaderworkerset/leaderworkerset_v1.json",
            ("LLMInferenceService", "serving.kserve.io/v1alpha2"):
                "kserve-llminferenceservice/llminferenceservice_v1alpha2.json",
            ("EndpointPickerConfig", "llm-d.ai/v1"): "endpoint-picker/endpointpickerconfig.json",
            ("Service", "v1"): "kubernetes-core/core_v1.37.json",
            (None, None): "llm-d-modelservice/values.schema.json",
        }
        seen = set()
        for file in sorted(exports.rglob("*.yaml")):
            for document in yaml.safe_load_all(file.read_text()):
                kind = (document.get("kind"), document.get("apiVersion"))
                seen.add(kind)
                schema = json.loads((schemas / kinds[kind]).read_text())
                cls = Draft7Validator if "draft-07" in schema["$schema"] else Draft202012Validator
                for error in cls(schema).iter_errors(document):
                    print(f"{file}: {error.json_path}: {error.message[:300]}")
        print(f"{len(seen)} of {len(kinds)} kinds")
        """

    @Test(
        "the exports that are kept are valid",
        .enabled(if: canRun, "needs jsonschema and shared/schemas"))
    func exports() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Exports")
        let lines = try ChildProcess.lines(
            of: ["python3", "-c", Self.judging, Self.schemas.path, folder.path])
        #expect(lines == ["8 of 8 kinds"])
    }
}
