import Catalog
import Foundation
import ServingDomain
import Testing

@testable import Deploying

@Suite("Launch scripts become layouts")
struct ScriptReadingTests {
    private func layout(_ text: String, _ name: String = "start.sh") throws -> String? {
        let file = try #require(try ManifestFile(bytes: Array(text.utf8), path: name))
        return DescribedDeployment.all(in: [file]).first?.layout?.description
    }

    @Test("variables, fallbacks, lists and continued lines are followed")
    func variables() throws {
        let text = """
            #!/bin/bash
            MODEL=${MODEL:-Qwen/Qwen3-32B}
            TP=4
            ARGS=(--max-num-seqs 64 --gpu-memory-utilization 0.9)
            ARGS+=(--enable-prefix-caching)
            # a comment with 'quotes"
            CUDA_VISIBLE_DEVICES=0,1,2,3 vllm serve "$MODEL" \\
                --tensor-parallel-size "${TP}" "${ARGS[@]}" > log.txt 2>&1 &
            CUDA_VISIBLE_DEVICES=4,5,6,7 vllm serve $MODEL -tp $TP --port 8001 &
            wait
            """
        #expect(try layout(text) == "C:4x2")
    }

    @Test("loops over words, ranges and seq start a worker for each turn")
    func loops() throws {
        let text = """
            for i in {0..2}; do
              python3 -m sglang.launch_server --model-path M --tp 2 --disaggregation-mode prefill \\
                --base-gpu-id $((i * 2)) --port $((30000 + i)) &
            done
            for port in 30100 30200
            do
              python -m sglang.launch_server --model-path M --tp-size=1 --disaggregation-mode=decode &
            done
            for n in $(seq 1 2); do vllm --version; done
            """
        #expect(try layout(text) == "P:2x3,D:1x2")
    }

    @Test("functions are called with their arguments")
    func functions() throws {
        let text = """
            start_worker() {
              local role=$1
              vllm serve M --tensor-parallel-size "$2" --kv-transfer-config \\
                "{\\"kv_connector\\":\\"MooncakeConnector\\",\\"kv_role\\":\\"$role\\"}" &
            }
            start_worker kv_producer 2
            start_worker kv_producer 2
            start_worker kv_consumer 2
            """
        #expect(try layout(text) == "P:2x2,D:2x1")
    }

    @Test("a proxy tells who prefills where the connector does not")
    func proxies() throws {
        let config =
            "--kv-transfer-config '{\"kv_connector\":\"NixlConnector\",\"kv_role\":\"kv_both\"}'"
        let workers = [8100, 8101, 8200].map {
            "vllm serve M --port \($0) --tensor-parallel-size 1 \(config) &"
        }.joined(separator: "\n")
        let toy =
            workers
            + "\npython toy_proxy_server.py --prefiller-hosts a b --prefiller-ports 8100 8101 "
            + "--decoder-hosts c --decoder-ports 8200"
        #expect(try layout(toy) == "P:1x2,D:1x1")
        let router =
            workers
            + "\nvllm-router --static-backends http://a:8100,http://a:8101,http://a:8200 "
            + "--static-model-labels p,p,d --prefill-model-labels p --decode-model-labels d"
        #expect(try layout(router) == "P:1x2,D:1x1")
        #expect(try layout(workers) == nil)
        #expect(try layout(workers, "prefill.sh") == nil)
    }

    @Test("containers, shells in shells and data-parallel engines are seen")
    func wrappers() throws {
        let docker =
            "docker run --gpus all -p 8000:8000 vllm/vllm-openai:v0.24.0 --model M "
            + "--tensor-parallel-size 8"
        #expect(try layout(docker) == "C:8x1")
        #expect(try layout("nohup bash -c 'cd /x && vllm serve M -tp 2' &") == "C:2x1")
        let engine =
            "vllm serve M --data-parallel-size 8 --tensor_parallel_size 1 --enable-expert-parallel"
        #expect(try layout(engine) == "C:1dp8ep8x1")
        let sglang =
            "python3 -m sglang.launch_server --model-path M --tp 8 --dp 8 --enable-dp-attention "
            + "--ep-size 8"
        #expect(try layout(sglang) == "C:1dp8ep8x1")
    }

    @Test("one worker over several nodes is one, whoever starts its parts")
    func severalNodes() throws {
        let text = """
            python3 -m sglang.launch_server --model-path M --tp 16 --nnodes 2 --node-rank 0 &
            python3 -m sglang.launch_server --model-path M --tp 16 --nnodes 2 --node-rank 1 &
            """
        #expect(try layout(text) == "C:16x1")
        let slurm =
            "srun --nodes=4 --ntasks-per-node=1 python3 -m sglang.launch_server --model-path M "
            + "--tp 16 --nnodes 2 --node-rank $SLURM_NODEID"
        #expect(try layout(slurm, "job.sbatch") == "C:16x2")
        let headless = "vllm serve M --data-parallel-size 4 --headless\nvllm serve M -dp 4\n"
        #expect(try layout(headless) == "C:1dp4x1")
    }

    @Test("here-documents are no commands, and quotes keep words together")
    func hereDocuments() throws {
        let text = """
            cat > start.txt <<'END'
            vllm serve M --tensor-parallel-size 8
            END
            echo "vllm serve M" 'and vllm serve N'
            vllm serve "my model" --tensor-parallel-size 2
            """
        #expect(try layout(text) == "C:2x1")
    }

    @Test("what cannot be simulated is told")
    func refused() throws {
        func rules(_ text: String) throws -> [Rule] {
            let file = try #require(try ManifestFile(bytes: Array(text.utf8), path: "a.sh"))
            return DescribedDeployment.all(in: [file]).flatMap(\.findings).map(\.rule)
        }
        #expect(try rules("vllm serve M -tp 3") == [.notSimulated])
        #expect(try rules("vllm serve M -tp 4 -pp 2") == [.notSimulated])
        #expect(try rules("CUDA_VISIBLE_DEVICES=0,1 vllm serve M -tp 4") == [.gpuRequest])
        #expect(
            try rules("vllm serve M\npython3 -m sglang.launch_server --disaggregation-mode prefill")
                == [.notSimulated])
    }
}
