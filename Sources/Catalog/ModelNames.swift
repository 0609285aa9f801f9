/// Names that one model goes by.
public struct ModelNames: Hashable, Sendable {
    /// The usual one first; none where the model is not known.
    public let all: [String]

    public init(_ all: [String]) { self.all = all }

    /// Whether a name that somebody wrote may mean the model.
    ///
    /// Letter case and what stands before the last slash make no difference, nor does the number format
    /// that weights of the model are published in beside others (`Qwen3-32B-FP8`), for formats are compared by
    /// themselves. A path of a file cannot tell, and may mean it.
    ///
    /// - Parameter name: such as `hf://Qwen/Qwen3-32B`.
    /// - Returns: false where it is the name of another model.
    public func mayMean(_ name: String) -> Bool {
        guard !name.hasPrefix("/"), !all.isEmpty else { return true }
        return all.contains { Self.plain($0) == Self.plain(name) }
    }

    /// Ends of names that say nothing but a format, longer ones first.
    private static let formats = ["-fp8-dynamic", "-fp8-block", "-fp8", "-bf16", "-mxfp4"]

    private static func plain(_ name: String) -> String {
        let plain = (name.split(separator: "/").last.map(String.init) ?? name).lowercased()
        let format = formats.first { plain.hasSuffix($0) }
        return String(plain.dropLast(format?.count ?? 0))
    }
}
