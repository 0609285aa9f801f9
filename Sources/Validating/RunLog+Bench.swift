import Foundation
import ServingDomain

/// Results of `vllm bench serve --save-result`, and of SGLang's `bench_serving`.
///
/// Fields are those that vLLM's benchmarks/serve.py writes: means in milliseconds, totals of tokens, the
/// rate ("inf" for none), the burstiness (shape of the gamma law of the gaps) and the limit on requests
/// under way; with `--save-detailed` lengths and starts of every request.
struct BenchResult {
    /// Names under which clients were told to write down the deployment, and our columns for them.
    private static let deployment = [
        ("tp_size", ["tp_size", "tp", "tensor_parallel_size", "tensor-parallel-size"]),
        ("attention_dp_size", ["attention_dp_size", "dp", "data_parallel_size"]),
        ("moe_ep_size", ["moe_ep_size", "ep", "expert_parallel_size"]),
        ("num_workers", ["num_workers"]),
        ("gpu", ["gpu", "system", "gpu_type"]),
        ("backend_version", ["backend_version", "engine_version", "vllm_version", "version"]),
    ]

    private let object: LoggedValue

    init(_ object: LoggedValue) { self.object = object }

    func log() throws(RunLogError) -> RunLog {
        let ttft = try number("mean_ttft_ms")
        guard object["mean_tpot_ms"] != nil else {
            throw RunLogError(
                "vLLM bench: found no mean_tpot_ms; run it with ttft and tpot among "
                    + "--percentile-metrics.")
        }
        let tpot = try number("mean_tpot_ms")
        let requests = try requests()
        return try RunLog(
            .bench, requests: requests, pace: try pace(requests),
            means: MeanLatencies(ttft: ttft, tpot: tpot), columns: columns)
    }

    private var columns: [String: String] {
        var columns: [String: String] = [:]
        columns["model"] = object.first(["model_id", "model"])?.text
        columns["backend"] = object.first(["engine", "backend"])?.text.flatMap(Self.engine)
        for (column, names) in Self.deployment {
            columns[column] = object.first(names)?.text
        }
        return columns
    }

    /// Clients name the interface they speak, which is often that of another company.
    private static func engine(_ name: String) -> String? {
        let word = name.lowercased()
        return ["vllm", "sglang", "trtllm", "tensorrt-llm"].first { word.hasPrefix($0) }
    }

    private func number(_ name: String) throws(RunLogError) -> Double {
        guard let value = object[name]?.number, value.isFinite, value >= 0 else {
            throw RunLogError(
                "vLLM bench, \(name): found \(object[name]?.text ?? "nothing"), expected a number "
                    + "from 0.")
        }
        return value
    }

    private func requests() throws(RunLogError) -> [LoggedRequest] {
        if let detailed = try detailed() { return detailed }
        let count = try number("completed")
        guard (1...1e6).contains(count) else {
            throw RunLogError(
                "vLLM bench, completed: found \(count), expected 1 to 1000000 requests.")
        }
        let request = try LoggedRequest(
            input: try number("total_input_tokens") / count,
            output: try number("total_output_tokens") / count, place: "vLLM bench, mean lengths")
        return Array(repeating: request, count: Int(count))
    }

    /// Requests one by one, those without output left out, which failed; nil without lists of lengths.
    private func detailed() throws(RunLogError) -> [LoggedRequest]? {
        guard let inputs = try numbers("input_lens"), !inputs.isEmpty,
            let outputs = try numbers("output_lens", count: inputs.count)
        else { return nil }
        let starts = try numbers("start_times", count: inputs.count)
        var requests: [LoggedRequest] = []
        for index in inputs.indices where outputs[index] != 0 {
            var request = try LoggedRequest(
                input: inputs[index], output: outputs[index],
                place: "vLLM bench, request \(index + 1)")
            if let starts {
                try request.start(
                    atNanoseconds: starts[index] * 1e9, place: "vLLM bench, start_times[\(index)]")
            }
            requests.append(request)
        }
        return requests
    }

    /// A list of numbers; nil where there is none.
    ///
    /// - Throws: where something else is in it, or it has another length.
    private func numbers(_ name: String, count: Int? = nil) throws(RunLogError) -> [Double]? {
        guard let values = object[name]?.list else { return nil }
        let numbers = values.compactMap(\.number)
        guard numbers.count == values.count else {
            throw RunLogError(
                "vLLM bench, \(name): found \(values.count - numbers.count) values that are no "
                    + "numbers, expected a number for each request.")
        }
        guard numbers.count == count ?? numbers.count else {
            throw RunLogError(
                "vLLM bench, \(name): found \(numbers.count) values, expected \(count ?? 0), as many "
                    + "as input_lens has.")
        }
        return numbers
    }

    /// The limit on requests under way; else the times of requests, or the law that they were drawn by.
    private func pace(_ requests: [LoggedRequest]) throws(RunLogError) -> RunLog.Pace? {
        var places: Int?
        if object["max_concurrency"] != nil {
            let limit = try number("max_concurrency")
            guard (1...1e6).contains(limit) else {
                throw RunLogError(
                    "vLLM bench, max_concurrency: found \(limit), expected 1 to 1000000.")
            }
            places = Int(limit)
        }
        let timed = requests.allSatisfy { $0.start != nil }
        let stated = object["request_rate"]
        guard object["ramp_up_strategy"] == nil || timed,
            stated == nil || stated?.number?.isNaN == false
        else {
            throw RunLogError(
                "vLLM bench, request_rate: found \(stated?.text ?? "nothing") with a rate that "
                    + "changes or is no number, expected one rate, or the starts of requests.")
        }
        if object["ramp_up_strategy"] != nil { return .recorded }
        let rate = stated?.number ?? .infinity
        guard rate.isFinite else { return .closed(places: places ?? requests.count) }
        if places == nil, timed { return .recorded }
        let shape = object["burstiness"]?.number ?? 1
        guard (1e-6...1e6).contains(rate), (1e-2...1e6).contains(shape) else {
            throw RunLogError(
                "vLLM bench: found request_rate \(rate) with burstiness \(shape), expected a rate "
                    + "of 0.000001 to 1000000 and a burstiness of 0.01 to 1000000.")
        }
        return .open(
            Rate(sessionsPerSecond: rate), cv: 1 / shape.squareRoot(), places: places)
    }
}
