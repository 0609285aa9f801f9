import Simulation

/// Members that every document with figures of a simulation has.
extension PlanSchema {
    static let assumptions = list(object(["key": text, "value": text, "source": text]))

    /// Where costs come from.
    static var profile: JSONValue {
        object([
            "trust": DocumentShape.trust.rule,
            "trust_shares": ["type": "object", "additionalProperties": share],
            "digest": text, "source": text,
            "prediction_interval": [
                "type": ["object", "null"],
                "properties": [
                    "level": number, "ttft_factor": number, "tpot_factor": number,
                    "source": text,
                ],
            ],
        ])
    }

    /// The figures of one deployment.
    static var report: [String: JSONValue] {
        let latency: JSONValue = ["$ref": "#/$defs/latency"]
        return [
            "ttft_ms": latency, "itl_ms": latency, "tpot_ms": latency, "e2e_ms": latency,
            "memory_wait_ms": latency, "transfer_ms": latency,
            "attainment": object([
                "headline": headline, "itl_statistic": itlStatistic, "value": share,
                "low": share, "high": share,
                "caution": ["enum": .array(cautions + [.null])],
                "horizon_sessions": ["type": ["integer", "null"], "minimum": 1],
            ]),
            "attainment_by_rule": [
                "type": "object", "propertyNames": headline, "additionalProperties": share,
            ],
            "attainment_by_itl_statistic": [
                "type": "object", "propertyNames": itlStatistic,
                "additionalProperties": [
                    "type": "object", "propertyNames": headline,
                    "additionalProperties": object([
                        "value": share, "low": share, "high": share,
                    ]),
                ],
            ],
            "utilisation": object([
                "prefill": share, "decode": share, "kv_memory_peak": share,
                "transfer_port_max": ["type": ["number", "null"], "minimum": 0, "maximum": 1],
            ]),
            "warm_up": object([
                "sessions_dropped": integer,
                "sessions_detected": ["type": ["integer", "null"], "minimum": 0],
                "complete": ["type": "boolean"],
            ]),
            "local_prefill_share": share, "replications": integer,
            "sessions_simulated": integer, "rounds_simulated": integer,
            "new_tokens_simulated": integer, "output_tokens_simulated": integer,
            "kv_evictions": integer,
            "tokens_recomputed": integer, "tokens_from_host": integer,
            "sessions_refused": integer,
            "extrapolated": ["type": "boolean"], "extrapolated_share": share,
            "overload": ["type": "boolean"],
            "checks": list(["$ref": "#/$defs/check"]),
            "verdict": verdict,
        ]
    }

    /// Those that only some loads have.
    static var reportOptions: [String: JSONValue] {
        ["jobs": jobs, "tenants": list(tenant), "throughput_sessions_per_s": number]
    }
}

extension DocumentShape {
    /// An object with the figures of a deployment and further members.
    static func figures(
        _ members: [String: DocumentShape], optional: [String: DocumentShape] = [:]
    ) -> DocumentShape {
        DocumentShape(
            PlanSchema.object(
                PlanSchema.report.merging(members.mapValues(\.rule)) { $1 },
                optional: PlanSchema.reportOptions.merging(optional.mapValues(\.rule)) { $1 }))
    }

    /// An object that has those figures, or none where the deployment could not be simulated.
    static func figuresPerhaps(
        _ members: [String: DocumentShape], optional: [String: DocumentShape]
    ) -> DocumentShape {
        let figures = PlanSchema.report.merging(PlanSchema.reportOptions) { $1 }
            .mapValues(DocumentShape.init)
        return object(members, optional: figures.merging(optional) { $1 })
    }

    /// A figure with the ends of its interval.
    static func interval(_ figure: DocumentShape) -> DocumentShape {
        object(["value": figure, "low": figure, "high": figure])
    }
}
