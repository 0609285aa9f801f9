import Catalog
import Profiling
import ServingDomain
import Validating

/// What the store knows of an engine on a platform, beside the engine's own constants.
struct EngineCalibration {
    /// Where an interval comes from that the rows of a calibration tell themselves.
    static let ownRows = "rows of the calibration that were left out in turn"

    let stored: StoredCalibration

    init(_ stored: StoredCalibration) { self.stored = stored }

    /// The calibration of a model on a GPU with an engine; nil where the store has none.
    init?(
        gpu: String, engine: String, model: String, common: CommonOptions
    ) throws(Failure) {
        guard let store = try ProfileStore.existing(common) else { return nil }
        do {
            let platform = StoredCalibration.Platform(gpu: gpu, engine: engine, model: model)
            guard let stored = try store.calibration(of: platform) else { return nil }
            self.stored = stored
        } catch {
            throw Failure(error)
        }
    }

    /// Where the constants come from, in words.
    var source: String {
        "calibrated to \(stored.rows) measured deployments of \(stored.platform.model) on "
            + "\(stored.platform.gpu): \(stored.source)"
    }

    /// The overhead of the engine with the constants of the calibration.
    func overhead(over overhead: EngineOverhead) -> EngineOverhead {
        var own = EngineConstants(stored.constants, over: overhead).overhead(over: overhead)
        own.source = source
        return own
    }

    /// Nil where nobody knows.
    var interval: PredictionInterval? {
        stored.interval.map {
            PredictionInterval(
                ttftFactor: $0.ttftFactor, tpotFactor: $0.tpotFactor, source: $0.source)
        }
    }
}
