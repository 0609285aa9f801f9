import ArgumentParser

/// Forms of answers that have a page for a browser beside those that every command has.
enum PageForm: String, ExpressibleByArgument, CaseIterable {
    case table
    case wide
    case json
    case jsonl
    case yaml
    case csv
    case md
    case html

    /// The form that every command has; nil for a page.
    var plain: OutputFormat? { OutputFormat(rawValue: rawValue) }
}
