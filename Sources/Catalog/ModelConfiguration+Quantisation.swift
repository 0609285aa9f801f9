import ServingDomain

/// How a `quantization_config` says that weights are stored.
struct WeightQuantisation {
    let format: NumberFormat
    /// Parts of a layer in that format; nil where the file does not say, and it is what its format is used for.
    let parts: Set<ModelSpec.MatrixPart>?

    /// Reads the section.
    ///
    /// - Parameters:
    ///   - fields: of the section.
    ///   - layers: of the model, and those of them that have a mixture.
    /// - Throws: a format whose costs are not modelled, at the field that says so.
    init(
        _ fields: Fields, layers: (all: Int, mixture: Int)
    ) throws(CatalogError) {
        format = try Self.format(fields)
        if let rules = fields.value("dynamic")?.entries, !rules.isEmpty {
            throw fields.invalid(
                "dynamic", expected: "no rules for single modules: they are not modelled")
        }
        var left: [String] = []
        var isListed = false
        for key in ["ignore", "modules_to_not_convert", "exclude_modules", "ignored_layers"]
        where fields.value(key).map({ !$0.isNull }) ?? false {
            let names = try fields.texts(key).filter { !$0.isEmpty }
            if names.contains(where: ModuleNames.choosesLayers) {
                throw fields.invalid(
                    key,
                    expected: "names of all layers or of single ones, for choices of layers in a "
                        + "regular expression are not read")
            }
            if layers.mixture > 0, ModuleNames(names, layers).holdsExperts {
                throw fields.invalid(
                    key, expected: "routed experts that are quantised: others are not modelled")
            }
            left += names
            isListed = true
        }
        let targets = try Self.targets(fields)
        if let targets, layers.mixture > 0, !ModuleNames(targets, layers).namesExperts {
            throw fields.invalid(
                "config_groups",
                expected: "targets with the routed experts: models that quantise "
                    + "other modules alone are not modelled")
        }
        let method = try fields.text("quant_method")
        guard isListed || targets != nil || ["awq", "gptq"].contains(method) else {
            parts = nil
            return
        }
        let leftOut = ModuleNames(left, layers)
        let taken = targets.map { ModuleNames($0, layers) }
        parts = Set(
            ModelSpec.MatrixPart.allCases.filter {
                !leftOut.hold($0) && taken?.hold($0) ?? true
            })
    }

    /// Modules that the groups of `config_groups` name; nil where one takes all of a class, or there are none.
    private static func targets(_ fields: Fields) throws(CatalogError) -> [String]? {
        guard let groups = try fields.section("config_groups"),
            let names = fields.value("config_groups")?.entries?.map(\.key)
        else { return nil }
        var all: [String] = []
        for name in names {
            all += try groups.requiredSection(name).texts("targets")
        }
        return all.isEmpty || all.contains { !$0.contains(".") } ? nil : all
    }

    private static func format(_ fields: Fields) throws(CatalogError) -> NumberFormat {
        switch try fields.text("quant_method") {
        case "fp8": return fields.value("weight_block_size") == nil ? .fp8 : .fp8Block
        case "mxfp4": return .mxfp4
        case "awq", "gptq": return try fourBits(fields, "bits")
        case "compressed-tensors": return try compressedTensors(fields)
        case "modelopt", "modelopt_fp4", "nvfp4": return try modelOptimizer(fields)
        default:
            throw fields.invalid(
                "quant_method",
                expected: "fp8, mxfp4, awq, gptq, compressed-tensors or modelopt, or no "
                    + "quantization_config for bf16")
        }
    }

    private static func fourBits(
        _ fields: Fields, _ key: String
    ) throws(CatalogError) -> NumberFormat {
        guard try fields.integer(key, in: 1...32) == 4 else {
            throw fields.invalid(key, expected: "4: integers of other widths are not modelled")
        }
        return .int4
    }

    private static func modelOptimizer(_ fields: Fields) throws(CatalogError) -> NumberFormat {
        switch try fields.text("quant_algo").uppercased() {
        case "NVFP4": return .nvfp4
        case "FP8": return .fp8
        default: throw fields.invalid("quant_algo", expected: "NVFP4 or FP8")
        }
    }

    /// The format that all groups of `config_groups` have in common.
    private static func compressedTensors(_ fields: Fields) throws(CatalogError) -> NumberFormat {
        let groups = try fields.requiredSection("config_groups")
        let names = (fields.value("config_groups")?.entries ?? []).map(\.key)
        var found: [NumberFormat] = []
        for name in names {
            found.append(try group(groups.requiredSection(name).requiredSection("weights")))
        }
        guard let first = found.first, found.allSatisfy({ $0 == first }) else {
            throw fields.invalid(
                "config_groups", expected: "one group, or several with weights of one format")
        }
        return first
    }

    private static func group(_ weights: Fields) throws(CatalogError) -> NumberFormat {
        let kind = try weights.text("type", default: "int")
        switch (try weights.integer("num_bits", in: 1...32), kind) {
        case (4, "int"): return .int4
        case (8, "float"):
            return try weights.text("strategy", default: "tensor") == "block" ? .fp8Block : .fp8
        case (4, "float"):
            switch try weights.integer("group_size", in: 1...65_536) {
            case 16: return .nvfp4
            case 32: return .mxfp4
            default:
                throw weights.invalid("group_size", expected: "16 of nvfp4 or 32 of mxfp4")
            }
        default:
            throw weights.invalid(
                "num_bits", expected: "4, or 8 of type float: other weights are not modelled")
        }
    }
}

/// Modules of a checkpoint by their names, wildcards or regular expressions.
private struct ModuleNames {
    private let all: [[String]]
    private let layers: (all: Int, mixture: Int)

    init(_ names: [String], _ layers: (all: Int, mixture: Int)) {
        all = names.map { Self.words(of: $0) }.filter { words in
            !words.contains { $0.contains("vision") || $0.contains("visual") }
        }
        self.layers = layers
    }

    /// Names of routed experts, by themselves or with all that surrounds them.
    private var ofExperts: [[String]] {
        all.filter { words in
            let told = Self.told(words)
            return told.contains("experts")
                || told.last.map(["mlp", "feed_forward"].contains) ?? true
        }
    }

    /// Whether routed experts are named in any layer.
    var namesExperts: Bool { !ofExperts.isEmpty }

    /// Whether routed experts are named in every layer that has them.
    var holdsExperts: Bool {
        isEverywhere(ofExperts, from: layers.all - layers.mixture)
    }

    /// Whether a regular expression says by a class or by alternatives which layers it is of.
    static func choosesLayers(_ name: String) -> Bool {
        let text = withoutWildcards(name)
        return ["layers.[", "layers.("].contains { text.contains($0) }
    }

    /// Whether a part is named in every layer that has it.
    func hold(_ part: ModelSpec.MatrixPart) -> Bool {
        isEverywhere(
            all.filter { Self.names($0, part) },
            from: part == .attention || layers.mixture == 0 ? 0 : layers.all - layers.mixture)
    }

    /// Whether names are of every layer from the first that has what they name; layers behind the last one
    /// foretell tokens, and are not counted.
    private func isEverywhere(_ names: [[String]], from first: Int) -> Bool {
        let numbers = Set(names.map(Self.layer))
        return numbers.contains(nil) || (first..<layers.all).allSatisfy(numbers.contains)
    }

    /// Whether words stand for all of a part.
    ///
    /// That is everything, attention as a whole or its last projection, and shared experts or a dense
    /// block as a whole or their last projection. Gates and routers are never quantised.
    private static func names(_ words: [String], _ part: ModelSpec.MatrixPart) -> Bool {
        let told = told(words)
        guard let last = told.last else { return true }
        switch part {
        case .attention:
            let isWhole = last.hasSuffix("attn") || last == "attention"
            let isProjection = told.contains { $0.hasSuffix("attn") } && last == "_proj"
            return isWhole || isProjection || told.contains("o_proj")
        case .feedForward:
            guard !told.contains(where: { $0 == "experts" || $0.hasSuffix("gate") }) else {
                return false
            }
            let isShared = told.contains { ["shared_experts", "shared_expert"].contains($0) }
            let isWhole = ["mlp", "feed_forward", "_proj"].contains(last) && told.contains("mlp")
            return isShared || isWhole || told.contains { $0.hasPrefix("down") }
        }
    }

    /// The words that name a module.
    private static func told(_ words: [String]) -> [String] {
        words.filter {
            !["re", "model", "layers", "language_model"].contains($0) && Int($0) == nil
        }
    }

    /// The layer that words are of; nil where they are of all.
    private static func layer(_ words: [String]) -> Int? {
        guard let place = words.firstIndex(of: "layers"), place + 1 < words.count else {
            return nil
        }
        return Int(words[place + 1])
    }

    /// The words of a name, without what stands for any number or any text in a regular expression.
    private static func words(of name: String) -> [String] {
        let text = withoutWildcards(name)
        let words = text.split { !$0.isLetter && !$0.isNumber && $0 != "_" }.map(String.init)
        // The alternatives of `(q|k|v|o)_proj` are words of their own.
        guard text.contains(")_proj") || text.contains("]_proj") else { return words }
        return words.map { $0 == "o" || $0 == "down" ? $0 + "_proj" : $0 }
    }

    private static func withoutWildcards(_ name: String) -> String {
        var text = name.lowercased()
        for wildcard in ["[0-9]+", "[0-9]*", "\\d+", "\\d*"] {
            text = text.replacing(wildcard, with: "*")
        }
        return text.replacing("\\.", with: ".")
    }
}
