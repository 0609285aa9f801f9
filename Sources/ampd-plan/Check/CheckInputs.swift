import Catalog
import Deploying
import Foundation
import Reporting

/// The files that a check is about, by what they are.
struct CheckInputs {
    /// Files with cases, in the order of the command line.
    private(set) var cases: [String] = []
    private(set) var plans: [String] = []
    private(set) var manifests: [ManifestFile] = []
    /// Files that cannot be read as what they seem to be.
    private(set) var broken: [CheckedSubject] = []

    private let release: SchemaRelease
    private static let endings = ["yaml", "yml", "json", "sh", "bash", "sbatch", "slurm"]
    /// Files of a folder that are larger are no configurations.
    private static let largest = 4 << 20

    /// - Parameters:
    ///   - paths: files, and folders that are searched through.
    ///   - release: of the manifests' schemas.
    /// - Throws: where a path does not exist, or names something that is nothing of all.
    init(_ paths: [String], release: SchemaRelease) throws(Failure) {
        self.release = release
        for path in paths {
            guard Self.isFolder(path) else {
                try read(path, isNamed: true)
                continue
            }
            let found = try Self.files(in: path)
            let patches = try Self.patches(among: found)
            for file in found where !patches.contains(file) { try read(file, isNamed: false) }
        }
    }

    var isEmpty: Bool { cases.isEmpty && plans.isEmpty && manifests.isEmpty && broken.isEmpty }

    private mutating func read(_ path: String, isNamed: Bool) throws(Failure) {
        let (bytes, name) = ([UInt8](try Console.read(path)), Console.name(of: path))
        if Self.isPlan(bytes) { return plans.append(path) }
        do throws(CatalogError) {
            let file = try ManifestFile(bytes: bytes, path: name, release: release)
            if let file {
                guard isNamed || file.describesWorkers || !file.findings.isEmpty else { return }
                if isNamed || !file.kinds.allSatisfy({ $0 == .script }) || file.hasWorkers {
                    manifests.append(file)
                }
            } else if Self.isCase(bytes, path, orSeemsSo: isNamed) {
                cases.append(path)
            } else if isNamed, Self.isJSON(path) {
                plans.append(path)
            } else if isNamed {
                broken.append(Self.unknown(bytes, name))
            }
        } catch {
            guard isNamed || Self.isJSON(path) || !Self.isTemplate(bytes) else {
                return broken.append(Self.template(name, error))
            }
            // Whoever names a JSON file that is nothing else means a plan, which then says what is wrong.
            guard !isNamed || !Self.isJSON(path) else { return plans.append(path) }
            broken.append(CheckedSubject(broken: name, error))
        }
    }

    /// Whether a text has the marks of a chart's template, which is no YAML before it is filled in.
    private static func isTemplate(_ bytes: [UInt8]) -> Bool {
        bytes.firstRange(of: Array("{{".utf8)) != nil
    }

    /// A file that is no fault before it is filled in, and that nobody has looked at.
    private static func template(_ name: String, _ error: CatalogError) -> CheckedSubject {
        var finding = Finding(
            .schema,
            "looks like a template of a chart and is not checked; give what `helm template` makes of it",
            at: error.place)
        finding.severity = .warning
        return CheckedSubject(
            name: name, kind: .manifest, files: [name], layout: nil, caseName: nil, trust: nil,
            findings: [finding])
    }

    private static func isJSON(_ path: String) -> Bool { path.lowercased().hasSuffix(".json") }

    private static func isPlan(_ bytes: [UInt8]) -> Bool {
        guard bytes.first(where: { $0 > 0x20 }) == UInt8(ascii: "{") else { return false }
        let document = try? JSONDecoder().decode(JSONValue.self, from: Data(bytes))
        return document?["kind"] == "PlanResult"
    }

    /// Whether a file is a case, or at least one whose kind was forgotten.
    private static func isCase(
        _ bytes: [UInt8], _ path: String, orSeemsSo isLoose: Bool
    ) -> Bool {
        let documents = try? ManifestText.documents(bytes: bytes, file: path)
        guard let document = documents?.first else { return isLoose }
        if document.member("kind")?.text == "Case" { return true }
        let version = document.member("apiVersion")?.text ?? ""
        return isLoose
            && (version.hasPrefix("ampd-plan/")
                || ["workload", "slo"].contains { document.member($0) != nil })
    }

    /// A file that is nothing of what is read.
    private static func unknown(_ bytes: [UInt8], _ name: String) -> CheckedSubject {
        let document = try? ManifestText.documents(bytes: bytes, file: name).first
        let kind = document?.member("kind")?.text.map { "of kind '\($0.shownInMessage)'" }
        let known = ManifestKind.allCases.filter(\.describesWorkers).map(\.rawValue)
        let problem =
            "the file is \(kind ?? "of no kind that it names"); expected a case (kind: Case), a plan "
            + "(kind: PlanResult) or one of " + known.joined(separator: ", ")
        return CheckedSubject(
            broken: name, .malformed(at: SourcePlace(file: name), problem: problem))
    }

    /// Files that a kustomization lays over others, which are no objects by themselves.
    private static func patches(among files: [String]) throws(Failure) -> Set<String> {
        var found: Set<String> = []
        let names = ["kustomization.yaml", "kustomization.yml"]
        for file in files {
            let parts = file.split(separator: "/", omittingEmptySubsequences: false)
            guard let name = parts.last.map(String.init), names.contains(name) else { continue }
            let bytes = [UInt8](try Console.read(file))
            let document = try? ManifestText.documents(bytes: bytes, file: file).first
            let folder = file.dropLast(name.count)
            let patches =
                (document?.member("patches")?.elements ?? []).map { $0.member("path")?.text }
                + (document?.member("patchesStrategicMerge")?.elements ?? []).map(\.text)
            for path in patches.compactMap({ $0 }) {
                found.insert(
                    String(folder) + (path.hasPrefix("./") ? String(path.dropFirst(2)) : path))
            }
            if !patches.isEmpty {
                Console.say(
                    "warning: \(file) lays patches over objects, which are checked without them; give "
                        + "what `kubectl kustomize` makes of it")
            }
        }
        return found
    }

    private static func isFolder(_ path: String) -> Bool {
        var isFolder = ObjCBool(false)
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
            && isFolder.boolValue
    }

    /// Configurations in a folder and those below, sorted; none of hidden ones.
    private static func files(in folder: String) throws(Failure) -> [String] {
        let url = URL(fileURLWithPath: folder, isDirectory: true)
        guard
            let walk = FileManager.default.enumerator(
                at: url, includingPropertiesForKeys: [.isRegularFileKey, .fileSizeKey],
                options: [.skipsHiddenFiles])
        else {
            throw Failure(ToolExit.readWrite, "\(folder): cannot be read; check its permissions.")
        }
        let lead = folder.hasSuffix("/") ? folder : folder + "/"
        var found: [String] = []
        while let file = walk.nextObject() as? URL {
            guard endings.contains(file.pathExtension.lowercased()),
                let facts = try? file.resourceValues(forKeys: [.isRegularFileKey, .fileSizeKey]),
                facts.isRegularFile == true, (facts.fileSize ?? 0) <= largest
            else { continue }
            let inner = file.standardizedFileURL.path.dropFirst(
                url.standardizedFileURL.path.count + (folder == "/" ? 0 : 1))
            found.append(lead + inner)
        }
        return found.sorted()
    }
}

extension CheckedSubject {
    /// A file that cannot be read as a case or a manifest.
    init(broken path: String, _ error: CatalogError, kind: Kind = .manifest) {
        self.init(
            name: path, kind: kind, files: [path], layout: nil, caseName: nil, trust: nil,
            findings: [Finding(error)])
    }
}

extension Finding {
    /// What is wrong with a file: an unknown key, or anything else about its form.
    init(_ error: CatalogError) {
        let isUnknown = if case .unknownKey = error { true } else { false }
        let key =
            switch error {
            case .unknownKey(_, let key, _, _), .duplicateKey(_, let key): key
            case .missing(_, let field, _), .invalid(_, let field, _, _): field
            default: ""
            }
        self.init(
            isUnknown ? .unknownField : .schema, error.description, at: error.place, key: key)
    }
}

extension CatalogError {
    /// Where it stands; nil for names that no file holds.
    var place: SourcePlace? {
        switch self {
        case .malformed(let place, _), .duplicateKey(let place, _), .unknownKey(let place, _, _, _),
            .missing(let place, _, _), .invalid(let place, _, _, _),
            .unknownArchitecture(let place, _, _):
            place
        case .unreadable(let file, _): SourcePlace(file: file)
        case .unknownName, .nameTaken: nil
        }
    }
}
