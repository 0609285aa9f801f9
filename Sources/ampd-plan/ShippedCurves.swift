import Catalog
import CostModeling
import Foundation
import ServingDomain

/// The curves that ship with the facts of a GPU.
///
/// `fit.json` has those of an engine's kernels. Shapes that it lacks are those of `collected.json`, which
/// comes from timings of `Hardware/collector`, but for what an engine does not do apart.
struct ShippedCurves {
    static let fileNames = ["fit.json", "collected.json"]

    /// At least one, the preferred one first, with its path below the folder of hardware.
    private let files: [(path: String, file: FitFile)]

    /// Nil where none ship with the GPU.
    init?(_ gpu: String, _ catalog: Catalog) throws(Failure) {
        var files: [(path: String, file: FitFile)] = []
        do {
            for name in Self.fileNames {
                guard let bytes = try catalog.file(name, ofHardware: gpu) else { continue }
                let path = "\(gpu)/\(name)"
                files.append((path, try FitFile.decode(Data(bytes), name: path)))
            }
        } catch let error as CatalogError {
            throw Failure(error)
        } catch let error as CostModelError {
            throw Failure(ToolExit.badData, error.description)
        } catch {
            throw Failure(ToolExit.internalFault, String(describing: error))
        }
        guard !files.isEmpty else { return nil }
        if let (path, file) = files.first(where: { $0.file.gpu != gpu }) {
            throw Failure(
                ToolExit.badData,
                "\(path): has curves of \(file.gpu); expected those of \(gpu). Carry timings over with "
                    + "`ampd-plan profile scale`.")
        }
        self.files = files
    }

    /// All curves, and in words whose kernels they are.
    func profile() throws(Failure) -> CostProfile {
        let (first, others) = (files[0].file, files.dropFirst())
        do throws(CostModelError) {
            var fit = try first.fit(name: files[0].path)
            for (path, file) in others {
                fit = fit.filled(with: try file.fit(name: path).behindEngine)
            }
            let behind = others.map { "; shapes that it lacks from \($0.file.kernels)" }.joined()
            return CostProfile(
                fit: fit, source: "shipped fit of \(first.kernels) on \(first.gpu)\(behind)",
                kernels: (first.engine, first.engineVersion, first.date))
        } catch {
            throw Failure(ToolExit.badData, error.description)
        }
    }
}
