import Catalog

/// Writes the configuration of llm-d's endpoint picker, with the threshold below which prompts stay on
/// decode workers.
struct EndpointPickerWriting {
    /// As in `ExportOptions`.
    let threshold: Int?

    var files: [ExportedFile] {
        [ExportedFile("endpoint-picker.yaml", document.blockYAML)]
    }

    private var decider: String {
        threshold == nil ? "always-disagg-pd-decider" : "prefix-based-pd-decider"
    }

    private var document: DocumentValue {
        let deciders = DocumentValue.section(
            ("deciders", .section(("prefill", .text(decider)))))
        let plugins: [DocumentValue] =
            [
                .section(
                    ("type", .text(decider)),
                    (
                        "parameters",
                        threshold.map { .section(("nonCachedTokens", .integer($0))) }
                    )),
                .section(("type", .text("disagg-profile-handler")), ("parameters", deciders)),
            ]
            + [
                "prefill-filter", "decode-filter", "approx-prefix-cache-producer",
                "inflight-load-producer", "prefix-cache-scorer", "token-load-scorer",
                "active-request-scorer", "max-score-picker",
            ].map { .section(("type", .text($0))) }
        return .section(
            ("apiVersion", .text("llm-d.ai/v1")), ("kind", .text("EndpointPickerConfig")),
            ("plugins", .list(plugins)),
            (
                "schedulingProfiles",
                .list([
                    profile("prefill", [("prefill-filter", nil), ("token-load-scorer", nil)]),
                    // A session stays where its history is, as it was simulated.
                    profile(
                        "decode",
                        [
                            ("decode-filter", nil), ("prefix-cache-scorer", 3),
                            ("active-request-scorer", nil),
                        ]),
                ])
            ))
    }

    private func profile(_ name: String, _ plugins: [(name: String, weight: Int?)]) -> DocumentValue
    {
        let all = (plugins + [("max-score-picker", nil)]).map { plugin in
            DocumentValue.section(
                ("pluginRef", .text(plugin.name)),
                ("weight", plugin.weight.map(DocumentValue.integer)))
        }
        return .section(("name", .text(name)), ("plugins", .list(all)))
    }
}
