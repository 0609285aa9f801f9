import ArgumentParser

struct ProfileCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "profile",
        abstract: "Operator timings: what a model needs, what is measured, what it costs.",
        subcommands: [ProfileOperatorsCommand.self])
}
