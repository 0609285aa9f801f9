import Foundation
import Profiling

/// Databases and the folders that they lie in.
extension HealthCheck {
    static func stores(_ common: CommonOptions, cache: String?) -> [HealthCheck] {
        [store(common), self.cache(cache)]
    }

    private static func store(_ common: CommonOptions) -> HealthCheck {
        let path = common.storePath
        guard FileManager.default.fileExists(atPath: path) else {
            let finding = "none at \(path)"
            return common.storeIsNamed
                ? HealthCheck(
                    "profile store", .error, finding,
                    advice: "name one that exists, or make it with `ampd-plan profile import`")
                : HealthCheck("profile store", .ok, finding + "; the built-in curves are used")
        }
        return existing(
            "profile store", path,
            broken: "move it away, or restore it from `ampd-plan profile export`"
        ) { () throws(ProfilingError) in try StoreFacts.profileSchema(path: path) }
    }

    private static func cache(_ path: String?) -> HealthCheck {
        guard let path else { return HealthCheck("cache of runs", .ok, "none is wanted") }
        guard FileManager.default.fileExists(atPath: path) else {
            return HealthCheck("cache of runs", .ok, "none yet at \(path)")
        }
        return existing("cache of runs", path, broken: "delete it: all in it can be made again") {
            () throws(ProfilingError) in try StoreFacts.runSchema(path: path)
        }
    }

    private static func existing(
        _ subject: String, _ path: String, broken: String,
        schema: () throws(ProfilingError) -> String?
    ) -> HealthCheck {
        do {
            let found = try schema().map { "schema \($0)" } ?? "empty"
            guard FileManager.default.isWritableFile(atPath: path) else {
                return HealthCheck(
                    subject, .error, "\(path) is read-only", advice: "make it writable: chmod u+w")
            }
            return HealthCheck(subject, .ok, "\(path), \(found)")
        } catch .newerSchema(let path, let found, let known) {
            return HealthCheck(
                subject, .error, "\(path) has schema \(found), and \(known) is known",
                advice: "use the version of ampd-plan that wrote it, or a newer one")
        } catch {
            return HealthCheck(subject, .error, error.description, advice: broken)
        }
    }

    /// Where databases, and files on their way, are written.
    static func folders(store: String, cache: String?) -> [HealthCheck] {
        let temporary = FileManager.default.temporaryDirectory
        let named: [(subject: String, folder: URL?)] = [
            ("folder of the store", URL(fileURLWithPath: store).deletingLastPathComponent()),
            (
                "folder of the cache",
                cache.map { URL(fileURLWithPath: $0).deletingLastPathComponent() }
            ), ("temporary folder", temporary),
        ]
        return named.compactMap { subject, folder in
            folder.map { self.folder(subject, $0) }
        }
    }

    private static func folder(_ subject: String, _ url: URL) -> HealthCheck {
        let place = nearestThere(url)
        guard FileManager.default.isWritableFile(atPath: place.path) else {
            return HealthCheck(
                subject, .error, "\(place.path) is read-only",
                advice: "make it writable, or name another place (--store, --cache, TMPDIR)")
        }
        guard let free = freeBytes(of: place) else {
            return HealthCheck(subject, .ok, "\(place.path) is writable")
        }
        let finding = "\(place.path) is writable, \(free >> 20) MiB free"
        guard free < leastFree else { return HealthCheck(subject, .ok, finding) }
        return HealthCheck(
            subject, .warning, finding,
            advice: "make room: the cache alone may grow to \(RunStore.usualLimit >> 20) MiB")
    }

    /// As much as the cache may need, and as much again.
    private static let leastFree = 2 * RunStore.usualLimit

    /// The folder, or the next one above it that there is.
    private static func nearestThere(_ url: URL) -> URL {
        var place = url.standardizedFileURL
        while place.path != "/", !FileManager.default.fileExists(atPath: place.path) {
            place = place.deletingLastPathComponent()
        }
        return place
    }

    private static func freeBytes(of folder: URL) -> Int? {
        let facts = try? FileManager.default.attributesOfFileSystem(forPath: folder.path)
        return (facts?[.systemFreeSize] as? NSNumber)?.intValue
    }
}
