import ChildProcesses
import Foundation
import Testing

@Suite(
    "Schemas by another reader",
    .enabled(if: Python.has("jsonschema"), "needs Python with jsonschema"))
struct SchemaMetaTests {
    @Test("every schema is one of JSON Schema 2020-12, and an answer holds for its own")
    func draft() async throws {
        let folder = try Folder()
        try folder.add(["case.yaml": .text(SmallCase.text)])
        let made = try await Tool.shell(
            """
            mkdir schemas
            for name in $(ampd-plan schema | tail -n +2 | cut -d' ' -f1); do
                ampd-plan schema $name >schemas/$name.json
            done
            ampd-plan plan case.yaml -o json >plan.json
            """, in: folder)
        try #require(made.code == 0, "\(made.words)")
        let script = """
            import glob, json, sys
            from jsonschema import Draft202012Validator as Validator
            for path in sorted(glob.glob(sys.argv[1] + "/schemas/*.json")):
                Validator.check_schema(json.load(open(path)))
            plan = json.load(open(sys.argv[1] + "/plan.json"))
            for name, document in [("plan", plan), ("case", plan["case"])]:
                schema = json.load(open(f"{sys.argv[1]}/schemas/{name}.json"))
                print(name, len(list(Validator(schema).iter_errors(document))))
            """
        #expect(try Python.run(script, [folder.url]) == ["plan 0", "case 0"])
    }
}
