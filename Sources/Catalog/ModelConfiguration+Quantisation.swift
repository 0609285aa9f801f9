import ServingDomain

/// How a `quantization_config` says that weights are stored.
struct WeightQuantisation {
    let format: NumberFormat
    /// Parts of a layer in that format; nil where the file lists no modules that are left out.
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
            left += try fields.texts(key)
            isListed = true
        }
        let targets = try Self.targets(fields)
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

    /// Modules that the only group of `config_groups` names; nil where it takes all of a class.
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

    /// Whether a part is named in every layer that has it.
    func hold(_ part: ModelSpec.MatrixPart) -> Bool {
        let named = all.filter { Self.names($0, part) }
        let numbers = Set(named.map(Self.layer))
        let most = part == .attention || layers.mixture == 0 ? layers.all : layers.mixture
        return numbers.contains(nil) || !named.isEmpty && numbers.count >= most
    }

    /// Whether words stand for all of a part.
    ///
    /// That is everything, attention as a whole or its last projection, and shared experts or a dense
    /// block as a whole or their last projection. Gates and routers are never quantised.
    private static func names(_ words: [String], _ part: ModelSpec.MatrixPart) -> Bool {
        let told = words.filter { !["re", "model", "layers", "language_model"].contains($0) }
            .filter { Int($0) == nil }
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

    /// The layer that words are of; nil where they are of all.
    private static func layer(_ words: [String]) -> Int? {
        guard let place = words.firstIndex(of: "layers"), place + 1 < words.count else {
            return nil
        }
        return Int(words[place + 1])
    }

    /// The words of a name, without what stands for any number or any text in a regular expression.
    private static func words(of name: String) -> [String] {
        var text = name.lowercased()
        for wildcard in ["[0-9]+", "[0-9]*", "\\d+", "\\d*", "\\."] {
            text = text.replacing(wildcard, with: wildcard == "\\." ? "." : "*")
        }
        let words = text.split { !$0.isLetter && !$0.isNumber && $0 != "_" }.map(String.init)
        // The alternatives of `(q|k|v|o)_proj` are words of their own.
        guard text.contains(")_proj") || text.contains("]_proj") else { return words }
        return words.map { $0 == "o" || $0 == "down" ? $0 + "_proj" : $0 }
    }
}
