import ArgumentParser
import Planning
import Scheduling
import ServingDomain

/// The name of a policy in kebab-case.
struct PolicyArgument: ExpressibleByArgument {
    let name: ServingPolicy.Name

    init?(argument: String) {
        let name = ServingPolicy.Name(rawValue: argument.replacing("-", with: "_"))
        guard Policies.names.contains(name) else { return nil }
        self.name = name
    }

    static var allValueStrings: [String] {
        Policies.names.map { $0.rawValue.replacing("_", with: "-") }
    }

    static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }
}

/// Policies to compare: `all`, or at least two names.
struct PolicyListArgument: SpokenArgument {
    static var expectation: String {
        "all, or at least two different policies separated by commas, of "
            + PolicyArgument.allValueStrings.joined(separator: ", ")
    }

    /// Nil for all of them.
    private let names: [ServingPolicy.Name]?

    init?(argument: String) {
        guard argument != "all" else {
            names = nil
            return
        }
        let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
        let names = parts.compactMap { PolicyArgument(argument: String($0))?.name }
        guard names.count == parts.count, names.count > 1, Set(names).count == names.count else {
            return nil
        }
        self.names = names
    }

    /// The policies in order, each with the layout that it is compared on.
    ///
    /// Of all of them the case's own, `first`, is the one that the others are compared with.
    func chosen(
        on layouts: [Deployment], first: ServingPolicy.Name
    ) throws(Failure) -> [(name: ServingPolicy.Name, layout: Deployment)] {
        let wanted = names ?? [first] + Policies.names.filter { $0 != first }
        do throws(ComparisonError) {
            let compared = try ComparedLayouts(layouts)
            var chosen: [(name: ServingPolicy.Name, layout: Deployment)] = []
            for name in wanted { chosen.append((name, try compared.layout(for: name))) }
            return chosen
        } catch {
            throw Failure(ToolExit.usage, "--compare-policies: \(error.description)")
        }
    }
}

extension ServingPolicy {
    /// Refuses a layout that the policy cannot run on, and says where it is not what its name says.
    func check(on layout: Deployment) throws(Failure) {
        switch (definition.layout, layout) {
        case (.colocated, .disaggregated):
            throw Failure(
                ToolExit.usage,
                "Policy \(name.rawValue) is for replicas that prefill and decode, and \(layout) has "
                    + "prefill workers; give a --layout such as C:4x2.")
        case (.disaggregated, .colocated) where definition.usesPrefillWorkers:
            Console.say(
                "note: \(layout) has no prefill workers, so that \(name.rawValue) prefills every "
                    + "round where it decodes, as always_local does")
        case (.disaggregated, .disaggregated) where !definition.usesPrefillWorkers:
            Console.say("note: \(name.rawValue) leaves the prefill workers of \(layout) idle")
        default: break
        }
    }
}
