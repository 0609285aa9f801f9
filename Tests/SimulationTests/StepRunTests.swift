import CostModeling
import DiscreteEvents
import Testing

@testable import Simulation

/// Closed forms over the steps of a batch against counting them one by one.
@Suite("Runs of steps")
struct StepRunTests {
    /// Runs of up to 40 steps from nothing to a few milliseconds, some of growing length.
    private func run(_ random: inout RandomSequence) -> StepRun {
        let lengths: [Int64] = [0, 1, 1 << 20, 3_141_592, 5 << 40]
        let growths: [Int64] = [0, 1, 77, 1 << 19, 1 << 33]
        return StepRun(
            start: Int128(random.integer(below: 1 << 40)) << Int128(random.integer(below: 12)),
            first: lengths[random.integer(below: lengths.count)],
            growth: growths[random.integer(below: growths.count)],
            steps: random.integer(below: 41), isFitted: true)
    }

    /// Up to 40 steps, each shorter than the one before it.
    private func shrinkingRun(_ random: inout RandomSequence) -> StepRun {
        let growth = [Int64(1), 77, 1 << 33][random.integer(below: 3)]
        return StepRun(
            start: Int128(random.integer(below: 1 << 40)), first: growth * 41 + 3_141_592,
            growth: -growth, steps: random.integer(below: 41), isFitted: true)
    }

    @Test("as many steps have ended as have an end that is not later, at any instant")
    func endedSteps() {
        var random = RandomSequence(seed: 5, named: "ended steps")
        for number in 0..<2_500 {
            let run = number % 5 == 0 ? shrinkingRun(&random) : run(&random)
            let ends = (0...run.steps).map { run.end(after: $0) }
            for end in ends {
                for shift: Int64 in [-1, 0, 1] {
                    let time = end + shift
                    let counted = ends.dropFirst().prefix { $0 <= time }.count
                    #expect(run.ended(by: time) == counted, "\(run) at \(time)")
                }
            }
        }
    }

    @Test("steps of two batches together are as long as the longer, while that is the same batch")
    func togetherSteps() {
        var random = RandomSequence(seed: 7, named: "steps together")
        var overtaken = 0
        for _ in 0..<2_000 {
            let (one, other) = (run(&random), run(&random))
            let common = one.together(with: other)
            let most = min(one.steps, other.steps)
            #expect(common.steps <= most && (common.steps > 0 || most == 0))
            for step in 0..<common.steps {
                #expect(common.ticks(of: step) == max(one.ticks(of: step), other.ticks(of: step)))
            }
            guard common.steps < most else { continue }
            overtaken += 1
            let next = common.steps
            #expect(common.ticks(of: next) < max(one.ticks(of: next), other.ticks(of: next)))
        }
        #expect(overtaken > 50)
    }

    @Test("a batch grows by the blocks that its sequences begin", arguments: [1, 3, 16, 24])
    func blockGrowth(blockSize: Int) {
        var random = RandomSequence(seed: 6, named: "block growth")
        for _ in 0..<200 {
            var growth = BlockGrowth(blockSize: blockSize)
            let lengths = (0..<(1 + random.integer(below: 5))).map { _ in
                random.integer(below: 100)
            }
            let start = random.integer(below: 50)
            for length in lengths { growth.change(by: 1, length: length, step: start) }
            // A sequence begins a block where its length is a multiple of the size.
            let needs = (0..<60).map { step in
                lengths.count { ($0 + step).isMultiple(of: blockSize) }
            }
            let count = random.integer(below: 60)
            let needed = needs.prefix(count).reduce(0, +)
            #expect(growth.blocks(from: start, count: count) == needed)
            let blocks = random.integer(below: 30)
            let fitting = (0...count).last { needs.prefix($0).reduce(0, +) <= blocks }
            #expect(growth.steps(from: start, within: blocks, upTo: count) == fitting)
        }
    }
}
