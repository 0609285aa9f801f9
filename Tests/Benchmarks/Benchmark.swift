/// A workload that is timed, and what is wanted of it.
struct Benchmark: Sendable {
    /// What the figure counts, and whether more or less of it is better.
    enum Unit: Sendable {
        /// Things per second.
        case rate(String)
        /// Wall time.
        case seconds
        /// How many times faster.
        case speedUp
        /// How many times as long.
        case growth

        var isBetterWhenLess: Bool {
            switch self {
            case .rate, .speedUp: false
            case .seconds, .growth: true
            }
        }

        var symbol: String {
            switch self {
            case .rate(let things): things + "/s"
            case .seconds: "s"
            case .speedUp, .growth: "x"
            }
        }

        func number(_ value: Double) -> String {
            if case .rate = self { grouped(value) } else { hundredths(value) }
        }

        func shown(_ value: Double) -> String { number(value) + " " + symbol }
    }

    /// One run.
    struct Outcome: Sendable {
        let value: Double
        /// What else the run showed.
        var note = ""
        /// Whether the run did what it is timed for, apart from its speed.
        var isValid = true
    }

    /// Why a benchmark cannot run here.
    struct Skipped: Error {
        let reason: String
    }

    typealias Run = @Sendable () async throws -> Outcome

    let name: String
    let unit: Unit
    var target: Double?
    /// Runs, of which the median counts.
    var runs = 5
    /// Makes what is not timed, and gives what is.
    let prepare: @Sendable () async throws -> Run

    /// The row of the table, without its name.
    func row() async throws -> (median: String, spread: String, target: String, note: String) {
        let run: Run
        do {
            run = try await prepare()
        } catch let skipped as Skipped {
            return ("skipped", "", wanted, skipped.reason)
        }
        var outcomes: [Outcome] = []
        for _ in 0..<runs { outcomes.append(try await run()) }
        outcomes.sort { $0.value < $1.value }
        let median = outcomes[runs / 2]
        return (
            unit.shown(median.value),
            "\(unit.number(outcomes[0].value)) .. \(unit.number(outcomes[runs - 1].value))",
            verdict(median.value, areValid: outcomes.allSatisfy(\.isValid)), median.note
        )
    }

    private var wanted: String { target.map(unit.shown) ?? "" }

    private func verdict(_ value: Double, areValid: Bool) -> String {
        guard areValid else { return "invalid" }
        guard let target else { return "" }
        let holds = unit.isBetterWhenLess ? value <= target : value >= target
        return "\(wanted): \(holds ? "met" : "missed")"
    }
}

/// Seconds that `body` takes, on the wall.
func seconds(_ body: () async throws -> Void) async rethrows -> Double {
    let (seconds, attoseconds) = try await ContinuousClock().measure(body).components
    return Double(seconds) + Double(attoseconds) / 1e18
}
