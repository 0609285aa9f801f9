#!/usr/bin/env bash
# Starts the router at port 8000.
# ampd-plan/plan-digest: sha256:0123abcd0123abcd0123abcd0123abcd0123abcd0123abcd0123abcd0123abcd
# ampd-plan/tool-version: 0.1.0
set -euo pipefail
NODE_0_HOST="${NODE_0_HOST:-127.0.0.1}"

exec python3 -m sglang_router.launch_router --port 8000 --host 0.0.0.0 \
    --pd-disaggregation --prefill "http://${NODE_0_HOST}:8100" 8998 \
    --prefill "http://${NODE_0_HOST}:8101" 8999 --decode "http://${NODE_0_HOST}:8302"
