import ServingDomain
import Testing

@testable import Profiling

@Suite("Calibrations in the store")
struct CalibrationTests {
    private func calibration(
        _ model: String, gpu: String = "h200-sxm", rows: Int = 4,
        interval: PredictionInterval? = nil
    ) -> StoredCalibration {
        StoredCalibration(
            platform: PlatformKey(gpu: gpu, engine: "vllm", model: model),
            constants: ["per_layer_us": 1.25, "decode_factor": 0.1 + 0.2], rows: rows,
            interval: interval, source: "runs.csv, sha256:0", toolVersion: "1")
    }

    @Test("what was kept comes back without loss, by platform")
    func roundTrip() throws {
        let store = try ProfileStore.inMemory()
        let interval = PredictionInterval(
            ttftFactor: 1.25, tpotFactor: 1.1, source: "rows")
        let both = [calibration("b"), calibration("a", interval: interval)]
        try store.keep(both)
        #expect(try store.calibrations() == [both[1], both[0]])
        #expect(try store.calibration(of: both[0].platform) == both[0])
        #expect(
            try store.calibration(of: .init(gpu: "h200-sxm", engine: "sglang", model: "a")) == nil)
    }

    @Test("a new calibration takes the place of the old one; a GPU can be forgotten")
    func replacement() throws {
        let store = try ProfileStore.inMemory()
        try store.keep([calibration("a"), calibration("a", gpu: "h20-96gb")])
        try store.keep([calibration("a", rows: 9)])
        #expect(try store.calibrations().map(\.rows) == [4, 9])
        try store.delete(gpu: "h200-sxm")
        #expect(try store.calibrations().map(\.platform.gpu) == ["h20-96gb"])
    }
}
