import ChildProcesses
import Foundation
import Testing

/// Curves of our own timings, which stand behind those of an engine's kernels.
@Suite("Curves of the collector's timings")
struct CollectedCurvesTests {
    private static let origins = [
        "h200-sxm":
            "Hardware/h200-sxm/timings.csv: timings of Hardware/collector on an NVIDIA H200; "
            + "curves fitted by ampd-plan",
        "h100-sxm":
            "Hardware/h200-sxm/timings.csv carried over to an H100 by the ratio of both rooflines "
            + "(profile scale); curves fitted by ampd-plan",
    ]

    private func run(_ arguments: [String], in folder: Folder) async throws -> Tool.Answer {
        let answer = try await Tool.run(["profile"] + arguments, in: folder)
        try #require(answer.code == 0, "\(answer.words)")
        return answer
    }

    @Test("those that ship are what `profile fit` makes of the timings that ship")
    func shipped() async throws {
        let (folder, store) = (try Folder(), ["--store", "s.sqlite"])
        let hardware = Tool.packageRoot.appending(path: "Hardware")
        let timings = hardware.appending(path: "h200-sxm/timings.csv").path
        _ = try await run(["import", timings] + store, in: folder)
        _ = try await run(["scale", "--from", "h200-sxm", "--to", "h100-sxm"] + store, in: folder)
        for (gpu, origin) in Self.origins {
            _ = try await run(
                [
                    "fit", "--gpu", gpu, "--output", gpu, "--date", "2026-11-30", "--origin",
                    origin,
                ] + store, in: folder)
            let kept = hardware.appending(path: "\(gpu)/collected.json")
            let made = try folder.text(gpu)
            if ProcessInfo.processInfo.environment["AMPD_GOLDEN"] == "write" {
                try Data(made.utf8).write(to: kept)
            }
            let isKept = try String(contentsOf: kept, encoding: .utf8) == made
            #expect(isKept, "\(gpu): `make golden` writes it anew")
        }
    }

    @Test("of every operator the held-out timings are met within 5 % at the median")
    func heldOut() async throws {
        let (folder, store) = (try Folder(), ["--store", "s.sqlite"])
        let timings = Tool.packageRoot.appending(path: "Hardware/h200-sxm/timings.csv").path
        _ = try await run(["import", timings] + store, in: folder)
        let answer = try await run(["fit", "--gpu", "h200-sxm", "-o", "json"] + store, in: folder)
        let fit = try #require(
            try JSONSerialization.jsonObject(with: answer.output) as? [String: Any])
        let kinds = try #require(fit["kinds"] as? [[String: Any]])
        #expect(kinds.count == 14)
        for kind in kinds {
            let error = try #require(kind["median_error"] as? Double)
            #expect(error < 0.05, "\(kind)")
        }
    }

    @Test("operators say whose kernels they are, and believe each as far as it goes")
    func coverage() async throws {
        func operators(_ gpu: String) async throws -> [String: [String?]] {
            let answer = try await run(
                ["coverage", "--model", "llama-3.1-8b", "--gpu", gpu, "--tp", "1", "-o", "json"],
                in: try Folder())
            #expect(answer.words.contains("shapes that it lacks from torch"), "\(answer.words)")
            let rows = try #require(
                try JSONSerialization.jsonObject(with: answer.output) as? [[String: Any]])
            return rows.reduce(into: [:]) { found, row in
                found[row["operator"] as? String ?? ""] = [
                    row["trust"] as? String, row["timed_with"] as? String,
                ]
            }
        }
        let measured = try await operators("h200-sxm")
        #expect(measured["qkv_projection"] == ["measured_fit", "vllm 0.24.0"])
        #expect(measured["gate_up_projection"] == ["measured_fit", "torch 2.11.0+cu130"])
        #expect(measured["activation"] == ["measured_fit", "torch 2.11.0+cu130"])
        // Engines add and normalise in one kernel.
        #expect(measured["norms"] == ["analytic", nil])
        #expect(measured["residual_adds"] == ["analytic", nil])
        let scaled = try await operators("h100-sxm")
        #expect(scaled["qkv_projection"] == ["measured_fit", "vllm 0.24.0"])
        #expect(scaled["gate_up_projection"] == ["scaled", "torch@h200-sxm 2.11.0+cu130"])
    }

    /// A folder of hardware that has one GPU.
    private func hardware() throws -> Folder {
        let folder = try Folder()
        let hardware = Tool.packageRoot.appending(path: "Hardware")
        for name in ["engines", "h200-sxm"] {
            try FileManager.default.copyItem(
                at: hardware.appending(path: name), to: folder.url.appending(path: name))
        }
        return folder
    }

    @Test("a damaged file is named, with the field and no words of the decoder")
    func damaged() async throws {
        let folder = try hardware()
        let own = try folder.text("h200-sxm/collected.json")
        for (text, fault) in [
            ("{\"kind\": 1}", "apiVersion is missing"),
            ("[", "it is no JSON of the expected form"),
            (
                own.replacing("\"dims\":[", with: "\"dims\":[\"a\",", maxReplacements: 1),
                "curves[0].dims[0] has a value of another kind"
            ),
        ] {
            try Data(text.utf8).write(to: folder.url.appending(path: "h200-sxm/collected.json"))
            let answer = try await Tool.run(
                [
                    "profile", "coverage", "--model", "llama-3.1-8b", "--gpu", "h200-sxm",
                    "--hardware", folder.url.path,
                ], in: folder)
            #expect(answer.code == 65)
            #expect(
                answer.words.contains(
                    "h200-sxm/collected.json: not a usable file of fitted curves: \(fault)."),
                "\(answer.words)")
        }
        let health = try await Tool.run(["doctor", "--hardware", folder.url.path], in: folder)
        #expect(health.text.contains("h200-sxm/collected.json"), "\(health.text)")
    }

    @Test("curves of another GPU are refused, and a malformed one is named with its file")
    func foreign() async throws {
        let folder = try hardware()
        let own = try folder.text("h200-sxm/collected.json")
        let other = try String(
            contentsOf: Tool.packageRoot.appending(path: "Hardware/h100-sxm/collected.json"),
            encoding: .utf8)
        for (text, word) in [
            (other, "has curves of h100-sxm; expected those of h200-sxm"),
            (
                own.replacing("\"form\":\"line\"", with: "\"form\":\"arc\"", maxReplacements: 1),
                "malformed"
            ),
        ] {
            try Data(text.utf8).write(
                to: folder.url.appending(path: "h200-sxm/collected.json"))
            let answer = try await Tool.run(
                [
                    "profile", "coverage", "--model", "llama-3.1-8b", "--gpu", "h200-sxm",
                    "--hardware", folder.url.path,
                ], in: folder)
            #expect(answer.code == 65)
            #expect(answer.words.contains("h200-sxm/collected.json"), "\(answer.words)")
            #expect(answer.words.contains(word), "\(answer.words)")
        }
    }
}
