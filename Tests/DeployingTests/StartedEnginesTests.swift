import Catalog
import Foundation
import ServingDomain
import Testing

@testable import Deploying

/// What starts an engine, how often, and what only looks so.
@Suite("Engines that scripts start")
struct StartedEnginesTests {
    private struct Reading {
        let layout: String?
        let rules: [Rule]
        let messages: String

        init(_ text: String) throws {
            let file = try #require(try ManifestFile(bytes: Array(text.utf8), path: "start.sh"))
            let described = try #require(DescribedDeployment.all(in: [file]).first)
            layout = described.layout?.description
            rules = described.findings.map(\.rule)
            messages = described.findings.map(\.message).joined(separator: "\n")
        }
    }

    @Test(
        "what is counted out is followed",
        arguments: [
            ("for ((i=0; i<4; i++)); do vllm serve M --port $((8100+i)) & done", "C:1x4"),
            ("N=6; for ((i = N; i > 0; i -= 2)); do vllm serve M & done", "C:1x3"),
            ("G=(0 1 2); for i in \"${!G[@]}\"; do vllm serve M --port 810$i & done", "C:1x3"),
            ("G=(0 1 2); vllm serve M -tp $(( (${#G[@]} + 1) ))", nil),
            ("A=2; vllm serve M -tp $(( 2 * (A + $A) - 12 / 3 ))", "C:4x1"),
            ("start() { local tp=$1; shift; vllm serve \"$@\" -tp $tp; }\nstart 4 M", "C:4x1"),
            ("setup() { TP=4; }\nsetup\nvllm serve M -tp $TP", "C:4x1"),
            ("TP=2\nf() { local TP=8; }\nf\nvllm serve M -tp $TP", "C:2x1"),
            ("while true; do vllm serve M -tp 2; sleep 1; done", "C:2x1"),
            ("until curl -s x; do sleep 1; done\nvllm serve M -tp 2", "C:2x1"),
            ("export TP=4; srun -n 2 bash -c 'vllm serve M -tp $TP'", "C:4x2"),
            ("ssh node-1 \"vllm serve M -tp 8\"", "C:8x1"),
            ("srun --export=ALL,CUDA_VISIBLE_DEVICES=3 vllm serve M -tp 1", "C:1x1"),
            ("vllm serve M -tp 4 --max-model-len 16k --max-num-batched-tokens 8K", "C:4x1"),
        ] as [(String, String?)])
    func followed(_ script: String, _ layout: String?) throws {
        let reading = try Reading(script)
        #expect(reading.layout == layout, "\(reading.messages)")
    }

    @Test(
        "what nobody can count, or is not set, is told and never guessed",
        arguments: [
            "for h in $(scontrol show hostnames $X); do srun -w $h vllm serve M -tp 4 & done",
            "for h in $HOSTS; do ssh $h vllm serve M & done",
            "i=0; while [ $i -lt 4 ]; do vllm serve M & i=$((i+1)); done",
            "cat hosts | while read h; do ssh $h vllm serve M; done",
            "for i in {1..100000}; do vllm serve M; done",
            "for i in {-5000000000000000000..5000000000000000000}; do vllm serve M; done",
            "for ((i=0; i<N; i++)); do vllm serve M & done",
            "for i in {1..99}; do for j in {1..99}; do for k in {1..99}; do vllm serve M; done; "
                + "done; done",
            "vllm serve M --tensor-parallel-size $TP",
            "vllm serve M --tensor-parallel-size $(nvidia-smi -L | wc -l)",
            "vllm serve M --kv-transfer-config \"$KV\"", "./run_with_logs vllm serve M",
            "echo there is no engine here",
        ])
    func untold(_ script: String) throws {
        let reading = try Reading(script)
        #expect(reading.layout == nil)
        #expect(Set(reading.rules) == [.notSimulated], "\(reading.messages)")
    }

    @Test(
        "words that speak of an engine start none",
        arguments: ["echo waiting for vllm serve", "pkill -f vllm serve", "log vllm serve starts"])
    func talk(_ line: String) throws {
        #expect(try Reading("vllm serve M -tp 4\n\(line)\n").layout == "C:4x1")
    }

    @Test(
        "values that an engine refuses are refused",
        arguments: [
            ("-tp two", "-tp is 'two'; expected a whole number from 1"),
            ("-tp 99999999999999999999", "expected a whole number from 1"),
            ("-tp 9223372036854775807 -dp 2 --enable-expert-parallel", "powers of two"),
            ("--max-num-seqs lots", "--max-num-seqs is 'lots'"),
            ("--max-num-seqs", "--max-num-seqs has no value"),
            ("--max-num-seqs -5", "--max-num-seqs is '-5'"),
            ("--gpu-memory-utilization 95", "expected a share above 0, at most 1"),
            ("--kv-cache-dtype fp9", "simulated are auto, bf16 and fp8"),
            (
                "--quantization gguf",
                "simulated are fp8, mxfp4, nvfp4 (modelopt_fp4), int4 (awq, gptq)"
            ),
            ("--kv-transfer-config '{bad json'", "expected a JSON object"),
            (
                "--kv-transfer-config '{\"kv_conector\": \"N\", \"kv_role\": \"kv_both\"}'",
                "unknown field 'kv_conector'; did you mean 'kv_connector'?"
            ),
            ("'--max-num-seqs 5'", "is one word; give every option and value as a word of its own"),
        ])
    func values(_ options: String, _ words: String) throws {
        let reading = try Reading("vllm serve M \(options)")
        #expect(reading.layout == nil)
        #expect(reading.messages.contains(words), "\(reading.messages)")
    }

    @Test("a role without a connector moves no KV cache, and models are one")
    func roles() throws {
        let bare = "AMPD_PLAN_ROLE=prefill vllm serve M\nAMPD_PLAN_ROLE=decode vllm serve M\n"
        let reading = try Reading(bare)
        #expect(reading.layout == nil)
        #expect(reading.messages.contains("it is a prefill worker without --kv-transfer-config"))
        let two = try Reading("vllm serve A\nvllm serve B\n")
        #expect(two.messages.contains("workers serve different models: A, B"))
    }
}

@Suite("Pods whose commands hold variables")
struct PodVariableTests {
    private func layout(_ container: String) throws -> String? {
        let text = """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: a}
            spec:
              selector: {matchLabels: {app: a}}
              template:
                metadata: {labels: {app: a}}
                spec:
                  containers: [\(container)]
            """
        let file = try #require(try ManifestFile(bytes: Array(text.utf8), path: "a.yaml"))
        return DescribedDeployment.all(in: [file]).first?.layout?.description
    }

    @Test("they are filled in as Kubernetes and the shell of the pod do")
    func filled() throws {
        let env = "env: [{name: TP, value: \"2\"}, {name: MODEL, value: M}]"
        #expect(
            try layout(
                "{name: a, \(env), command: [vllm, serve], args: [$(MODEL), -tp, $(TP)]}")
                == "C:2x1")
        #expect(
            try layout(
                "{name: a, \(env), command: [sh, -c], args: ['exec vllm serve $MODEL -tp ${TP}']}")
                == "C:2x1")
        #expect(
            try layout("{name: a, command: [vllm, serve, M], args: [-tp, $(TP)]}") == nil)
        #expect(
            try layout(
                "{name: a, command: [/entrypoint.sh, vllm, serve, M], args: [-tp, '4']}")
                == "C:4x1")
    }
}
