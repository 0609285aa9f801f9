import Foundation

/// What the process has used so far.
enum ProcessUse {
    /// Most bytes that were resident at once; the kernel counts in KiB.
    static var peakMemory: Int { usage.ru_maxrss * 1024 }

    /// Seconds of all cores together.
    static var processorTime: Double {
        let (user, system) = (usage.ru_utime, usage.ru_stime)
        return Double(user.tv_sec + system.tv_sec)
            + Double(user.tv_usec + system.tv_usec) / 1e6
    }

    private static var usage: rusage {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage
    }
}
