#!/usr/bin/env bash
# Starts the workers of node 1.
# ampd-plan/plan-digest: sha256:0123abcd0123abcd0123abcd0123abcd0123abcd0123abcd0123abcd0123abcd
# ampd-plan/tool-version: 0.1.0
set -euo pipefail
: "${NODE_0_HOST:?address of node 0}"

AMPD_PLAN_ROLE=worker CUDA_VISIBLE_DEVICES=0,1,2,3,4,5,6,7 python3 -m \
    sglang.launch_server --model-path Qwen/Qwen3-235B-A22B --tp-size 16 \
    --dp-size 16 --enable-dp-attention --ep-size 16 --context-length 40960 \
    --max-running-requests 4096 --chunked-prefill-size 131072 --page-size 1 \
    --mem-fraction-static 0.9 --dist-init-addr "${NODE_0_HOST}":20000 \
    --nnodes 2 --node-rank 1 --host 0.0.0.0 --port 8500 &

trap 'jobs -p | xargs -r kill' EXIT
wait -n
