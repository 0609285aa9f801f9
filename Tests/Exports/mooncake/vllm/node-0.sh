#!/usr/bin/env bash
# Starts the workers of node 0.
# ampd-plan/plan-digest: sha256:0123abcd0123abcd0123abcd0123abcd0123abcd0123abcd0123abcd0123abcd
# ampd-plan/tool-version: 0.1.0
set -euo pipefail

AMPD_PLAN_ROLE=prefill CUDA_VISIBLE_DEVICES=0,1 VLLM_MOONCAKE_BOOTSTRAP_PORT=8998 vllm \
    serve Qwen/Qwen3-32B --tensor-parallel-size 2 --max-model-len 40960 \
    --max-num-seqs 1 --max-num-batched-tokens 8192 --block-size 16 \
    --gpu-memory-utilization 0.9 --enable-prefix-caching --async-scheduling \
    --kv-transfer-config \
    '{"kv_connector":"MooncakeConnector","kv_role":"kv_producer","kv_load_failure_policy":"fail"}' \
    --port 8100 &

AMPD_PLAN_ROLE=prefill CUDA_VISIBLE_DEVICES=2,3 VLLM_MOONCAKE_BOOTSTRAP_PORT=8999 vllm \
    serve Qwen/Qwen3-32B --tensor-parallel-size 2 --max-model-len 40960 \
    --max-num-seqs 1 --max-num-batched-tokens 8192 --block-size 16 \
    --gpu-memory-utilization 0.9 --enable-prefix-caching --async-scheduling \
    --kv-transfer-config \
    '{"kv_connector":"MooncakeConnector","kv_role":"kv_producer","kv_load_failure_policy":"fail"}' \
    --port 8101 &

AMPD_PLAN_ROLE=decode CUDA_VISIBLE_DEVICES=4,5 vllm serve Qwen/Qwen3-32B \
    --tensor-parallel-size 2 --max-model-len 40960 --max-num-seqs 256 \
    --max-num-batched-tokens 8192 --block-size 16 --gpu-memory-utilization 0.9 \
    --enable-prefix-caching --async-scheduling --kv-transfer-config \
    '{"kv_connector":"MooncakeConnector","kv_role":"kv_consumer","kv_load_failure_policy":"fail"}' \
    --port 8302 &

AMPD_PLAN_ROLE=decode CUDA_VISIBLE_DEVICES=6,7 vllm serve Qwen/Qwen3-32B \
    --tensor-parallel-size 2 --max-model-len 40960 --max-num-seqs 256 \
    --max-num-batched-tokens 8192 --block-size 16 --gpu-memory-utilization 0.9 \
    --enable-prefix-caching --async-scheduling --kv-transfer-config \
    '{"kv_connector":"MooncakeConnector","kv_role":"kv_consumer","kv_load_failure_policy":"fail"}' \
    --port 8303 &

trap 'jobs -p | xargs -r kill' EXIT
wait -n
