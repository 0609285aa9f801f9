import Catalog
import CostModeling
import Foundation
import ServingDomain

/// The curves that ship with the facts of a GPU.
///
/// `fit.json` has those of an engine's kernels. Shapes that it lacks are those of `collected.json`, which
/// comes from timings of `Hardware/collector` on that GPU.
struct ShippedCurves {
    static let fileNames = ["fit.json", "collected.json"]

    /// At least one, the preferred one first.
    private let files: [FitFile]

    /// Nil where none ship with the GPU.
    init?(_ gpu: String, _ catalog: Catalog) throws(Failure) {
        var files: [FitFile] = []
        do {
            for name in Self.fileNames {
                guard let bytes = try catalog.file(name, ofHardware: gpu) else { continue }
                files.append(try FitFile.decode(Data(bytes), name: "\(gpu)/\(name)"))
            }
        } catch let error as CatalogError {
            throw Failure(error)
        } catch let error as CostModelError {
            throw Failure(ToolExit.badData, error.description)
        } catch {
            throw Failure(ToolExit.internalFault, String(describing: error))
        }
        guard !files.isEmpty else { return nil }
        self.files = files
    }

    /// All curves, and in words whose kernels they are.
    func profile() throws(Failure) -> CostProfile {
        let (first, others) = (files[0], files.dropFirst())
        do throws(CostModelError) {
            var fit = try first.fit(name: first.gpu)
            for other in others { fit = fit.filled(with: try other.fit(name: other.gpu).unfused) }
            let behind = others.map { "; shapes that it lacks from \($0.kernels)" }.joined()
            return CostProfile(
                fit: fit, source: "shipped fit of \(first.kernels) on \(first.gpu)\(behind)",
                kernels: (first.engine, first.engineVersion, first.date))
        } catch {
            throw Failure(ToolExit.badData, error.description)
        }
    }
}
