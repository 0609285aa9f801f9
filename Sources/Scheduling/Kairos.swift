public import ServingDomain

extension PolicyDefinition {
    /// Load-aware prefill deflection (arXiv 2607.02043).
    static let kairos = Self(
        "kairos", "Remote, unless a serving worker is sooner with chunks that keep its steps short."
    ) { policy, _ in
        let factor = policy[.deflectionFactor]
        return { $0.deflectingRoute(factor: factor) }
    }
    .with {
        $0.knobs = [.deflectionFactor, .deflectedStepShare]
        $0.sight = [.prefillWorkers, .hosts]
        $0.localPrefill = .chunked
        $0.deflection = PrefillDeflection.init
    }
}

/// How far a policy goes in moving prefills to serving workers.
public struct PrefillDeflection: Hashable, Sendable {
    /// Times the remote first-token time that a local one must stay below.
    public let factor: Double
    /// Longest step, in nanoseconds, that decoding sequences may share with parts of prompts.
    public let longestStep: Double

    public init(_ policy: ServingPolicy, _ service: ServiceLevel) {
        factor = policy[.deflectionFactor]
        longestStep = policy[.deflectedStepShare] * service.itl.inSeconds * 1e9
    }
}

extension RoutingView {
    /// Nanoseconds until the first token on the best prefill worker.
    ///
    /// Eq. 2 and the step that samples it where the session decodes; infinite where there is no
    /// prefill worker.
    @inlinable public var remoteFirstToken: Double {
        cheapestRemote().map { remoteCost($0) + home.firstStep } ?? .infinity
    }

    /// Deflects the prefill to the host of the soonest first token, if that is safe there and
    /// sooner than `factor` times the remote one; a tie stays remote, and among hosts at home.
    @inlinable
    func deflectingRoute(factor: Double) -> Route {
        var best: Host?
        for host in hosts where host.firstToken < best?.firstToken ?? factor * remoteFirstToken {
            best = host
        }
        if let best { return .serving(best.worker) }
        return cheapestRemote().map(Route.remote) ?? .local
    }
}

extension PolicyKnob {
    public static let deflectionFactor = Self(
        "deflection_factor", .number(1...1000, isOpen: false), standard: 1,
        meaning: "Times the remote first-token time below which a prefill is deflected (a).",
        origin: "Kairos; 1 deflects only what gets strictly sooner")
    public static let deflectedStepShare = Self(
        "deflected_step_share", .number(0...100, isOpen: true), standard: 1,
        meaning:
            "Longest step with deflected prompts beside decoding sequences, over the ITL bound.",
        origin: "Kairos: the bound itself")
}

extension ServingPolicy.Name {
    public static let kairos = PolicyDefinition.kairos.name
}
