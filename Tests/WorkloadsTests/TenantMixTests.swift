import ServingDomain
import Testing

@testable import Workloads

@Suite("Mixtures of tenants")
struct TenantMixTests {
    private static let trace = [
        #"{"id": "a", "arrival_s": 0, "prefix": ["x", "y"], "prefix_tokens": [4, 5], "rounds": [{"new_tokens": 50, "output_tokens": 6, "delay_after_s": 2, "tool": "sh"}, {"new_tokens": 9, "output_tokens": 2, "history_tokens": 6}]}"#,
        #"{"parent": "a", "parent_round": 0, "rounds": [{"new_tokens": 7, "output_tokens": 3}]}"#,
        #"{"arrival_s": 4, "rounds": [{"new_tokens": 90, "output_tokens": 1}]}"#,
    ].joined(separator: "\n")

    private static func recorded(_ text: String = trace) throws -> Workload {
        let table = try TraceReader.read(text).sessions
        return Workload(
            sessions: .recorded(table), rate: try #require(table.meanRate), arrivals: .replay)
    }

    private static func laws(_ rate: Double) -> Workload {
        Workload(
            sessions: .synthetic(
                Workload.Synthetic(
                    rounds: .constant(2), reading: .perRound, prefillTokens: .constant(10),
                    decodeTokens: .constant(3), environmentDelay: .constant(1))),
            rate: Rate(sessionsPerSecond: rate))
    }

    @Test("recordings keep their arrivals, trees, histories, tools and prefixes")
    func recordings() throws {
        let tenants = [
            TenantMix.Tenant(name: "one", workload: try Self.recorded()),
            TenantMix.Tenant(
                name: "two",
                workload: try Self.recorded(Self.trace.replacing("\"sh\"", with: "\"ls\""))),
        ]
        // The mean gap is 4 s, and so the recording's length is 8 s.
        #expect(TenantMix.usualWindow(of: tenants) == 8)
        let mix = try #require(TenantMix(tenants, seconds: 8, seed: 1))
        let table = mix.sessions
        #expect(mix.repeated.isEmpty && table.jobCount == 4 && table.count == 6)
        #expect(table.jobArrivals == [0, 0, 4_000_000_000, 4_000_000_000])
        #expect(table.tenants.names == ["one", "two"])
        #expect((0..<6).map { table.tenants.label(ofSession: $0) } == [0, 0, 1, 1, 0, 1])
        #expect(table.tools.names == ["sh", "ls"])
        #expect([0, 3].map { table.tools.label(ofRound: $0) } == [0, 1])
        #expect([1, 4].map { table.histories.tokens(ofRound: $0) } == [6, 6])
        #expect([2, 5].map { Int(table.rounds[$0].newTokens) } == [7, 7])
        // The second round keeps the first segment alone; nobody shares it with the other tenant.
        func segments(_ round: Int) -> [Int32] { Array(table.prefixes.segments(ofRound: round)) }
        #expect(segments(0) == [0, 1] && segments(1) == [0])
        #expect(segments(3) == [2, 3] && segments(4) == [2])
        #expect(table.prefixes.predecessors == [-1, 0, -1, 2])
    }

    @Test("a recording that is shorter than the window starts over, one that is longer is cut")
    func windows() throws {
        let tenant = TenantMix.Tenant(name: "t", workload: try Self.recorded())
        let long = try #require(TenantMix([tenant], seconds: 21, seed: 1))
        #expect(long.sessions.jobArrivals.map { $0 / 1_000_000_000 } == [0, 4, 8, 12, 16, 20])
        #expect(long.repeated == ["t"])
        // Less than two mean gaps may be behind the last arrival of what was recorded.
        let nearly = try #require(TenantMix([tenant], seconds: 15.9, seed: 1))
        #expect(nearly.sessions.jobCount == 2 && nearly.repeated.isEmpty)
        let short = try #require(TenantMix([tenant], seconds: 4, seed: 1))
        #expect(short.sessions.jobArrivals == [0] && short.repeated.isEmpty)
    }

    @Test("laws are drawn at their rates, each tenant's from a stream of its own")
    func drawn() throws {
        let tenants = ["a", "b", "c"].enumerated().map {
            TenantMix.Tenant(name: $0.element, workload: Self.laws(Double($0.offset + 1)))
        }
        #expect(abs(TenantMix.usualWindow(of: tenants) - 200_000 / 12) < 1e-6)
        let table = try #require(TenantMix(tenants, seconds: 1_000, seed: 3)).sessions
        var arrivals: [[Int64]] = [[], [], []]
        for session in 0..<table.count {
            arrivals[Int(table.tenants.label(ofSession: session))].append(table.arrivals[session])
        }
        for (place, times) in arrivals.enumerated() {
            let expected = Double(place + 1) * 1_000
            #expect(abs(Double(times.count) - expected) < 4 * expected.squareRoot())
            #expect((times.last ?? 0) < 1_000_000_000_000)
        }
        // Another tenant beside it changes nothing.
        let alone = try #require(TenantMix([tenants[1]], seconds: 1_000, seed: 3)).sessions
        #expect(alone.arrivals == arrivals[1])
        let same = Self.laws(1)
        let two = ["x", "y"].map { TenantMix.Tenant(name: $0, workload: same) }
        let pair = try #require(TenantMix(two, seconds: 1_000, seed: 3)).sessions
        #expect(Set(pair.arrivals).count == pair.count)
    }

    @Test("tenants in our traces")
    func traces() throws {
        let csv =
            "session_id,arrival_s,new_tokens,output_tokens,tenant\na,0,5,1,x\na,,6,1,\nb,1,7,1,\n"
        let table = try TraceReader.read(csv).sessions
        #expect((0..<2).map { table.tenants.label(ofSession: $0) } == [0, -1])
        #expect(table.tenants.names == ["x"])
        let lines =
            #"{"id":"a","arrival_s":1,"tenant":"x","rounds":[{"new_tokens":1,"output_tokens":1}]}"#
            + "\n"
            + #"{"parent":"a","parent_round":0,"rounds":[{"new_tokens":1,"output_tokens":1}]}"#
        let tree = try TraceReader.read(lines).sessions
        #expect((0..<2).map { tree.tenants.label(ofSession: $0) } == [0, 0])
        for (bad, message) in [
            (csv.replacing("a,,6,1,", with: "a,,6,1,y"), "Line 3, tenant: found 'y', expected"),
            (
                lines.replacing(#""parent":"#, with: #""tenant":"x","parent":"#),
                "Line 2, tenant: found 'x', expected nothing beside parent"
            ),
            (
                "arrival_s,new_tokens,output_tokens,tenant\n"
                    + (0..<65).map { "0,1,1,t\($0)" }.joined(separator: "\n"),
                "Line 66, tenant: found another name, expected at most 64 tenants"
            ),
        ] {
            let found = #expect(throws: WorkloadError.self) { try TraceReader.read(bad) }
            #expect(found?.description.hasPrefix(message) == true, "\(found?.description ?? "")")
        }
    }
}
