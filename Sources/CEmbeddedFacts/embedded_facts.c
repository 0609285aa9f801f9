#include "embedded_facts.h"
#include <string.h>

#pragma clang diagnostic ignored "-Wc23-extensions"

/* One entry per file, sorted by path; the text ends with a zero byte. */
#define FILE(path) { path, (const char[]) {
#define END } },

static const EmbeddedFile files[] = {
FILE("Examples/workloads/agent.yaml")
#embed "../../Examples/workloads/agent.yaml" suffix(, 0) if_empty(0)
END
FILE("Examples/workloads/chat.yaml")
#embed "../../Examples/workloads/chat.yaml" suffix(, 0) if_empty(0)
END
FILE("Examples/workloads/coding-agent.yaml")
#embed "../../Examples/workloads/coding-agent.yaml" suffix(, 0) if_empty(0)
END
FILE("Examples/workloads/dureader.yaml")
#embed "../../Examples/workloads/dureader.yaml" suffix(, 0) if_empty(0)
END
FILE("Examples/workloads/gaia.yaml")
#embed "../../Examples/workloads/gaia.yaml" suffix(, 0) if_empty(0)
END
FILE("Examples/workloads/hotpotqa.yaml")
#embed "../../Examples/workloads/hotpotqa.yaml" suffix(, 0) if_empty(0)
END
FILE("Examples/workloads/rag.yaml")
#embed "../../Examples/workloads/rag.yaml" suffix(, 0) if_empty(0)
END
FILE("Examples/workloads/single-shot.yaml")
#embed "../../Examples/workloads/single-shot.yaml" suffix(, 0) if_empty(0)
END
FILE("Examples/workloads/toolbench.yaml")
#embed "../../Examples/workloads/toolbench.yaml" suffix(, 0) if_empty(0)
END
FILE("Hardware/a100-80gb-sxm/facts.yaml")
#embed "../../Hardware/a100-80gb-sxm/facts.yaml" suffix(, 0) if_empty(0)
END
FILE("Hardware/a100-80gb-sxm/fit.json")
#embed "../../Hardware/a100-80gb-sxm/fit.json" suffix(, 0) if_empty(0)
END
FILE("Hardware/a40/facts.yaml")
#embed "../../Hardware/a40/facts.yaml" suffix(, 0) if_empty(0)
END
FILE("Hardware/b200/facts.yaml")
#embed "../../Hardware/b200/facts.yaml" suffix(, 0) if_empty(0)
END
FILE("Hardware/b300/facts.yaml")
#embed "../../Hardware/b300/facts.yaml" suffix(, 0) if_empty(0)
END
FILE("Hardware/engines/collector.yaml")
#embed "../../Hardware/engines/collector.yaml" suffix(, 0) if_empty(0)
END
FILE("Hardware/engines/sglang.yaml")
#embed "../../Hardware/engines/sglang.yaml" suffix(, 0) if_empty(0)
END
FILE("Hardware/engines/trtllm.yaml")
#embed "../../Hardware/engines/trtllm.yaml" suffix(, 0) if_empty(0)
END
FILE("Hardware/engines/vllm.yaml")
#embed "../../Hardware/engines/vllm.yaml" suffix(, 0) if_empty(0)
END
FILE("Hardware/gb200/facts.yaml")
#embed "../../Hardware/gb200/facts.yaml" suffix(, 0) if_empty(0)
END
FILE("Hardware/gb300/facts.yaml")
#embed "../../Hardware/gb300/facts.yaml" suffix(, 0) if_empty(0)
END
FILE("Hardware/h100-sxm/collected.json")
#embed "../../Hardware/h100-sxm/collected.json" suffix(, 0) if_empty(0)
END
FILE("Hardware/h100-sxm/facts.yaml")
#embed "../../Hardware/h100-sxm/facts.yaml" suffix(, 0) if_empty(0)
END
FILE("Hardware/h100-sxm/fit.json")
#embed "../../Hardware/h100-sxm/fit.json" suffix(, 0) if_empty(0)
END
FILE("Hardware/h20-96gb/facts.yaml")
#embed "../../Hardware/h20-96gb/facts.yaml" suffix(, 0) if_empty(0)
END
FILE("Hardware/h200-sxm/collected.json")
#embed "../../Hardware/h200-sxm/collected.json" suffix(, 0) if_empty(0)
END
FILE("Hardware/h200-sxm/facts.yaml")
#embed "../../Hardware/h200-sxm/facts.yaml" suffix(, 0) if_empty(0)
END
FILE("Hardware/h200-sxm/fit.json")
#embed "../../Hardware/h200-sxm/fit.json" suffix(, 0) if_empty(0)
END
FILE("Hardware/l40s/facts.yaml")
#embed "../../Hardware/l40s/facts.yaml" suffix(, 0) if_empty(0)
END
FILE("Hardware/rtx-4090/facts.yaml")
#embed "../../Hardware/rtx-4090/facts.yaml" suffix(, 0) if_empty(0)
END
FILE("Hardware/rtx-pro-6000/facts.yaml")
#embed "../../Hardware/rtx-pro-6000/facts.yaml" suffix(, 0) if_empty(0)
END
FILE("Models/deepseek-v3.2.yaml")
#embed "../../Models/deepseek-v3.2.yaml" suffix(, 0) if_empty(0)
END
FILE("Models/deepseek-v3.yaml")
#embed "../../Models/deepseek-v3.yaml" suffix(, 0) if_empty(0)
END
FILE("Models/glm-4.6.yaml")
#embed "../../Models/glm-4.6.yaml" suffix(, 0) if_empty(0)
END
FILE("Models/glm-5.yaml")
#embed "../../Models/glm-5.yaml" suffix(, 0) if_empty(0)
END
FILE("Models/gpt-oss-120b.yaml")
#embed "../../Models/gpt-oss-120b.yaml" suffix(, 0) if_empty(0)
END
FILE("Models/gpt-oss-20b.yaml")
#embed "../../Models/gpt-oss-20b.yaml" suffix(, 0) if_empty(0)
END
FILE("Models/kimi-k2.5.yaml")
#embed "../../Models/kimi-k2.5.yaml" suffix(, 0) if_empty(0)
END
FILE("Models/llama-3.1-405b.yaml")
#embed "../../Models/llama-3.1-405b.yaml" suffix(, 0) if_empty(0)
END
FILE("Models/llama-3.1-70b.yaml")
#embed "../../Models/llama-3.1-70b.yaml" suffix(, 0) if_empty(0)
END
FILE("Models/llama-3.1-8b.yaml")
#embed "../../Models/llama-3.1-8b.yaml" suffix(, 0) if_empty(0)
END
FILE("Models/minimax-m2.5.yaml")
#embed "../../Models/minimax-m2.5.yaml" suffix(, 0) if_empty(0)
END
FILE("Models/mixtral-8x7b.yaml")
#embed "../../Models/mixtral-8x7b.yaml" suffix(, 0) if_empty(0)
END
FILE("Models/qwen3-235b-a22b.yaml")
#embed "../../Models/qwen3-235b-a22b.yaml" suffix(, 0) if_empty(0)
END
FILE("Models/qwen3-30b-a3b.yaml")
#embed "../../Models/qwen3-30b-a3b.yaml" suffix(, 0) if_empty(0)
END
FILE("Models/qwen3-32b.yaml")
#embed "../../Models/qwen3-32b.yaml" suffix(, 0) if_empty(0)
END
FILE("Models/qwen3-8b.yaml")
#embed "../../Models/qwen3-8b.yaml" suffix(, 0) if_empty(0)
END
FILE("Models/qwen3-coder-480b-a35b.yaml")
#embed "../../Models/qwen3-coder-480b-a35b.yaml" suffix(, 0) if_empty(0)
END
FILE("Models/qwen3-next-80b-a3b.yaml")
#embed "../../Models/qwen3-next-80b-a3b.yaml" suffix(, 0) if_empty(0)
END
FILE("Models/qwen3.5-397b-a17b.yaml")
#embed "../../Models/qwen3.5-397b-a17b.yaml" suffix(, 0) if_empty(0)
END
FILE("Sources/CEmbeddedFacts/Schemas/manifests.json")
#embed "Schemas/manifests.json" suffix(, 0) if_empty(0)
END
};

size_t embedded_file_count(void) { return sizeof files / sizeof files[0]; }

EmbeddedFile embedded_file(size_t index) { return files[index]; }

size_t embedded_file_length(size_t index) { return strlen(files[index].text); }

const char *embedded_commit(void) { return AMPD_PLAN_COMMIT; }
