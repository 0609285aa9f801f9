#!/usr/bin/env bash
# Starts the router at port 8000.
# ampd-plan/plan-digest: sha256:0123abcd0123abcd0123abcd0123abcd0123abcd0123abcd0123abcd0123abcd
# ampd-plan/tool-version: 0.1.0
set -euo pipefail
: "${NODE_0_HOST:?address of node 0}"
: "${NODE_1_HOST:?address of node 1}"

exec python3 "${VLLM_PROXY:?path of toy_proxy_server.py}" --port 8000 \
    --host 0.0.0.0 --prefiller-hosts "${NODE_1_HOST}" --prefiller-ports 8100 \
    --decoder-hosts "${NODE_0_HOST}" --decoder-ports 8300
