public import CostModeling
public import ServingDomain

/// Where the costs of a pool come from, as far as rules ask.
public struct ProfileFacts: Sendable {
    public let gpu: String
    /// Engine and version whose kernels were timed; nil of an analytic profile.
    public let engine: String?
    public let version: String?
    /// Day of the fit as `YYYY-MM-DD`; nil where nobody has said.
    public let date: String?
    public let summaries: [FitSummary]

    public init(
        gpu: String, engine: String?, version: String?, date: String?, summaries: [FitSummary]
    ) {
        self.gpu = gpu
        self.engine = engine
        self.version = version
        self.date = date
        self.summaries = summaries
    }
}

/// What is to be said of the profile that a verdict rests on.
public struct ProfileRules: Sendable {
    /// Days after which a profile counts as stale.
    private static let oldest = 365
    /// Median error on held-out timings above which a fit counts as poor.
    private static let poorest = 0.1

    private let profiles: [ProfileFacts]

    public init(_ profiles: [ProfileFacts]) { self.profiles = profiles }

    /// - Parameters:
    ///   - engine: of the case.
    ///   - version: of the engine; nil where the case does not say.
    ///   - today: as `YYYY-MM-DD`.
    /// - Returns: stale profiles, profiles of another engine or version, and poor fits.
    public func findings(engine: String, version: String?, today: CalendarDay) -> [Finding] {
        profiles.flatMap { profile in
            [stale(profile, today), foreign(profile, engine, version), poor(profile)]
                .compactMap { $0 }
        }
    }

    private func stale(_ profile: ProfileFacts, _ today: CalendarDay) -> Finding? {
        guard let date = profile.date.flatMap({ CalendarDay(String($0.prefix(10))) }) else {
            return nil
        }
        let age = today.number - date.number
        guard age > Self.oldest else { return nil }
        return Finding(
            .staleProfile,
            "the profile of \(profile.gpu) is \(age) days old (\(date)); fit it anew, or confirm it with "
                + "`ampd-plan calibrate`")
    }

    private func foreign(
        _ profile: ProfileFacts, _ engine: String, _ version: String?
    ) -> Finding? {
        guard let timed = profile.engine else { return nil }
        let isOther = timed.lowercased() != engine.lowercased()
        let isNewer = version != nil && profile.version != version
        guard isOther || isNewer else { return nil }
        let wanted = [engine, version].compactMap { $0 }.joined(separator: " ")
        return Finding(
            .staleProfile,
            "the profile of \(profile.gpu) is of \(timed) \(profile.version ?? ""), the case is for "
                + wanted)
    }

    private func poor(_ profile: ProfileFacts) -> Finding? {
        let poor = profile.summaries.filter { ($0.medianError ?? 0) > Self.poorest }
        guard !poor.isEmpty else { return nil }
        let shown = poor.map { "\($0.kind) (\($0.format)) \(($0.medianError ?? 0).percent)" }
        return Finding(
            .poorFit,
            "curves of \(profile.gpu) miss timings that they were not fitted to by more than "
                + "\(Self.poorest.percent) in the median: " + shown.joined(separator: ", "))
    }
}
