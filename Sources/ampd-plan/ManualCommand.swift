import ArgumentParser
import Foundation

/// For `make install` and packages: not shown in help.
struct ManualCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "manual",
        abstract: "Write a manual page for every command.",
        shouldDisplay: false)

    @Argument(help: "Folder for the pages.", completion: .directory)
    var folder: String

    @OptionGroup var common: CommonOptions

    mutating func run() throws {
        let pages = ManualPage.all(of: try HelpTree.whole())
        for page in pages {
            let path = URL(fileURLWithPath: folder).appending(component: page.fileName).path
            try OutputFile(path, option: "manual").write(Data(page.text.utf8))
        }
        Console.say("\(pages.count) pages in \(folder)")
    }
}
