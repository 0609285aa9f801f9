import GRDB
import ServingDomain
import Testing

@testable import Profiling

@Suite("Calibrations in the store")
struct CalibrationTests {
    private func calibration(
        _ model: String, gpu: String = "h200-sxm", version: String? = nil, measured: [String] = [],
        rows: Int = 4,
        interval: PredictionInterval? = nil
    ) -> StoredCalibration {
        StoredCalibration(
            platform: PlatformKey(
                gpu: gpu, engine: "vllm", model: model,
                version: version.flatMap(EngineVersion.init)),
            constants: ["per_layer_us": 1.25, "decode_factor": 0.1 + 0.2], rows: rows,
            interval: interval, source: "runs.csv, sha256:0",
            timings: ["vllm 1 in the store", "nobody"],
            versions: measured.compactMap(EngineVersion.init),
            toolVersion: "1")
    }

    @Test("what was kept comes back without loss, by platform")
    func roundTrip() throws {
        let store = try ProfileStore.inMemory()
        let interval = PredictionInterval(
            ttftFactor: 1.25, tpotFactor: 1.1, source: "rows")
        let both = [calibration("b"), calibration("a", interval: interval)]
        try store.keep(both)
        #expect(try store.calibrations() == [both[1], both[0]])
    }

    @Test("a new calibration takes the place of the old one; a GPU can be forgotten")
    func replacement() throws {
        let store = try ProfileStore.inMemory()
        try store.keep([calibration("a"), calibration("a", gpu: "h20-96gb")])
        try store.keep([calibration("a", rows: 9)])
        #expect(try store.calibrations().map(\.rows) == [4, 9])
        #expect(try store.delete(gpu: "h200-sxm") == (0, 1))
        #expect(try store.calibrations().map(\.platform.gpu) == ["h20-96gb"])
    }

    @Test("calibrations of builds stay beside each other until their own are taken anew")
    func builds() throws {
        let store = try ProfileStore.inMemory()
        try store.keep([calibration("a", rows: 7), calibration("a", version: "v0.18.0", rows: 5)])
        try store.keep([calibration("a", rows: 3), calibration("a", version: "0.19.0", rows: 3)])
        try store.keep([calibration("a", version: "0.18.0", rows: 4)])
        let kept = try store.calibrations()
        #expect(kept.map(\.platform.version?.description) == [nil, "0.18.0", "0.19.0"])
        #expect(kept.map(\.rows) == [3, 4, 3])
        // Rows of which not all name the version tell it no set of its own, but what was known of it is old.
        try store.keep([calibration("a", measured: ["0.18.0"], rows: 6)])
        #expect(try store.calibrations().map(\.rows) == [6, 3])
        #expect(try store.calibrations()[0].versions.map(\.description) == ["0.18.0"])
        try store.keep([calibration("a", version: "0.18.0", rows: 4)])
        #expect(try store.delete(gpu: "h200-sxm") == (0, 3))
    }

    @Test("calibrations of stores of version 2 are those of builds of any version")
    func migration() throws {
        let queue = try DatabaseQueue()
        try Schema.migrator.migrate(queue, upTo: "v2")
        try queue.write { db in
            try db.execute(
                sql: """
                    INSERT INTO calibrations VALUES
                        ('h200-sxm', 'vllm', 'a', 4, 1.25, 1.1, 'rows', 'runs.csv', '1');
                    INSERT INTO calibration_constants VALUES
                        ('h200-sxm', 'vllm', 'a', 'per_layer_us', 1.25);
                    """)
        }
        try Schema.migrator.migrate(queue)
        let rows = try queue.read { db in
            try Row.fetchAll(
                db,
                sql: "SELECT * FROM calibrations NATURAL JOIN calibration_constants")
        }
        let row = try #require(rows.first)
        #expect(rows.count == 1)
        let (version, source): (String, String) = (row["engine_version"], row["interval_source"])
        let (count, value): (Int, Double) = (row["rows"], row["value"])
        #expect(version.isEmpty && source == "rows")
        #expect(count == 4 && value == 1.25)
    }
}
