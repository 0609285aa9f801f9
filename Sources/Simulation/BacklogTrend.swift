/// The number of waiting rounds as arriving jobs find it, at equally spaced ones of the measured.
struct BacklogTrend: Sendable {
    /// Readings of a long run, one less than this many apart.
    private static let readings = 65

    /// Measured jobs.
    private let jobs: Int
    /// Jobs from one reading to the next.
    private let spacing: Int
    private var waiting: [Int] = []

    init(jobs: Int) {
        self.jobs = jobs
        spacing = max(1, (jobs - 1) / (Self.readings - 1))
    }

    /// So many rounds wait when a measured job arrives; jobs come in order, counted from 0.
    mutating func note(_ rounds: Int, job: Int) {
        if job % spacing == 0 { waiting.append(rounds) }
    }

    /// Rounds by which the backlog grew from the first measured job to the last: the line of least
    /// squares through the readings.
    var growth: Double {
        let n = Double(waiting.count)
        guard waiting.count > 1 else { return 0 }
        let mean = waiting.reduce(0.0) { $0 + Double($1) } / n
        let centre = (n - 1) / 2
        var (together, squares) = (0.0, 0.0)
        for (index, rounds) in waiting.enumerated() {
            let offset = Double(index) - centre
            together += offset * (Double(rounds) - mean)
            squares += offset * offset
        }
        return together / squares / Double(spacing) * Double(jobs - 1)
    }
}
