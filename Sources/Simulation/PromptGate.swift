import ServingDomain

/// Whether prompts of an engine begin in the step that is formed, and how long they have waited.
struct PromptGate: Hashable {
    /// What prompts wait for.
    enum Rule: Hashable {
        /// Prompts on all ranks.
        case balance(PromptBalance)
        /// So many tokens, histories and one for each sequence included, or so many steps.
        case pooling(steps: Int, tokens: Double)
        /// The next look at who has come, after so many steps or one with a prompt.
        case receiving(every: Int)
    }

    /// What the ranks of the engine have to compute.
    struct Load: Hashable {
        var somePrompts = false
        var allPrompts = true
        /// Whether each of them decodes, or could.
        var allSequences = true
        /// Whether prompts that could wait for more do not, for they are enough.
        var isEnough = false
        /// Whether any of them decodes, or could.
        var someSequences = true
        /// Whether a prompt is computed in part.
        var someParts = false
        /// Whether the step that was formed computes anything, and prompts.
        var hasWork = true
        var computesPrompts = false
    }

    /// Whether the present step leaves prompts waiting.
    private(set) var holdsPrompts = false
    /// Steps, the present one included, after which somebody has to look whether prompts may begin.
    private(set) var mostSteps = Int.max
    /// Steps in which prompts waited; under `balance` all in which a rank lacked one, under `receiving` all
    /// since somebody looked who has come.
    private var waited = 0
    /// Steps in which every rank had a prompt and more were waited for.
    private var gathered = 0
    private var load = Load()

    /// Decides about the step that is formed now, by what there is before it is formed.
    mutating func decide(_ load: Load, _ rule: Rule) {
        self.load = load
        holdsPrompts = stepsLeft(rule) > 0
        switch rule {
        case .balance: if load.allPrompts { waited = 0 }
        case .receiving: if !holdsPrompts { waited = 0 }
        case .pooling: break
        }
        count(1, rule)
    }

    /// The step has been formed; this is what those after it find until somebody comes or leaves.
    mutating func settle(_ load: Load, _ rule: Rule) {
        self.load = load
        if case .receiving(let interval) = rule {
            if load.computesPrompts { waited = interval }
            if !load.hasWork { waited = 0 }
        }
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
        case .receiving(let interval): waited = (waited + steps - 1) % interval + 1
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
        switch rule {
        case .receiving(let interval):
            let isLooking = waited == 0 || !load.someSequences || load.someParts
            return isLooking ? 0 : interval - waited
        case _ where !load.allSequences: return 0
        case .balance(let balance):
            return load.allPrompts ? balance.gathering - gathered : balance.patience - 1 - waited
        case .pooling(let steps, _):
            return load.allPrompts && !load.isEnough ? steps - waited : 0
        }
    }
}
