public import Deploying
public import ServingDomain

/// What an export wrote.
public struct ExportListing: Answer, Sendable {
    private let folder: String
    private let files: [(name: String, bytes: Int)]
    private let target: ExportTarget
    private let layout: Deployment

    public init(
        folder: String, files: [(name: String, bytes: Int)], target: ExportTarget,
        layout: Deployment
    ) {
        self.folder = folder
        self.files = files
        self.target = target
        self.layout = layout
    }

    public var table: TextTable {
        var table = TextTable([("file", .left), ("bytes", .right)])
        let lead = folder.hasSuffix("/") ? folder : folder + "/"
        for file in files { table.append([lead + file.name, String(file.bytes)]) }
        return table
    }

    public var lines: [JSONValue] { value["files"]?.elements ?? [] }

    public var value: JSONValue {
        [
            "apiVersion": .string(PlanDocument.apiVersion), "kind": "ExportResult",
            "target": .string(target.rawValue), "layout": .string(layout.description),
            "gpus": .integer(layout.gpus.value), "folder": .string(folder),
            "files": .array(
                files.map { ["name": .string($0.name), "bytes": .integer($0.bytes)] }),
        ]
    }
}

extension ExportListing {
    static var shape: DocumentShape {
        .object([
            "apiVersion": .apiVersion, "kind": .const("ExportResult"),
            "target": .oneOf(ExportTarget.allCases.map(\.rawValue)), "layout": .text,
            "gpus": .positive, "folder": .text,
            "files": .list(.object(["name": .text, "bytes": .count])),
        ])
    }
}
