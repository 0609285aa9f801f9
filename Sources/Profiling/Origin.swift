internal import ServingDomain

/// What a batch of timings was measured on, and how far it may be believed.
struct Origin: Hashable {
    let context: ProfileContext
    let trust: Trust

    /// Puts together what the options, the comments of the file and its path tell, in this order.
    ///
    /// Trust is `measured` unless told otherwise.
    static func resolve(
        file: SourceFile, comments: TableComments, layout: TableLayout, options: ImportOptions
    ) throws(ProfilingError) -> Origin {
        let path = PathHints(file: file, family: layout.family)
        let told = [
            "gpu": options.gpu ?? comments.gpu ?? path.gpu,
            "engine": options.engine ?? comments.engine ?? path.engine,
            "engine_version": options.version ?? comments.version ?? path.version,
        ]
        func value(_ key: String) throws(ProfilingError) -> String {
            guard let value = told[key] ?? nil else {
                throw ProfilingError.originUnknown(file: file.path, missing: key)
            }
            guard isUsable(value) else {
                throw ProfilingError.unusableName(file: file.path, field: key, value: value)
            }
            return value
        }
        return Origin(
            context: ProfileContext(
                gpu: GPUName.canonical(try value("gpu")), engine: try value("engine"),
                version: try value("engine_version")),
            trust: options.trust ?? comments.trust ?? .measured)
    }

    private static func isUsable(_ name: String) -> Bool {
        !name.isEmpty && name.count <= 100 && name.first != " " && name.last != " "
            && name.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    }
}

/// Names of GPU types.
enum GPUName {
    /// Systems that other projects call differently.
    private static let renamed = [
        "a100": "a100-80gb-sxm", "a100-sxm": "a100-80gb-sxm", "b200-sxm": "b200",
        "h100": "h100-sxm", "h200": "h200-sxm", "rtx4090": "rtx-4090",
        "rtxpro6000": "rtx-pro-6000",
    ]

    /// Kebab-case in lower case, under the name that the shipped hardware files use.
    static func canonical(_ name: String) -> String {
        let kebab = name.lowercased().map { $0 == "_" || $0 == " " ? "-" : String($0) }.joined()
        return renamed[kebab] ?? kebab
    }
}
