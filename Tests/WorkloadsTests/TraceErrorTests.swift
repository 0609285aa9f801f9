import DiscreteEvents
import ServingDomain
import Testing
import Workloads

@Suite("Traces that cannot be read")
struct TraceErrorTests {
    private static let csv = "session_id,round,arrival_s,new_tokens,output_tokens,delay_after_s\n"

    @Test(
        "a bad CSV names line, field, what was found and what was expected",
        arguments: [
            (
                "a,0,0,-5,1,0",
                "Line 2, new_tokens: found -5, expected a whole number of tokens from"
            ),
            ("a,0,0,1,99999999999,0", "Line 2, output_tokens: found 99999999999, expected a whole"),
            ("a,0,0,99999999999999999999,1,0", "Line 2, new_tokens: found 1e+20, expected a whole"),
            ("a,0,0,x,1,0", "Line 2, new_tokens: found 'x', expected a whole number"),
            ("a,0,0,,1,0", "Line 2, new_tokens: found nothing, expected a whole number"),
            ("a,0,nan,1,1,0", "Line 2, arrival_s: found nan, expected seconds, a number from 0"),
            ("a,0,1e300,1,1,0", "Line 2, arrival_s: found 1e+300, expected seconds"),
            ("a,0,,1,1,0", "Line 2, arrival_s: found nothing, expected seconds on the first row"),
            ("a,0,0,1,1,-1", "Line 2, delay_after_s: found -1, expected seconds"),
            ("a,2,0,1,1,0", "Line 2, round: found 2, expected 0 or 1 on the first row"),
            ("a,0,0,1,1,0\na,2,0,1,1,0", "Line 3, round: found 2, expected 1, the next round of"),
            ("a,0,0,1,1,0\na,1,4,1,1,0", "Line 3, arrival_s: found 4, expected nothing, or the"),
            (",0,0,1,1,0", "Line 2, session_id: found nothing, expected the name of a session"),
            ("a,0,0,1,1", "Line 2: found 5 fields, expected 6, as in the header"),
            ("\"a,0,0,1,1,0", "Line 2: found an open quote, expected quotes closed on their line"),
        ])
    func csvErrors(row: String, message: String) {
        expect(Self.csv + row, toFailWith: message)
    }

    @Test(
        "a bad header or format is named with what was found",
        arguments: [
            ("", "The trace holds no requests"), ("# only a comment\n\n", "The trace holds no"),
            (csv, "The trace holds no requests"),
            ("time,prompt\n1,2", "Line 1: found 'time,prompt', expected a CSV header or"),
            ("{\"a\": 1}", "Line 1: found '{\"a\": 1}', expected a CSV header or"),
            (
                "round,new_tokens,output_tokens\n",
                "Line 1: found the columns round, new_tokens, output_tokens, expected also session_"
            ),
            ("new_tokens,new_tokens,output_tokens\n", "Line 1: found two columns new_tokens"),
        ])
    func headerErrors(text: String, message: String) {
        expect(text, toFailWith: message)
    }

    @Test(
        "a bad JSON line names the path to the field",
        arguments: [
            (
                #"{"rounds": [{"new_tokens": 1}], "arrival_s": 0}"#,
                "Line 1, rounds[0].output_tokens: found nothing"
            ),
            (
                #"{"rounds": [{"new_tokens": "7", "output_tokens": 1}], "arrival_s": 0}"#,
                "Line 1, rounds[0].new_tokens: found '7', expected a whole"
            ),
            (
                #"{"rounds": [{"new_tokens": 1e40, "output_tokens": 1}], "arrival_s": 0}"#,
                "Line 1, rounds[0].new_tokens: found 1e+40, expected a whole"
            ),
            (
                #"{"rounds": [{"new_tokens": 1.5, "output_tokens": 1}], "arrival_s": 0}"#,
                "Line 1, rounds[0].new_tokens: found 1.5, expected a whole"
            ),
            (
                #"{"rounds": [{"new_tokens": true, "output_tokens": 1}], "arrival_s": 0}"#,
                "Line 1, rounds[0].new_tokens: found something that is no number"
            ),
            (
                #"{"rounds": [{"new_tokens": 1, "output_tokens": 1}]}"#,
                "Line 1, arrival_s: found nothing, expected seconds"
            ),
            (
                #"{"rounds": [], "arrival_s": 0}"#,
                "Line 1, rounds: found an empty list, expected at least one"
            ),
            (#"{"rounds": 3, "arrival_s": 0}"#, "Line 1, rounds: found a value of another kind"),
            (#"{"rounds": [{"#, "Line 1, byte 14: found no JSON, expected a text in quotes"),
            (
                #"{"timestamp": 0, "input_length": 1, "output_length": 1, "hash_ids": []}"#,
                "Line 1, hash_ids: found 0 ids, expected 1, one per 512 tokens"
            ),
            (
                #"{"timestamp": -1, "input_length": 1, "output_length": 1, "hash_ids": [4]}"#,
                "Line 1, timestamp: found -1, expected milliseconds"
            ),
            (
                #"{"timestamp": 0, "input_length": 1, "output_length": 1, "hash_ids": ["a"]}"#,
                "Line 1, hash_ids[0]: found 'a', expected a whole number"
            ),
            (
                #"{"timestamp": 0, "output_length": 1, "hash_ids": []}"#,
                "Line 1, input_length: found nothing, expected a whole"
            ),
        ])
    func jsonErrors(line: String, message: String) {
        expect(line, toFailWith: message)
    }

    @Test("a later line of another format is an error there")
    func mixed() {
        expect(
            #"{"arrival_s": 0, "rounds": [{"new_tokens": 1, "output_tokens": 1}]}"# + "\na,b,c",
            toFailWith: "Line 2: found 'a,b,c', expected one session")
    }

    @Test("bytes that are no UTF-8 are named by their line")
    func notText() {
        var reader = TraceReader()
        #expect(throws: WorkloadError.notText(line: 2)) {
            try reader.read(Array("new_tokens,output_tokens\n".utf8) + [0xFF, 0xFE, 0x0A])
        }
    }

    @Test("damaged bytes give an error or sessions, never a crash")
    func fuzz() {
        let seeds = [
            Self.csv + "a,0,0,5,6,1\na,1,,7,8,\n",
            #"{"arrival_s":0,"rounds":[{"new_tokens":9,"output_tokens":4,"delay_after_s":1}]}"#,
            #"{"timestamp":27,"input_length":600,"output_length":4,"hash_ids":[1,2]}"#,
        ]
        var random = RandomSequence(seed: 4, named: "damage")
        var read = 0
        for _ in 0..<1_500 {
            var bytes = Array(seeds[random.integer(below: 3)].utf8)
            for _ in 0...random.integer(below: 4) {
                let digits = Array("0123456789,-.eE\"{}[]\n".utf8)
                bytes[random.integer(below: bytes.count)] =
                    random.unit() < 0.8
                    ? digits[random.integer(below: digits.count)]
                    : UInt8(random.integer(below: 256))
            }
            var reader = TraceReader()
            if let trace = try? {
                try reader.read(bytes); return try reader.finish()
            }() {
                read += 1
                #expect(
                    trace.sessions.rounds.allSatisfy { $0.newTokens >= 1 && $0.delayAfter >= 0 })
            }
        }
        #expect(read > 0)
    }

    private func expect(_ text: String, toFailWith message: String) {
        do {
            let trace = try TraceReader.read(text)
            Issue.record("read \(trace.sessions.count) sessions instead of: \(message)")
        } catch {
            #expect(error.description.hasPrefix(message), "\(error.description)")
        }
    }
}
