import Profiling
import ServingDomain
import Validating

/// What the store knows of an engine on a platform, beside the engine's own constants.
struct EngineCalibration {
    /// Where an interval comes from that the rows of a calibration tell themselves.
    static let ownRows = "rows of the calibration that were left out in turn"

    let stored: StoredCalibration
    private let path: String

    /// The calibration of a platform, of its build if there is one; nil where the store has none.
    init?(_ platform: PlatformKey, common: CommonOptions) throws(Failure) {
        guard let store = try ProfileStore.existing(common) else { return nil }
        do {
            guard let known = try store.calibration(of: platform) else { return nil }
            self.init(known, path: store.path)
        } catch {
            throw Failure(error)
        }
    }

    /// How far predictions are off with it; nil where nobody knows.
    var interval: PredictionInterval? { stored.interval }

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
            + (stored.platform.engineVersion.map { " with version \($0)" } ?? "")
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
