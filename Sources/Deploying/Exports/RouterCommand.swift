import ServingDomain

/// The router in front of the workers, as words of a shell.
struct RouterCommand {
    let plan: ExportPlan
    let placement: Placement
    let address: (Int) -> String

    private func processes(_ role: WorkerDescription.Role) -> [Placement.Process] {
        placement.processes.filter { $0.workers.role == role && !$0.isFollower }
    }

    /// Routers answer their own node alone unless they are told.
    private let everyAddress = ["--host", "0.0.0.0"]

    /// Nil in front of co-located vLLM workers, for which vLLM's repository has no proxy.
    var words: [String]? {
        guard plan.engine.name != "sglang" else { return sglang }
        switch plan.wiring {
        case .nixl: return toyProxy
        case .mooncake: return mooncakeProxy
        case .sglang, nil: return nil
        }
    }

    /// The example proxy of vLLM's repository for NIXL.
    private var toyProxy: [String] {
        let (prefill, decode) = (processes(.prefill), processes(.decode))
        return ["python3", "\"${VLLM_PROXY:?path of toy_proxy_server.py}\"", "--port", "8000"]
            + everyAddress + ["--prefiller-hosts"] + prefill.map { address($0.node) }
            + ["--prefiller-ports"] + prefill.map { "\($0.port)" }
            + ["--decoder-hosts"] + decode.map { address($0.node) }
            + ["--decoder-ports"] + decode.map { "\($0.port)" }
    }

    /// The one for Mooncake, which asks prefill workers at their own port for what they are.
    private var mooncakeProxy: [String] {
        ["python3", "\"${VLLM_PROXY:?path of mooncake_connector_proxy.py}\"", "--port", "8000"]
            + everyAddress
            + processes(.prefill).flatMap { ["--prefill", url($0), "\($0.bootstrapPort)"] }
            + processes(.decode).flatMap { ["--decode", url($0)] }
    }

    private func url(_ process: Placement.Process) -> String {
        "\"http://\(address(process.node).unquoted):\(process.port)\""
    }

    private var sglang: [String] {
        let head =
            ["python3", "-m", "sglang_router.launch_router", "--port", "8000"]
            + everyAddress
        guard plan.isDisaggregated else {
            return head + ["--worker-urls"] + processes(.both).map(url)
        }
        return head + ["--pd-disaggregation"]
            + processes(.prefill).flatMap { ["--prefill", url($0), "\($0.bootstrapPort)"] }
            + processes(.decode).flatMap { ["--decode", url($0)] }
    }
}
