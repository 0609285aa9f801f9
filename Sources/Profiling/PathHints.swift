/// What the place of a file tells about its content.
///
/// - AIConfigurator: `<system>/<engine>-<version>/gemm.csv`, for example `h100_sxm/vllm-0.24.0`.
/// - Vidur: the GPU is a part of the file's name, as in `mlp_a100_llama2-70b.csv`; the tables do
///   not tell a version.
struct PathHints {
    private(set) var gpu: String?
    private(set) var engine: String?
    private(set) var version: String?

    init(file: SourceFile, family: TableLayout.Family) {
        switch family {
        case .own, .layers: break
        case .aiconfigurator: readFolders(file.folders)
        case .vidur:
            gpu = file.stem.split(separator: "_").map(String.init).first(where: Self.isGPU)
            engine = "vidur-sarathi"
            version = "unknown"
        }
    }

    private mutating func readFolders(_ folders: [String]) {
        guard let last = folders.last, let dash = Self.versionDash(in: last) else { return }
        engine = String(last[..<dash])
        version = String(last[last.index(after: dash)...])
        guard let system = folders.dropLast().last, Self.isSystem(system) else { return }
        gpu = system
    }

    /// The last hyphen, where a digit follows it.
    private static func versionDash(in name: String) -> String.Index? {
        guard let dash = name.lastIndex(of: "-"), dash > name.startIndex,
            name[name.index(after: dash)...].first?.isASCIIDigit == true
        else { return nil }
        return dash
    }

    /// A letter first and a digit somewhere, such as `h100_sxm`, `l40s` or `gb200`.
    private static func isSystem(_ name: String) -> Bool {
        name.first?.isLetter == true && name.contains(where: \.isASCIIDigit)
            && name.allSatisfy { $0.isLetter || $0.isASCIIDigit || $0 == "_" || $0 == "-" }
    }

    /// One letter and digits, such as `a100`, `a40` or `h100`.
    private static func isGPU(_ part: String) -> Bool {
        part.count >= 3 && part.first?.isLetter == true
            && part.dropFirst().allSatisfy(\.isASCIIDigit)
    }
}

extension Character {
    fileprivate var isASCIIDigit: Bool { isASCII && isWholeNumber }
}
