import Foundation

/// What the process has needed so far.
enum ProcessMemory {
    /// Most bytes that were resident at once; the kernel counts in KiB.
    static var peak: Int {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss * 1024
    }
}
