import ServingDomain
import Testing

@testable import Simulation

@Suite("The gate before prompts")
struct PromptGateTests {
    private typealias Load = PromptGate.Load

    /// All ranks decode; prompts wait on some of them.
    private let some = Load(somePrompts: true, allPrompts: false)
    private let all = Load(somePrompts: true)
    private let none = Load(somePrompts: false, allPrompts: false)

    private func balance(_ patience: Int, _ gathering: Int = 0) -> PromptGate.Rule {
        .balance(PromptBalance(patience: patience, gathering: gathering))
    }

    /// Whether prompts are held in each step, where loads before and after forming are the same.
    private func held(
        after gate: PromptGate = PromptGate(), _ loads: [Load], _ rule: PromptGate.Rule
    ) -> [Bool] {
        var gate = gate
        return loads.map { load in
            gate.decide(load, rule)
            gate.settle(load, rule)
            return gate.holdsPrompts
        }
    }

    @Test("patience counts through steps without any prompt, and starts anew when all have one")
    func patience() {
        #expect(
            held([none, some, some, some, some], balance(3)) == [true, true, false, true, true])
        #expect(
            held([some, all, some, some, some], balance(3)) == [true, false, true, true, false])
        let idle = Load(somePrompts: true, allPrompts: false, allSequences: false)
        #expect(
            held([some, idle, some, some, some], balance(3)) == [true, false, true, true, false])
    }

    @Test("gathering goes on where it was after a step in which a rank lacked a prompt")
    func gathering() {
        #expect(
            held([all, some, all, all], balance(9, 2)) == [true, true, true, false])
    }

    @Test("steps that nobody looks at count as if each had been looked at")
    func runs() {
        for rule in [balance(5, 2), .pooling(steps: 4, tokens: 10), .receiving(every: 5)] {
            for load in [some, all, none] {
                for length in 1...12 {
                    var (one, run) = (PromptGate(), PromptGate())
                    run.decide(load, rule)
                    run.settle(load, rule)
                    run.count(length - 1, rule)
                    for _ in 0..<length {
                        one.decide(load, rule)
                        one.settle(load, rule)
                    }
                    let loads = Array(repeating: load, count: 8)
                    #expect(held(after: run, loads, rule) == held(after: one, loads, rule))
                }
            }
        }
    }

    @Test("a step that was looked at counts once, whatever it left")
    func once() {
        var gate = PromptGate()
        let rule = PromptGate.Rule.pooling(steps: 3, tokens: 10)
        gate.decide(all, rule)
        gate.settle(Load(somePrompts: true, isEnough: true), rule)
        gate.count(0, rule)
        #expect(held(after: gate, [all, all, all], rule) == [true, true, false])
    }

    @Test("who comes is looked at after so many steps, after a prompt, and where nobody decodes")
    func receiving() {
        let rule = PromptGate.Rule.receiving(every: 3)
        #expect(
            held([none, some, some, some, some, some, some], rule)
                == [false, true, true, false, true, true, false])
        var computing = some
        computing.computesPrompts = true
        #expect(
            held([none, computing, some, some, some, some], rule)
                == [false, true, false, true, true, false])
        let idle = Load(somePrompts: true, allSequences: false, someSequences: false)
        #expect(held([none, idle, some, some], rule) == [false, false, true, true])
        let part = Load(somePrompts: true, someParts: true)
        #expect(held([none, part, some, some], rule) == [false, false, true, true])
        var (resting, gate) = (none, PromptGate())
        resting.hasWork = false
        gate.decide(resting, rule)
        gate.settle(resting, rule)
        #expect(held(after: gate, [some, some], rule) == [false, true])
    }

    @Test("a gate that was given up starts anew")
    func givenUp() {
        var gate = PromptGate()
        gate.decide(some, balance(3))
        gate.giveUp()
        gate.settle(some, balance(3))
        #expect(!gate.holdsPrompts && gate.mostSteps == .max)
        #expect(held(after: gate, [some, some, some], balance(3)) == [true, true, false])
    }
}
