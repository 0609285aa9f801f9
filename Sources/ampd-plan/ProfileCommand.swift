import ArgumentParser

struct ProfileCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "profile",
        abstract: "Operator timings: import, fit, inspect; what a model needs and what it costs.",
        subcommands: [
            ProfileImportCommand.self, ProfileListCommand.self, ProfileShowCommand.self,
            ProfileFitCommand.self, ProfileCostCommand.self, ProfileCoverageCommand.self,
            ProfileOperatorsCommand.self, ProfileSynthCommand.self, ProfileScaleCommand.self,
            ProfileExportCommand.self, ProfileDeleteCommand.self,
        ])
}
