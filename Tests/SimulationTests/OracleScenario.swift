import CostModeling
import DiscreteEvents
import ServingDomain

@testable import Simulation

/// A small cluster and its sessions as a document that both implementations read; the format is
/// told in Tests/Oracle/README.md.
///
/// Coefficients are multiples of 1/64 ns, so that no sum of them is ever rounded.
struct OracleScenario: Codable, Hashable {
    typealias Knots = [[Double]]

    struct Costs: Codable, Hashable {
        struct Prefill: Codable, Hashable {
            var tokens: Knots
            var sequences: Knots
            var context: Knots
            /// The part of `tokens` that data-parallel ranks compute together.
            var shared: Knots?
        }

        struct Decode: Codable, Hashable {
            var batch: Knots
            var meanContext: Knots
            /// Nanoseconds per token of the standard deviation of the contexts.
            var spread: Double?
            /// The part of `batch` that data-parallel ranks compute together.
            var shared: Knots?
        }

        var degree: Int
        var prefill: Prefill
        var decode: Decode
    }

    struct PrefillWorker: Codable, Hashable {
        /// Index into `costs`.
        var costs: Int
        var node: Int
        /// For the prompts that it keeps; no limit where there is none.
        var capacityTokens: Int?
    }

    struct ServingWorker: Codable, Hashable {
        var costs: Int
        var node: Int
        var capacityTokens: Int
    }

    struct Transfer: Codable, Hashable {
        var latencyNs: Int64
        var perBlockNs: Int64
        var bytesPerToken: Int
        /// Further bytes of the last tokens, so many of them; 0 where there is none.
        var windowBytes: Int?
        var window: Int?
        /// Bytes of a sequence, however long it is.
        var stateBytes: Int?
        /// Inside a node; infinite where there is none.
        var intraNodeBytesPerSecond: Double?
        var interNodeBytesPerSecond: Double
        var networkLanes: Int
        var contention: String
    }

    /// Layers that keep a window of tokens beside others that keep everything.
    struct Window: Codable, Hashable {
        var tokens: Int
        var layers: Int
        var wholeLayers: Int
    }

    /// How data-parallel ranks wait for each other's prompts, in steps.
    struct Balance: Codable, Hashable {
        var patience: Int
        var gathering: Int
    }

    /// How prompts wait for more, in steps, and the share of the token budget that is enough.
    struct Pooling: Codable, Hashable {
        var steps: Int
        var share: Double
    }

    /// A second tier of KV cache beside each serving worker.
    struct Host: Codable, Hashable {
        var capacityTokens: Int
        var latencyNs: Int64
        var bytesPerToken: Int
        var bytesPerSecond: Double
    }

    struct PrefillBatch: Codable, Hashable {
        var tokens: Int?
        var tasks: Int?
    }

    struct Policy: Codable, Hashable {
        var name: String
        var dispatch: String
        var windowNs: Int64
        var stateDelayNs: Int64
        /// Further knobs by their keys in a case file.
        var settings: [String: Double]
        /// Of the policy that looks up where later rounds are prefilled.
        var table: [TableEntry]?
    }

    struct TableEntry: Codable, Hashable {
        struct Latencies: Codable, Hashable {
            var ttft: Double
            var tpot: Double
        }

        var context: String
        var shape: String
        var rate: Double
        var remote: Latencies
        var local: Latencies
    }

    struct Service: Codable, Hashable {
        var ttftNs: Int64
        var itlNs: Int64
        /// What of a job's gaps counts; the mean where there is none.
        var itlStat: String?
        var jobNs: Int64?
    }

    struct Session: Codable, Hashable {
        var arrival: Int64
        /// New tokens, output tokens, delay after the round in nanoseconds, and tokens that the prompt
        /// keeps of its history, where that is not all.
        var rounds: [[Int64]]
        /// Session and round that start this one, where it does not arrive by itself.
        var startedBy: [Int]?
        /// The draw of each round, where rounds are dispatched at random.
        var draws: [UInt64]?
        /// The last of the shared segments with which its prompts begin.
        var prefix: Int?
        /// The tool that each round calls at its end, where it has a name.
        var tools: [String?]?
    }

    var name: String
    var costs: [Costs]
    var prefill: [PrefillWorker]
    var serving: [ServingWorker]
    var transfer: Transfer
    var firstTokenNs: Int64
    /// For each token of the prompt; nil for none.
    var promptTokenNs: Int64?
    var blockSize: Int
    /// Layers that keep a window alone; nil where there are none.
    var window: Window?
    /// Blocks that a sequence holds for its states; nil where there are none.
    var stateBlocks: Int?
    var maxSequences: Int
    var tokenBudget: Int
    var localPrefill: String
    var prefillBatch: PrefillBatch
    var firstTokenSite: String
    var historySource: String
    /// Length below which a history is not read; 0 where there is none.
    var leastHistoryRead: Int?
    var retention: String
    var host: Host?
    var asyncScheduling: Bool?
    /// Serving workers that step together; 1 where there is none.
    var dataParallelRanks: Int?
    /// How they wait for each other's prompts.
    var promptBalance: Balance?
    /// How prompts wait on workers that are no ranks.
    var promptPooling: Pooling?
    /// Steps after which new rounds are looked for; nil for each.
    var receiveInterval: Int?
    /// Ranks of each prefill worker; 1 where there is none.
    var prefillRanks: Int?
    var policy: Policy
    var service: Service
    var sessions: [Session]
    /// Most jobs under way.
    var concurrency: Int?
    /// Tokens of each shared segment and the segment before it, -1 for none.
    var segments: [[Int]]
}
