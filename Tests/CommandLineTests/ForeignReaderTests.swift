import ChildProcesses
import Foundation
import Testing

@Suite("Other programs read what the tool writes")
struct ForeignReaderTests {
    private static let validation = """
        import json, sys, jsonschema
        schema, document = json.load(open(sys.argv[1])), json.load(open(sys.argv[2]))
        jsonschema.Draft202012Validator.check_schema(schema)
        for error in jsonschema.Draft202012Validator(schema).iter_errors(document):
            print(error.json_path, error.message[:200])
        """

    private static let optimum = """
        import highspy, sys
        solver = highspy.Highs()
        solver.setOptionValue("output_flag", False)
        solver.setOptionValue("mip_rel_gap", 0.0)
        solver.readModel(sys.argv[1])
        solver.run()
        print(solver.getInfo().objective_function_value)
        """

    private func schema(_ name: String, _ folder: Folder) async throws -> URL {
        let file = folder.url.appending(component: "schema.json")
        try await Tool.run(["schema", name], in: folder).output.write(to: file)
        return file
    }

    @Test(
        "a plan document fits the schema of plans",
        .enabled(if: Python.has("jsonschema"), "python3 with jsonschema is not installed"),
        arguments: ["4", "1"])
    func planSchema(gpus: String) async throws {
        let folder = try Folder()
        let answer = try await Tool.run(
            ["plan", "-o", "json", "--output", "plan.json"]
                + SmallCase.options(["--gpus": gpus, "--finalists": "2"]), in: folder)
        #expect(answer.code == 0)
        let faults = try await Python.run(
            Self.validation,
            [schema("plan", folder), folder.url.appending(component: "plan.json")])
        #expect(faults == [])
    }

    @Test(
        "a written case fits the schema of cases",
        .enabled(
            if: Python.has("jsonschema, yaml"), "python3 with jsonschema and yaml is missing"))
    func caseSchema() async throws {
        let folder = try Folder()
        try folder.add(["case.yaml": .text(SmallCase.text)])
        _ = try await Tool.run(["plan", "case.yaml", "--write-case", "full.yaml"], in: folder)
        let script = Self.validation
            .replacing("import json", with: "import yaml, json")
            .replacing("json.load(open(sys.argv[2])", with: "yaml.safe_load(open(sys.argv[2])")
        let faults = try await Python.run(
            script, [schema("case", folder), folder.url.appending(component: "full.yaml")])
        #expect(faults == [])
    }

    @Test(
        "the optimum of the written program is the plan's milp_objective",
        .enabled(if: Python.has("highspy"), "python3 with highspy is not installed"))
    func program() async throws {
        let folder = try Folder()
        try folder.add(["case.yaml": .text(SmallCase.text)])
        let answer = try await Tool.run(
            ["plan", "case.yaml", "-o", "json", "--write-lp", "program.lp"], in: folder)
        let document = try #require(
            try JSONSerialization.jsonObject(with: answer.output) as? [String: Any])
        let objective = try #require(document["milp_objective"] as? Double)
        let lines = try Python.run(Self.optimum, [folder.url.appending(component: "program.lp")])
        let foreign = try #require(lines.last.flatMap(Double.init))
        #expect(abs(foreign - objective) <= 1e-7 * objective)
    }
}
