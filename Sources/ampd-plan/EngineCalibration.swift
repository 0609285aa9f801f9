import Profiling
import ServingDomain
import Validating

/// What the store knows of an engine on a platform, beside the engine's own constants.
struct EngineCalibration {
    /// Where an interval comes from that the rows of a calibration tell themselves.
    static let ownRows = "rows of the calibration that were left out in turn"

    /// The same of constants for builds of any version.
    static let ownVersions = "rows of the calibration, of which each version was left out in turn"

    let stored: StoredCalibration
    private let path: String
    /// What is not as it was measured, in words.
    private var caveats: [String] = []
    /// Whether the version that is asked for is none of those that were measured.
    private var isOfOtherVersions = false
    /// Whether the constants were fitted beside other timings of kernels.
    private var isBesideOthers = false

    /// The calibration of a platform: of its build, or that for builds of any version.
    ///
    /// Nil where the store has none. `timings` are what the constants are to stand beside, in words.
    init?(_ platform: PlatformKey, beside timings: String, common: CommonOptions) throws(Failure) {
        guard let store = try ProfileStore.existing(common) else { return nil }
        let own = try Self.all(in: store).filter {
            $0.stored.platform.ofAnyVersion == platform.ofAnyVersion
        }
        let exact = own.first { $0.stored.platform == platform }
        guard let known = exact ?? own.first(where: { $0.stored.platform.version == nil }) else {
            return nil
        }
        self = known
        let measured = stored.versions
        if let version = platform.version, !measured.isEmpty, !measured.contains(version) {
            isOfOtherVersions = true
            let names = measured.map(\.description).joined(separator: " and ")
            caveats.append("with \(names), not \(version)")
        }
        if !stored.timings.isEmpty, !stored.timings.contains(timings) {
            isBesideOthers = true
            let names = stored.timings.joined(separator: " and ")
            caveats.append("beside timings of \(names), not of \(timings)")
        }
    }

    /// How far predictions are off with it; nil where nobody knows.
    ///
    /// A version that was not measured is not nearer than `usual`, which is how far they are off without a
    /// calibration.
    func interval(atLeast usual: PredictionInterval?) -> PredictionInterval? {
        guard !isBesideOthers else { return nil }
        guard isOfOtherVersions, let usual, let own = stored.interval else {
            return stored.interval
        }
        let isWider = usual.ttftFactor > own.ttftFactor || usual.tpotFactor > own.tpotFactor
        return PredictionInterval(
            ttftFactor: max(usual.ttftFactor, own.ttftFactor),
            tpotFactor: max(usual.tpotFactor, own.tpotFactor),
            source: isWider ? usual.source : own.source)
    }

    private init(_ stored: StoredCalibration, path: String) {
        self.stored = stored
        self.path = path
    }

    static func all(in store: ProfileStore) throws(Failure) -> [Self] {
        do {
            return try store.calibrations().map { Self($0, path: store.path) }
        } catch {
            throw Failure(error)
        }
    }

    /// Where the constants come from, in words.
    private var source: String { "\(known): \(stored.source)" }

    /// The same as part of a line, without the file.
    var summary: String { "constants of \(stored.platform.engine) \(known)" }

    private var known: String {
        "calibrated to \(stored.rows) measured deployments of \(stored.platform.model) on "
            + "\(stored.platform.gpu)"
            + (stored.platform.version.map { " with version \($0)" } ?? "")
            + (caveats.isEmpty ? "" : " (\(caveats.joined(separator: ", ")))")
    }

    /// Values by name, as the costs with them are told from others.
    var values: String {
        stored.constants.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
            .joined(separator: "\n")
    }

    /// Those of the calibration; what it does not have is as in `overhead`.
    ///
    /// - Throws: 65 where the store has a value that no fit can have written.
    func constants(over overhead: EngineOverhead) throws(Failure) -> EngineConstants {
        guard let constants = EngineConstants(stored.constants, over: overhead) else {
            throw Failure(
                ToolExit.badData,
                "\(path): the calibration of \(stored.platform.model) on \(stored.platform.gpu) "
                    + "with \(stored.platform.named) has a constant that is not a number from 0 to "
                    + "\(Int(EngineConstants.largest)); calibrate it again.")
        }
        return constants
    }

    /// The overhead of the engine with the constants of the calibration.
    func overhead(over overhead: EngineOverhead) throws(Failure) -> EngineOverhead {
        var own = try constants(over: overhead).overhead(over: overhead)
        own.source = source
        return own
    }
}
