import DiscreteEvents
import Foundation
import ServingDomain
import Testing

@testable import Workloads

/// Damaged traces of every format give an error or sessions that can be simulated, never a crash, a hang
/// or memory out of proportion.
///
/// 1,000 of each format in every test run, 100,000 with AMPD_VERIFY=1.
@Suite("Mutated traces")
struct MutatedTraceTests {
    private static var count: Int {
        switch ProcessInfo.processInfo.environment["AMPD_VERIFY"] {
        case "1": 100_000
        case nil: 1_000
        default: 10_000
        }
    }

    /// A small trace of each format.
    private static let seeds: [TraceFormat: String] = [
        .sessionsCSV:
            "session_id,round,arrival_s,new_tokens,output_tokens,delay_after_s,prefix,prefix_tokens,tool\n"
            + "a,0,0,50,6,1,p,16,t\na,1,,7,8,,,,\nb,0,1.5,90,1,0.25,p,,u\n",
        .sessionsJSONL:
            #"{"id":"r","arrival_s":0.5,"prefix":["x","y"],"prefix_tokens":[2,3],"rounds":[{"new_tokens":9,"output_tokens":4,"delay_after_s":1,"tool":"\u0041"}]}"#
            + "\n"
            + #"{"parent":"r","parent_round":0,"rounds":[{"new_tokens":9,"output_tokens":4}]}"#,
        .mooncakeJSONL:
            #"{"timestamp":27,"input_length":600,"output_length":4,"hash_ids":[1,2]}"# + "\n"
            + #"{"timestamp":3027,"input_length":1100,"output_length":4,"hash_ids":[1,2,3]}"#,
        .mooncakeBlocks:
            #"{"timestamp":27,"input_length":600,"output_length":4,"hash_ids":[1,2]}"# + "\n"
            + #"{"timestamp":28,"input_length":1024,"output_length":4,"hash_ids":[1,5]}"#,
        .mooncakeSessions:
            #"{"session_id":"a","timestamp":27,"input_length":600,"output_length":4,"hash_ids":[1,2]}"#
            + "\n"
            + #"{"session_id":"a","delay":50,"input_length":1100,"output_length":4,"hash_ids":[1,2,3]}"#
            + "\n" + #"{"session_id":7,"timestamp":30,"text_input":"hello","output_length":4}"#,
        .vllmMultiTurn:
            #"[{"id":"a","messages":[{"role":"system","content":"be"},{"role":"user","content":"hi"},{"role":"assistant","content":[{"text":"yes"}]}]},{"filetype":"generate_conversations","num_conversations":3,"prompt_input":{"num_turns":{"distribution":"uniform","min":2,"max":6},"common_prefix_num_tokens":{"distribution":"constant","value":50},"prefix_num_tokens":{"distribution":"lognormal","average":100,"max":500},"num_tokens":{"distribution":"zipf","alpha":1.5,"max":90}},"prompt_output":{"num_tokens":{"distribution":"poisson","alpha":10}}}]"#,
        .requestsCSV: "arrival_unit_rate_s,prompt_tokens,decode_steps\n0.5,100,7\n1.5,20,0\n",
        .azureCSV:
            "TIMESTAMP,ContextTokens,GeneratedTokens\r\n2023-11-16 18:15:46.6805900,374,44\r\n"
            + "2023-11-16 18:15:50.9951690+00:00,396,109",
        .kvCacheTester:
            #"{"id":"x","block_size":64,"hash_id_scope":"local","requests":[{"t":0.0,"type":"n","in":130,"out":9,"hash_ids":[1,2,3],"input_types":["text"],"api_time":1.5,"think_time":0.0},{"type":"subagent","t":2.0,"requests":[{"t":0.0,"type":"s","in":65,"out":9,"hash_ids":[1,2]}]},{"t":9.0,"type":"n","in":90,"out":3,"hash_ids":[1,7],"input_types":["tool_result"],"api_time":null,"think_time":3}]}"#,
        .traceLab:
            #"{"provider":"p","session_id":"s","round_index":0,"input_tokens_total":90,"newly_append_tokens":9,"output_tokens":4,"timing_events":[{"event_type":"text","timestamp":"2026-06-01T05:40:30.836Z"}],"tools":[{"tool_name":"Bash","tool_wall_latency_ms":860,"result_at":"2026-06-01T05:40:31.696Z"}]}"#,
        .burstGPT:
            "Timestamp,Session ID,Elapsed time,Model,Request tokens,Response tokens,Total tokens\n"
            + "0,a,2,m,100,10,110\n10,a,3.5,m,150,20,170\n11,,1,m,5,0,5\n",
        .bailian:
            #"{"chat_id":1,"parent_chat_id":-1,"timestamp":0.5,"input_length":32,"output_length":8,"turn":1,"hash_ids":[1,2]}"#
            + "\n"
            + #"{"chat_id":2,"parent_chat_id":1,"timestamp":9.5,"input_length":50,"output_length":8,"turn":2,"hash_ids":[1,2,3]}"#,
        .llmServingSim:
            #"{"input_toks":40,"output_toks":7,"arrival_time_ns":2000}"# + "\n"
            + #"{"session_id":"s","arrival_time_ns":5000,"sub_requests":[{"input_toks":10,"output_toks":4,"tool_duration_ns":900},{"input_toks":20,"output_toks":3}]}"#,
        .sweAgent:
            #"{"history":[{"role":"user","content":[{"type":"text","text":"do"}]},{"role":"assistant"}],"trajectory":[{"response":"ok","observation":"done","execution_time":0.5},{"response":"bye"}]}"#,
        .toolBench:
            #"{"answer_generation":{"query":"q","function":[{"name":"f"}],"query_count":2,"total_tokens":9,"train_messages":[[{"role":"user","content":"3"},{"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{}"}},{"role":"function","content":"12345"}]]}}"#,
        .openTelemetry:
            #"{"spans":[{"trace_id":"t","span_id":"a","start_time":"2026-02-25T12:00:10","end_time":"2026-02-25T12:00:12","status":{"code":1},"attributes":{"gen_ai.usage.prompt_tokens":9,"gen_ai.input.messages":"[{\"role\":\"user\",\"content\":\"hi\"}]","gen_ai.output.text":"x"}}]}"#,
        .prometheus:
            "process_start_time_seconds 1.7e9\nvllm:request_prompt_tokens_bucket{le=\"100.0\",model_name=\"m\"} 7.0 1700000060000\n"
            + "vllm:request_prompt_tokens_bucket{le=\"+Inf\",model_name=\"m\"} 9.0\nvllm:request_prompt_tokens_sum{model_name=\"m\"} 900\n"
            + "vllm:request_generation_tokens_bucket{le=\"5\",model_name=\"m\"} 8\nvllm:request_generation_tokens_count{model_name=\"m\"} 9\n",
        .serveGen: "0,8.34,1.35,Gamma,0.54,0.21\n600,0,0,,0,0\n",
    ]

    /// Numbers that arithmetic may trip over.
    private static let extremes = [
        "0", "-1", "2147483647", "2147483648", "9223372036854775807", "-9223372036854775808",
        "9999999999999999999", "1e18", "1e308", "NaN", "Infinity", "null", "\"\"", "[]", "{}",
    ]

    private static func mutated(_ text: [UInt8], _ random: inout RandomSequence) -> [UInt8] {
        var bytes = text
        for _ in 0...random.integer(below: 4) where !bytes.isEmpty {
            let place = random.integer(below: bytes.count)
            switch random.integer(below: 6) {
            case 0: bytes[place] = UInt8(random.integer(below: 256))
            case 1:
                let marks = Array("0123456789,-.eE\"{}[]:\n\\ ".utf8)
                bytes[place] = marks[random.integer(below: marks.count)]
            case 2:
                bytes.removeSubrange(place..<min(bytes.count, place + 1 + random.integer(below: 8)))
            case 3:
                // Another piece of the same trace, once more.
                let end = min(bytes.count, place + 1 + random.integer(below: 40))
                bytes.insert(contentsOf: bytes[place..<end], at: random.integer(below: bytes.count))
            case 4: bytes = Array(bytes.prefix(place))
            default: replaceNumber(in: &bytes, near: place, &random)
            }
        }
        return bytes
    }

    /// Puts an extreme in place of the first number behind a place.
    private static func replaceNumber(
        in bytes: inout [UInt8], near place: Int, _ random: inout RandomSequence
    ) {
        let isDigit = { (byte: UInt8) in (0x30...0x39).contains(byte) || byte == 0x2E }
        guard let start = bytes[place...].firstIndex(where: isDigit) else { return }
        let end = bytes[start...].firstIndex { !isDigit($0) } ?? bytes.count
        bytes.replaceSubrange(
            start..<end, with: extremes[random.integer(below: extremes.count)].utf8)
    }

    @Test("every format has a seed, which is read as it")
    func seeds() throws {
        #expect(Set(Self.seeds.keys) == Set(TraceFormat.allCases).subtracting([.auto]))
        for (format, text) in Self.seeds {
            for purpose in [TracePurpose.figures, .sessions] {
                let trace = try TraceReader.read(text, format: format, for: purpose)
                #expect(trace.format == format)
            }
            if format != .mooncakeBlocks {
                #expect(try TraceReader.read(text).format == format)
            }
        }
    }

    @Test("no damage does harm", arguments: TraceFormat.allCases.filter { $0 != .auto })
    func damage(format: TraceFormat) throws {
        let seed = Array(try #require(Self.seeds[format]).utf8)
        var random = RandomSequence(seed: 11, named: format.rawValue)
        var (read, refused) = (0, 0)
        for _ in 0..<Self.count {
            let bytes = Self.mutated(seed, &random)
            let asked = random.unit() < 0.5 ? format : .auto
            let purpose: TracePurpose = random.unit() < 0.5 ? .figures : .sessions
            do {
                var reader = TraceReader(format: asked, for: purpose)
                let cut = random.integer(below: bytes.count + 1)
                try reader.read(Array(bytes[..<cut]))
                try reader.read(Array(bytes[cut...]))
                let trace = try reader.finish()
                read += 1
                #expect(
                    trace.sessions.rounds.allSatisfy {
                        $0.newTokens >= 1 && $0.outputTokens >= 1 && $0.delayAfter >= 0
                    })
                #expect(trace.statistics.prompts.figures.map { $0.mean >= 0 } != false)
                _ = trace.statistics.arrivals
                _ = trace.statistics.gapFigures
            } catch {
                refused += 1
                #expect(!"\(error)".isEmpty)
            }
        }
        #expect(read > 0 && refused > 0)
    }

    @Test("damaged gzip is told or unpacked, never more than it holds")
    func gzip() throws {
        var random = RandomSequence(seed: 12, named: "gzip")
        let seed = GzipTests.sample
        var told = 0
        for _ in 0..<Self.count {
            var rest = Self.mutated(seed, &random)[...]
            var stream = GzipStream { () throws(WorkloadError) in
                defer { rest = rest.dropFirst(64) }
                return Array(rest.prefix(64))
            }
            do {
                while case let bytes = try stream.read(), !bytes.isEmpty {}
            } catch {
                told += 1
            }
        }
        #expect(told > 0)
    }
}
