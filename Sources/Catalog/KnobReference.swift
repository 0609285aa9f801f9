import Scheduling
import ServingDomain

/// What can be set beside the keys of a case, and what they fall back to, as Markdown for the documentation.
public enum KnobReference {
    /// Settings of engines, host times of engines, connectors, policies and GPUs, each with its origin.
    ///
    /// - Throws: where a built-in file cannot be read.
    public static var markdown: String {
        get throws(CatalogError) {
            let catalog = try Catalog()
            var engines: [EngineFacts] = []
            for name in catalog.engineNames { engines.append(try catalog.engine(named: name)) }
            var gpus: [HardwareSpec] = []
            for name in catalog.hardwareNames { gpus.append(try catalog.hardware(named: name)) }
            return [
                section("Engines", settings(of: engines)),
                section("Time of engines", overheads(of: engines)),
                section("KV connectors", connectors(of: engines)), section("Policies", policies),
                section("GPUs", facts(of: gpus)),
            ].joined(separator: "\n")
        }
    }

    private static func section(_ title: String, _ rows: [[String]]) -> String {
        let width = rows.first?.count ?? 0
        let rule = "|" + String(repeating: "---|", count: width) + "\n"
        let lines = rows.map { "| " + $0.joined(separator: " | ") + " |\n" }
        return "## \(title)\n\n" + (lines.first ?? "") + rule + lines.dropFirst().joined()
    }

    /// Defaults that an engine has for keys of the case.
    private static func settings(of engines: [EngineFacts]) -> [[String]] {
        let keys: [(key: String, unit: String, value: (Engine) -> String)] = [
            ("gpu_memory_utilization", "fraction", { "\($0.memoryUtilization)" }),
            ("block_size", "tokens", { "\($0.blockSize)" }),
            ("max_sequences", "sequences", { "\($0.maxSequences)" }),
            ("token_budget", "tokens", { "\($0.tokenBudget)" }),
            ("connector", "", { $0.connector ?? "none" }),
            ("async_scheduling", "", { $0.behaviour.formsStepsAhead ? "on" : "off" }),
            ("sliding_window_kv", "", { $0.behaviour.slidingWindowKV.rawValue }),
        ]
        let rows = keys.map { key, unit, value in
            ["`engine.\(key)`", unit] + engines.map { "`\(value($0.defaults))`" }
        }
        return [["key", "unit"] + engines.map { "`\($0.name)`" }] + rows
            + [["origin", ""] + engines.map(\.source)]
    }

    /// Host time and factors, which a case may state and `calibrate` fits to measurements.
    private static func overheads(of engines: [EngineFacts]) -> [[String]] {
        let rows = OverheadFigure.allCases.map { figure in
            ["`\(figure.rawValue)`", figure.unit]
                + engines.map { shown(figure.value(in: $0.defaults.overhead)) }
        }
        return [["figure", "unit"] + engines.map { "`\($0.name)`" }] + rows
            + [["origin", ""] + engines.map(\.defaults.overhead.source)]
    }

    private static func connectors(of engines: [EngineFacts]) -> [[String]] {
        let rows = engines.flatMap { engine in
            engine.connectors.map { connector in
                [
                    "`\(engine.name)`", "`\(connector.name)`",
                    shown(connector.transferLatency.inMilliseconds), connector.source,
                ]
            }
        }
        return [["engine", "connector", "transfer_latency_ms", "origin"]] + rows
    }

    private static var policies: [[String]] {
        let own = Policies.all.flatMap { policy in
            policy.knobs.map { row("`\(policy.name.rawValue)`", $0) }
        }
        let common = PolicyKnob.common.map { row("every policy", $0) }
        return [["policy", "key", "value", "unit", "default", "origin", "meaning"]] + common + own
    }

    private static func row(_ policy: String, _ knob: PolicyKnob) -> [String] {
        let (values, standard): (String, String) =
            switch knob.values {
            case .number(let range, let isOpen):
                (
                    "\(isOpen ? "above" : "from") \(shown(range.lowerBound)) to "
                        + shown(range.upperBound), shown(knob.standard)
                )
            case .whole(let range):
                ("from \(range.lowerBound) to \(range.upperBound)", "\(Int(knob.standard))")
            case .choice(let words): (words.joined(separator: ", "), words[Int(knob.standard)])
            }
        return [
            policy, "`policy.\(knob.key)`", values, knob.unit, "`\(standard)`", knob.origin,
            knob.meaning,
        ]
    }

    private static func facts(of gpus: [HardwareSpec]) -> [[String]] {
        let head = [
            "GPU", "GPUs per node", "memory, GiB", "reserved, GiB", "memory, GB/s",
            "bf16, TFLOP/s", "inside a node, GB/s", "between nodes, GB/s", "origin",
        ]
        return [head]
            + gpus.map { gpu in
                [
                    "`\(gpu.name)`", "\(gpu.gpusPerNode)", gibibytes(gpu.memory),
                    gibibytes(gpu.reservedMemory), gigabytes(gpu.memoryBandwidth),
                    shown((gpu.peak(.bf16) / 1e12 * 10).rounded() / 10),
                    gigabytes(gpu.intraNode.bandwidth), gigabytes(gpu.interNode.bandwidth),
                    gpu.source,
                ]
            }
    }

    private static func gibibytes(_ bytes: Bytes) -> String {
        shown((Double(bytes.value) / 1_073_741_824 * 10).rounded() / 10)
    }

    private static func gigabytes(_ bandwidth: Bandwidth) -> String {
        shown((bandwidth.bytesPerSecond / 1e9 * 10).rounded() / 10)
    }

    /// To six decimals, without a fraction where there is none.
    private static func shown(_ value: Double) -> String {
        let rounded = (value * 1e6).rounded() / 1e6
        return rounded == rounded.rounded() && abs(rounded) < 1e15
            ? "\(Int(rounded))" : "\(rounded)"
    }
}
