public import ServingDomain

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

    /// Whether a name is one of the model's own, letter case aside.
    public func holds(_ name: String) -> Bool {
        all.contains { $0.lowercased() == name.lowercased() }
    }

    /// Ends of names that say nothing but the format of the weights, longer ones before those they end in.
    ///
    /// What publishers mean by them: `-FP8` of some has scales of blocks, `-FP8-dynamic` has one
    /// per channel, which is taken for one per tensor.
    private static let formats: [(ending: String, format: NumberFormat)] = [
        ("-fp8-dynamic", .fp8), ("-fp8-block", .fp8Block), ("-fp8", .fp8Block), ("-bf16", .bf16),
        ("-mxfp4", .mxfp4), ("-nvfp4", .nvfp4), ("-fp4", .nvfp4), ("-gptq-int4", .int4),
        ("-awq-int4", .int4), ("-quantized.w4a16", .int4), ("-w4a16", .int4), ("-int4", .int4),
        ("-awq", .int4), ("-gptq", .int4),
    ]

    /// The format that a published name ends in; nil of other names, and of paths.
    ///
    /// - Parameter name: such as `nvidia/Qwen3-32B-NVFP4`, in any case of letters.
    /// - Returns: what the publisher means by its end.
    public static func format(in name: String) -> NumberFormat? {
        guard !isPath(name), let format = ending(of: name)?.format else { return nil }
        let parts = name.replacing("hf://", with: "").split(separator: "/")
        guard format == .fp8Block, parts.count == 2, let owner = parts.first else { return format }
        return ownersOfBlocks.contains(owner.lowercased()) ? .fp8Block : .fp8
    }

    /// Who publishes weights with a scale for each block as `-FP8`; others have one for a tensor or a channel.
    private static let ownersOfBlocks = ["qwen", "deepseek-ai", "minimaxai", "moonshotai"]

    /// Whether a name is a place in a file system, and neither `name` nor `owner/name`.
    static func isPath(_ name: String) -> Bool {
        let bare = name.replacing("hf://", with: "")
        return ["/", ".", "~"].contains { bare.hasPrefix($0) } || bare.count { $0 == "/" } > 1
    }

    /// A name without its publisher and the format of the weights; nil where it says none.
    static func withoutFormat(_ name: String) -> String? {
        guard !isPath(name), let ending = ending(of: name)?.ending else { return nil }
        return String(name.dropLast(ending.count)).split(separator: "/").last.map(String.init)
    }

    private static func ending(of name: String) -> (ending: String, format: NumberFormat)? {
        let name = name.lowercased()
        return formats.first { name.hasSuffix($0.ending) && name.count > $0.ending.count }
    }

    private static func plain(_ name: String) -> String {
        let own = (name.split(separator: "/").last.map(String.init) ?? name).lowercased()
        return withoutFormat(own) ?? own
    }
}

extension ModelSpec {
    /// The format of the weights that a name of this model means.
    ///
    /// - Parameter name: what somebody calls the model.
    /// - Returns: what the name ends in; the published format where it says nothing, or eight bits of published
    ///   weights that have them.
    public func format(named name: String) -> NumberFormat {
        guard let named = ModelNames.format(in: name) else { return nativeFormat }
        return named.computeFormat == .fp8 && nativeFormat.computeFormat == .fp8
            ? nativeFormat : named
    }
}
