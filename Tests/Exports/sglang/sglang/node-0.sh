#!/usr/bin/env bash
# Starts the workers of node 0.
# ampd-plan/plan-digest: sha256:0123abcd0123abcd0123abcd0123abcd0123abcd0123abcd0123abcd0123abcd
# ampd-plan/tool-version: 0.1.0
set -euo pipefail

AMPD_PLAN_ROLE=prefill CUDA_VISIBLE_DEVICES=0,1 SGLANG_DISAGG_STAGING_BUFFER=1 \
    SGLANG_DISAGG_STAGING_BUFFER_SIZE_MB=64 SGLANG_DISAGG_STAGING_POOL_SIZE_MB=4096 python3 \
    -m sglang.launch_server --model-path Qwen/Qwen3-32B --tp-size 2 \
    --context-length 40960 --max-running-requests 1 --chunked-prefill-size 8192 \
    --page-size 1 --mem-fraction-static 0.9 --kv-cache-dtype fp8_e4m3 \
    --disaggregation-mode prefill --disaggregation-transfer-backend nixl \
    --disaggregation-bootstrap-port 8998 --host 0.0.0.0 --port 8100 &

AMPD_PLAN_ROLE=prefill CUDA_VISIBLE_DEVICES=2,3 SGLANG_DISAGG_STAGING_BUFFER=1 \
    SGLANG_DISAGG_STAGING_BUFFER_SIZE_MB=64 SGLANG_DISAGG_STAGING_POOL_SIZE_MB=4096 python3 \
    -m sglang.launch_server --model-path Qwen/Qwen3-32B --tp-size 2 \
    --context-length 40960 --max-running-requests 1 --chunked-prefill-size 8192 \
    --page-size 1 --mem-fraction-static 0.9 --kv-cache-dtype fp8_e4m3 \
    --disaggregation-mode prefill --disaggregation-transfer-backend nixl \
    --disaggregation-bootstrap-port 8999 --host 0.0.0.0 --port 8101 &

AMPD_PLAN_ROLE=decode CUDA_VISIBLE_DEVICES=4,5,6,7 SGLANG_DISAGG_STAGING_BUFFER=1 \
    SGLANG_DISAGG_STAGING_BUFFER_SIZE_MB=64 SGLANG_DISAGG_STAGING_POOL_SIZE_MB=4096 python3 \
    -m sglang.launch_server --model-path Qwen/Qwen3-32B --tp-size 4 \
    --context-length 40960 --max-running-requests 256 --chunked-prefill-size 8192 \
    --page-size 1 --mem-fraction-static 0.9 --kv-cache-dtype fp8_e4m3 \
    --disaggregation-mode decode --disaggregation-transfer-backend nixl \
    --host 0.0.0.0 --port 8302 &

trap 'jobs -p | xargs -r kill' EXIT
wait -n
