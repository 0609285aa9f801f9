#!/usr/bin/env bash
# Replays the sessions of the plan against a deployment of it: first as sessions, then as
# single requests of the same mean lengths and rate. Sessions are chats: a base model needs
# a chat template, which the engine takes as --chat-template.
# ampd-plan/plan-digest: sha256:0123abcd0123abcd0123abcd0123abcd0123abcd0123abcd0123abcd0123abcd
# ampd-plan/tool-version: 0.1.0
set -euo pipefail
URL="${1:-http://127.0.0.1:8000}"
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"

aiperf profile --model Qwen/Qwen3-32B --url "${URL}" --endpoint-type chat \
    --streaming --tokenizer Qwen/Qwen3-32B --input-file "${here}/sessions.jsonl" \
    --custom-dataset-type mooncake_trace --extra-inputs ignore_eos:true \
    --fixed-schedule

vllm bench serve --backend openai --endpoint /v1/completions --base-url "${URL}" \
    --model Qwen/Qwen3-32B --dataset-name random --random-input-len 3996 \
    --random-output-len 50 --ignore-eos --num-prompts 844 --seed 1 \
    --percentile-metrics ttft,tpot,itl --metric-percentiles 50,95,99 \
    --save-result --request-rate 8.44
