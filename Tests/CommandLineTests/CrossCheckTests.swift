import ChildProcesses
import Foundation
import Testing

/// What our tool says of a peer's case, from its file of rounds.
private struct OurRun {
    let sessions: [Int]
    let arrivals: [Double]
    let firstTokens: [Double]
    let finishes: [Double]
    /// Decode steps after the first token.
    let steps: [Double]

    init(_ peer: PeerCase, rate: String, hasOverhead: Bool) async throws {
        let folder = try Folder()
        try folder.add(["case.yaml": .text(peer.text(rate: rate, hasOverhead: hasOverhead))])
        let answer = try await Tool.run(
            ["simulate", "case.yaml", "--rounds-out", "rounds.csv"], in: folder)
        #expect(answer.code == 0, "\(answer.words)")
        let table = Table(try folder.text("rounds.csv"))
        sessions = try table.numbers("session").map { Int($0) }
        arrivals = try table.numbers("arrival_ms")
        firstTokens = try table.numbers("first_token_ms")
        finishes = try table.numbers("finish_ms")
        steps = try table.numbers("output_tokens").map { $0 - 1 }
    }

    /// Latencies by the peer's names, ascending.
    var latencies: [String: [Double]] {
        let rounds = sessions.indices
        return [
            "ttft_ms": rounds.map { firstTokens[$0] - arrivals[$0] }.sorted(),
            "tpot_ms": rounds.filter { steps[$0] > 0 }
                .map { (finishes[$0] - firstTokens[$0]) / steps[$0] }.sorted(),
            "e2e_ms": rounds.map { finishes[$0] - arrivals[$0] }.sorted(),
        ]
    }
}

/// A percentile such as `p95` by linear interpolation, or the mean.
private func figure(_ name: String, _ sorted: [Double]) throws -> Double {
    if name == "mean" { return sorted.reduce(0, +) / Double(sorted.count) }
    let percent = try #require(Double(name.dropFirst()))
    let place = percent / 100 * Double(sorted.count - 1)
    let (low, high) = (Int(place.rounded(.down)), Int(place.rounded(.up)))
    return sorted[low] + (place - place.rounded(.down)) * (sorted[high] - sorted[low])
}

@Suite(
    "The cases of another simulator, run by the command line alone",
    .enabled(
        if: PeerCase.isExpected,
        "no cases: neither CROSSCHECK_DIR nor ../shared/data/crosscheck is there"))
struct CrossCheck {
    @Test("there are cases to check")
    func presence() {
        print("CrossCheck:", PeerCase.all.map(\.testDescription).joined(separator: ", "))
        #expect(!PeerCase.all.isEmpty, "\(PeerCase.root.path) holds no case")
    }

    @Test(
        "arrival, first token and finish of every request agree within 0.001 ms",
        arguments: PeerCase.all)
    func requests(peer: PeerCase) async throws {
        let rates = try peer.measuredRates
        #expect(!rates.isEmpty, "\(peer.testDescription) has no times of single requests")
        let names = try peer.requestsInOrder
        for (rate, file) in rates {
            let ours = try await OurRun(peer, rate: rate, hasOverhead: false)
            let theirs = Table(try String(contentsOf: file, encoding: .utf8))
            var row: [String: Int] = [:]
            for (index, name) in try theirs.texts("request_id").enumerated() { row[name] = index }
            #expect(ours.sessions.count == row.count)
            let columns = [
                ("arrival_ms", ours.arrivals), ("first_token_ms", ours.firstTokens),
                ("finish_ms", ours.finishes),
            ]
            for (column, values) in columns {
                let expected = try theirs.numbers(column)
                let worst = try zip(ours.sessions, values).map { session, value in
                    abs(value - expected[try #require(row[names[session]])])
                }.max()
                let distance = try #require(worst)
                print("CrossCheck: \(peer.testDescription) at \(rate)/s, \(column):", distance)
                #expect(distance <= 0.001, "\(column) at \(rate)/s")
            }
        }
    }

    @Test(
        "percentiles, means and attainments agree with and without engine overhead",
        arguments: PeerCase.all)
    func percentiles(peer: PeerCase) async throws {
        let runs = try peer.runs
        #expect(!runs.isEmpty)
        for run in runs {
            let rate = run.rate == run.rate.rounded() ? "\(Int(run.rate))" : "\(run.rate)"
            let ours = try await OurRun(peer, rate: rate, hasOverhead: run.hasOverhead)
            let title = "\(peer.testDescription) at \(rate)/s, overhead \(run.hasOverhead)"
            let latencies = ours.latencies
            for (metric, figures) in run.latencies.sorted(by: { $0.key < $1.key }) {
                let sorted = try #require(latencies[metric])
                for (name, expected) in figures.sorted(by: { $0.key < $1.key }) {
                    let found = try figure(name, sorted)
                    #expect(
                        abs(found - expected) <= 0.005 * expected,
                        "\(title): \(metric) \(name) is \(found), theirs \(expected)")
                }
            }
            try checkAttainment(run, latencies, title)
            let last = try #require(ours.finishes.max())
            #expect(abs(last - run.lastCompletion) <= 0.005 * run.lastCompletion, "\(title)")
        }
    }

    /// Shares below limits that the names tell, such as `ttft_le_500ms`; one request in a thousand
    /// may lie on the other side of a limit.
    private func checkAttainment(
        _ run: PeerCase.Run, _ latencies: [String: [Double]], _ title: String
    ) throws {
        for (name, expected) in run.attainment.sorted(by: { $0.key < $1.key }) {
            let parts = try #require(name.wholeMatch(of: /(\w+)_le_(\d+)ms/))
            let values = try #require(latencies["\(parts.1)_ms"])
            let limit = try #require(Double(parts.2))
            let share = Double(values.count { $0 <= limit }) / Double(values.count)
            #expect(abs(share - expected) <= 0.001, "\(title): \(name) is \(share)")
        }
    }
}
