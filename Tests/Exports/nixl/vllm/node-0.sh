#!/usr/bin/env bash
# Starts the workers of node 0.
# ampd-plan/plan-digest: sha256:0123abcd0123abcd0123abcd0123abcd0123abcd0123abcd0123abcd0123abcd
# ampd-plan/tool-version: 0.1.0
set -euo pipefail
NODE_0_HOST="${NODE_0_HOST:-127.0.0.1}"

AMPD_PLAN_ROLE=prefill CUDA_VISIBLE_DEVICES=0,1 \
    VLLM_NIXL_SIDE_CHANNEL_HOST="${NODE_0_HOST}" VLLM_NIXL_SIDE_CHANNEL_PORT=5600 vllm serve \
    Qwen/Qwen3-32B --tensor-parallel-size 2 --max-model-len 40960 \
    --max-num-seqs 1 --max-num-batched-tokens 8192 --block-size 16 \
    --gpu-memory-utilization 0.9 --kv-cache-dtype fp8 --enable-prefix-caching \
    --async-scheduling --kv-transfer-config \
    '{"kv_connector":"NixlConnector","kv_role":"kv_both","kv_load_failure_policy":"fail","kv_connector_extra_config":{"bidirectional_kv_xfer":true}}' \
    --port 8100 &

AMPD_PLAN_ROLE=prefill CUDA_VISIBLE_DEVICES=2,3 \
    VLLM_NIXL_SIDE_CHANNEL_HOST="${NODE_0_HOST}" VLLM_NIXL_SIDE_CHANNEL_PORT=5664 vllm serve \
    Qwen/Qwen3-32B --tensor-parallel-size 2 --max-model-len 40960 \
    --max-num-seqs 1 --max-num-batched-tokens 8192 --block-size 16 \
    --gpu-memory-utilization 0.9 --kv-cache-dtype fp8 --enable-prefix-caching \
    --async-scheduling --kv-transfer-config \
    '{"kv_connector":"NixlConnector","kv_role":"kv_both","kv_load_failure_policy":"fail","kv_connector_extra_config":{"bidirectional_kv_xfer":true}}' \
    --port 8101 &

AMPD_PLAN_ROLE=decode CUDA_VISIBLE_DEVICES=4,5,6,7 \
    VLLM_NIXL_SIDE_CHANNEL_HOST="${NODE_0_HOST}" VLLM_NIXL_SIDE_CHANNEL_PORT=5728 vllm serve \
    Qwen/Qwen3-32B --tensor-parallel-size 4 --max-model-len 40960 \
    --max-num-seqs 256 --max-num-batched-tokens 8192 --block-size 16 \
    --gpu-memory-utilization 0.9 --kv-cache-dtype fp8 --enable-prefix-caching \
    --async-scheduling --kv-transfer-config \
    '{"kv_connector":"NixlConnector","kv_role":"kv_both","kv_load_failure_policy":"fail","kv_connector_extra_config":{"bidirectional_kv_xfer":true}}' \
    --port 8302 &

trap 'jobs -p | xargs -r kill' EXIT
wait -n
