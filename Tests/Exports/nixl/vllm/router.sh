#!/usr/bin/env bash
# Starts the router at port 8000.
# ampd-plan/plan-digest: sha256:0123abcd0123abcd0123abcd0123abcd0123abcd0123abcd0123abcd0123abcd
# ampd-plan/tool-version: 0.1.0
set -euo pipefail
NODE_0_HOST="${NODE_0_HOST:-127.0.0.1}"

exec python3 "${VLLM_PROXY:?path of toy_proxy_server.py}" --port 8000 \
    --host 0.0.0.0 --prefiller-hosts "${NODE_0_HOST}" "${NODE_0_HOST}" \
    --prefiller-ports 8100 8101 --decoder-hosts "${NODE_0_HOST}" --decoder-ports 8302
