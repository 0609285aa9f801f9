import EmbeddedFacts
import Profiling

/// Version of the tool and of what it writes.
enum Version {
    static let current = "0.1.0"

    /// What `--version` prints.
    static var text: String {
        "ampd-plan \(current) (commit \(EmbeddedFacts.commit), store schema "
            + "\(ProfileStore.schemaVersion))"
    }
}
