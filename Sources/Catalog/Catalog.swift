import Foundation
public import ServingDomain

/// The models, GPUs and engines that the program knows by name.
public struct Catalog: Sendable {
    private let models: NameIndex<ModelSpec>
    private let gpus: NameIndex<(hardware: HardwareSpec, folder: String)>
    private let engines: NameIndex<EngineFacts>
    private let hardwareFolder: FactFolder

    /// Reads every file of both folders.
    ///
    /// - Parameters:
    ///   - modelsDirectory: `<name>.yaml` files that replace the built-in models; nil keeps them.
    ///   - hardwareDirectory: `<gpu>/facts.yaml` and `engines/<name>.yaml` that replace the
    ///     built-in ones; nil keeps them, as the engines are where it has none.
    /// - Throws: the first file that cannot be read, by sorted path.
    public init(
        modelsDirectory: String? = nil, hardwareDirectory: String? = nil
    ) throws(CatalogError) {
        let modelsFolder = modelsDirectory.map(FactFolder.directory) ?? .embedded(prefix: "Models/")
        hardwareFolder =
            hardwareDirectory.map(FactFolder.directory) ?? .embedded(prefix: "Hardware/")
        models = try Self.models(in: modelsFolder)
        gpus = try Self.gpus(in: hardwareFolder)
        let builtIn = FactFolder.embedded(prefix: "Hardware/")
        let known = GPUNames(gpus, try Self.gpus(in: builtIn))
        let own = try Self.engines(in: hardwareFolder, known)
        engines = try own.names.isEmpty ? Self.engines(in: builtIn, known) : own
    }

    /// Knows nothing, for files that name nothing.
    static let empty = Catalog()

    private init() {
        models = NameIndex(kind: "model")
        gpus = NameIndex(kind: "GPU")
        engines = NameIndex(kind: "engine")
        hardwareFolder = .embedded(prefix: "Hardware/")
    }

    public var modelNames: [String] { models.names }

    /// Other names of a model.
    public func names(ofModel name: String) -> [String] { models.aliases(of: name) }

    /// The name itself with all others that the model goes by.
    public func everyName(ofModel name: String) -> ModelNames {
        ModelNames([name] + names(ofModel: name))
    }

    /// The name under which a model is published, such as `Qwen/Qwen3-32B`; nil where its file tells none.
    public func publishedName(ofModel name: String) -> String? {
        models.aliases(of: name).first { $0.contains("/") }
    }

    public var hardwareNames: [String] { gpus.names }
    public var engineNames: [String] { engines.names }

    /// The model of that name or alias, or the one that a file describes.
    ///
    /// What is no known name and contains `/` or ends in `.json` or `.yaml` is a path: a Hugging
    /// Face `config.json`, the folder that holds it, or a file like those under `Models/`. A name whose end
    /// says a format of weights (`nvidia/Qwen3-32B-NVFP4`) is that of the model without it,
    /// whoever published it.
    public func model(
        named name: String, relativeTo directory: String = ""
    ) throws(CatalogError) -> ModelSpec {
        if let known = models.find(name) { return known }
        guard let path = modelPath(name, relativeTo: directory) else {
            if let bare = ModelNames.withoutFormat(name), let known = models.find(bare) {
                return known
            }
            return try models.get(name)
        }
        let tree = try SourceText.tree(bytes: FactFolder.read(path), file: path)
        return try ModelFile(tree, name: Self.modelName(ofFileAt: path)).model
    }

    /// The format of a model's weights by the name that somebody called it; a file tells its own.
    public func weightFormat(of model: ModelSpec, named name: String) -> NumberFormat {
        modelPath(name, relativeTo: "") == nil ? model.format(named: name) : model.nativeFormat
    }

    /// The file that `name` means, or nil where it is a name.
    func modelPath(_ name: String, relativeTo directory: String) -> String? {
        guard models.find(name) == nil else { return nil }
        let isFile = [".json", ".yaml", ".yml"].contains { name.lowercased().hasSuffix($0) }
        guard isFile || name.contains("/") else { return nil }
        let path = CasePath.join(directory, name)
        var isFolder: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        guard exists else { return isFile ? path : nil }
        return isFolder.boolValue ? CasePath.join(path, "config.json") : path
    }

    public func hardware(named name: String) throws(CatalogError) -> HardwareSpec {
        try gpus.get(name).hardware
    }

    public func engine(named name: String) throws(CatalogError) -> EngineFacts {
        try engines.get(name)
    }

    /// A file next to the GPU's `facts.yaml`, such as `fit.json`; nil where there is none.
    public func file(_ fileName: String, ofHardware name: String) throws(CatalogError) -> [UInt8]? {
        let path = try gpus.get(name).folder + "/" + fileName
        return try hardwareFolder.paths().contains(path) ? hardwareFolder.bytes(path) : nil
    }
}

/// Reading the folders.
extension Catalog {
    private static func models(in folder: FactFolder) throws(CatalogError) -> NameIndex<ModelSpec> {
        var index = NameIndex<ModelSpec>(kind: "model")
        for path in try folder.paths() where path.hasSuffix(".yaml") {
            let file = try ModelFile(folder.tree(path), name: modelName(ofFileAt: path))
            try index.add(
                file.model, name: file.model.name, aliases: file.aliases,
                file: folder.shownPath(path))
        }
        return index
    }

    private static func gpus(
        in folder: FactFolder
    ) throws(CatalogError) -> NameIndex<(hardware: HardwareSpec, folder: String)> {
        var index = NameIndex<(hardware: HardwareSpec, folder: String)>(kind: "GPU")
        for path in try folder.paths() where path.hasSuffix("/facts.yaml") {
            let hardware = try HardwareFile(folder.tree(path)).hardware
            try index.add(
                (hardware, String(path.dropLast("/facts.yaml".count))), name: hardware.name,
                aliases: hardware.aliases, file: folder.shownPath(path))
        }
        return index
    }

    private static func engines(
        in folder: FactFolder, _ gpus: GPUNames
    ) throws(CatalogError) -> NameIndex<EngineFacts> {
        var index = NameIndex<EngineFacts>(kind: "engine")
        for path in try folder.paths()
        where path.hasPrefix("engines/") && path.hasSuffix(".yaml") {
            let facts = try EngineFacts(folder.tree(path), gpus)
            try index.add(
                facts, name: facts.name, aliases: facts.aliases, file: folder.shownPath(path))
        }
        return index
    }

    /// The file's name without its ending; for a `config.json` the name of its folder.
    private static func modelName(ofFileAt path: String) -> String {
        let url = URL(fileURLWithPath: path)
        let stem = url.deletingPathExtension().lastPathComponent
        return stem == "config" ? url.deletingLastPathComponent().lastPathComponent : stem
    }
}
