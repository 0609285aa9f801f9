import ServingDomain
import Testing

@testable import Profiling

@Suite(
    "The public tables",
    .enabled(
        if: SharedTables.isPresent, "the folder ../shared/data beside the package is not there"))
struct SharedTableTests {
    @Test("every row of every table is read, and a second import adds nothing")
    func everyTable() throws {
        let paths = SharedTables.all()
        #expect(paths.count == 29)
        let store = try ProfileStore.inMemory()
        for path in paths {
            let rows = try SharedTables.dataRows(of: path)
            let first = try store.importTimings(from: path, options: options)
            let second = try store.importTimings(from: path, options: options)
            #expect(first.rowsRead == rows && first.refused == 0, "\(path)")
            #expect(first.samplesAdded + first.factsAdded > 0, "\(path)")
            #expect(second.samplesAdded == 0 && second.factsAdded == 0, "\(path)")
            #expect(
                second.duplicates == first.samplesAdded + first.factsAdded + first.duplicates,
                "\(path)")
        }
        let names = try store.contexts().map { "\($0.context)" }
        #expect(
            names == [
                "a100-80gb-sxm / vidur-sarathi unknown", "a40 / vidur-sarathi unknown",
                "h100-sxm / nccl 2.29.2", "h100-sxm / vidur-sarathi unknown",
                "h100-sxm / vllm 0.24.0", "h200-sxm / nccl 2.29.2", "h200-sxm / vllm 0.24.0",
            ])
    }

    @Test("a large table survives export and import")
    func lossless() throws {
        let (first, second) = (try ProfileStore.inMemory(), try ProfileStore.inMemory())
        let path = SharedTables.path("aiconfigurator/h100_sxm/vllm-0.24.0/moe.csv")
        let rows = try first.importTimings(from: path, options: options).samplesAdded
        #expect(try second.take(first.export(h100)).samplesAdded == rows)
        #expect(try second.digest(of: h100) == first.digest(of: h100))
    }
}
