import ArgumentParser
import Catalog
import ServingDomain

/// Names that shells complete: those that are built in.
extension CompletionKind {
    static let models = CompletionKind.list(catalog?.modelNames ?? [])
    static let gpus = CompletionKind.list(catalog?.hardwareNames ?? [])
    static let engines = CompletionKind.list(catalog?.engineNames ?? [])
    static let templates = CompletionKind.list(WorkloadLibrary.names)
    static let policies = CompletionKind.list(["all"] + PolicyArgument.allValueStrings)
    static let objectives = CompletionKind.list(
        Case.Planning.Objective.allCases.map { $0.rawValue.replacing("_", with: "-") })

    /// Any file; `-` for standard input completes by itself.
    static let anyFile = CompletionKind.file()

    private static let catalog = try? Catalog()
}
