import Foundation
import Scheduling
import ServingDomain

/// How a scenario is named, so that a failing one can be run again alone.
extension Scenario: CustomStringConvertible {
    /// Scenarios in which the policies and the kinds of load take turns.
    init(number: Int) {
        let policies = Self.policies
        self.init(
            seed: UInt64(number), policy: policies[number % policies.count],
            load: .of(number / policies.count))
    }

    static var policies: [ServingPolicy.Name] { Policies.names }

    /// Seed, policy, load and, where sessions start others, `jobs`, as `AMPD_SCENARIO` takes them.
    var description: String {
        "\(seed),\(policy.rawValue),\(load.rawValue)" + (hasJobs ? ",jobs" : "")
    }

    /// - Parameter description: seed, policy, load and perhaps `jobs` with commas between them.
    init?(_ description: String) {
        let parts = description.split(separator: ",").map(String.init)
        guard parts.count == 3 || (parts.count == 4 && parts[3] == "jobs"),
            let seed = UInt64(parts[0]),
            let policy = Self.policies.first(where: { $0.rawValue == parts[1] }),
            let load = Load(rawValue: parts[2])
        else { return nil }
        self.init(seed: seed, policy: policy, load: load)
        if parts.count == 4 { self = withJobs }
    }

    /// The command that checks every law on this scenario alone.
    var replay: String { "AMPD_SCENARIO=\(self) swift test --filter ReplayTests" }

    /// What the environment asks for; nil where it asks for none.
    static var asked: String? { ProcessInfo.processInfo.environment["AMPD_SCENARIO"] }

    /// How many scenarios a test runs: `few`, ten times as many with AMPD_VERIFY=sample, and a
    /// hundred times as many with AMPD_VERIFY=1.
    static func count(_ few: Int) -> Int {
        switch ProcessInfo.processInfo.environment["AMPD_VERIFY"] {
        case "1": 100 * few
        case "sample": 10 * few
        default: few
        }
    }
}
