import ServingDomain

/// Whether prompts of an engine begin in the step that is formed, and how long they have waited.
struct PromptGate: Hashable {
    /// What prompts wait for.
    enum Rule: Hashable {
        /// Prompts on all ranks.
        case balance(PromptBalance)
        /// So many tokens, histories and one for each sequence included, or so many steps.
        case pooling(steps: Int, tokens: Double)
    }

    /// What the ranks of the engine have to compute.
    struct Load: Hashable {
        var somePrompts = false
        var allPrompts = true
        /// Whether each of them decodes, or could.
        var allSequences = true
        /// Whether prompts that could wait for more do not, for they are enough.
        var isEnough = false
    }

    /// Whether the present step leaves prompts waiting.
    private(set) var holdsPrompts = false
    /// Steps, the present one included, after which somebody has to look whether prompts may begin.
    private(set) var mostSteps = Int.max
    /// Steps in which prompts waited; under `balance` all in which a rank lacked one.
    private var waited = 0
    /// Steps in which every rank had a prompt and more were waited for.
    private var gathered = 0
    private var load = Load()

    /// Decides about the step that is formed now, by what there is before it is formed.
    mutating func decide(_ load: Load, _ rule: Rule) {
        self.load = load
        holdsPrompts = stepsLeft(rule) > 0
        if case .balance = rule, load.allPrompts { waited = 0 }
        count(1, rule)
    }

    /// The step has been formed; this is what those after it find until somebody comes or leaves.
    mutating func settle(_ load: Load, _ rule: Rule) {
        self.load = load
        mostSteps = holdsPrompts && load.somePrompts ? 1 + stepsLeft(rule) : .max
    }

    /// Lets prompts begin that were to wait.
    mutating func giveUp() {
        holdsPrompts = false
        waited = 0
    }

    /// So many steps more in which the ranks have what they had when the last one was formed.
    mutating func count(_ steps: Int, _ rule: Rule) {
        guard steps > 0 else { return }
        switch rule {
        case .balance(let balance): count(steps, balance)
        case .pooling(let most, _):
            guard load.allPrompts, load.allSequences else { return }
            waited = load.isEnough ? 0 : (waited + steps) % (most + 1)
        }
    }

    private mutating func count(_ steps: Int, _ balance: PromptBalance) {
        switch (load.allPrompts, load.allSequences) {
        case (true, true): gathered = (gathered + steps) % (balance.gathering + 1)
        case (true, false): break
        case (false, true): waited = (waited + steps) % balance.patience
        case (false, false): waited = 0
        }
    }

    /// Steps from the next one on for which prompts wait.
    private func stepsLeft(_ rule: Rule) -> Int {
        guard load.allSequences else { return 0 }
        switch rule {
        case .balance(let balance):
            return load.allPrompts ? balance.gathering - gathered : balance.patience - 1 - waited
        case .pooling(let steps, _):
            return load.allPrompts && !load.isEnough ? steps - waited : 0
        }
    }
}
