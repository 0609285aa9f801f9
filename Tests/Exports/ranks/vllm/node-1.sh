#!/usr/bin/env bash
# Starts the workers of node 1.
# ampd-plan/plan-digest: sha256:0123abcd0123abcd0123abcd0123abcd0123abcd0123abcd0123abcd0123abcd
# ampd-plan/tool-version: 0.1.0
set -euo pipefail
: "${NODE_0_HOST:?address of node 0}"

AMPD_PLAN_ROLE=worker CUDA_VISIBLE_DEVICES=0,1,2,3,4,5,6,7 vllm serve \
    Qwen/Qwen3-235B-A22B --tensor-parallel-size 1 --data-parallel-size 16 \
    --enable-expert-parallel --max-model-len 40960 --max-num-seqs 256 \
    --max-num-batched-tokens 8192 --block-size 16 --gpu-memory-utilization 0.9 \
    --enable-prefix-caching --async-scheduling --data-parallel-size-local 8 \
    --data-parallel-address "${NODE_0_HOST}" --data-parallel-rpc-port 13345 \
    --headless --data-parallel-start-rank 8 &

trap 'jobs -p | xargs -r kill' EXIT
wait -n
