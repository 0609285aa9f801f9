import Catalog
import CostModeling
import Crypto
import Foundation
import ServingDomain

/// The curves that a case's costs are made of, and where they come from.
///
/// The fit that ships with the GPU's facts is used where there is one; shapes that it lacks are
/// analytic.
struct CostProfile: Sendable {
    let fit: ProfileFit
    /// One line for people: which timings, of which engine.
    let source: String
    /// SHA-256 over the curves.
    let digest: String

    static func find(
        for draft: CaseDraft, common: CommonOptions, catalog: Catalog
    ) throws(Failure) -> Self {
        if let shipped = try shipped(for: draft, catalog: catalog) { return shipped }
        let empty = ProfileFit(trust: .analytic, entries: [])
        return try Self(
            fit: empty, source: "analytic roofline of \(draft.hardware.name)",
            of: "roofline \(draft.hardware.name)")
    }

    init(fit: ProfileFit, source: String, of engine: String) throws(Failure) {
        self.fit = fit
        self.source = source
        let file = FitFile(
            fit: fit, gpu: "", engine: engine, engineVersion: "", source: "", date: "")
        do {
            digest = "sha256:" + SHA256.hash(data: try file.encoded()).hexadecimal
        } catch {
            throw Failure(ToolExit.internalFault, "the curves cannot be encoded: \(error)")
        }
    }

    private static func shipped(
        for draft: CaseDraft, catalog: Catalog
    ) throws(Failure) -> Self? {
        let name = "fit.json"
        do {
            guard let bytes = try catalog.file(name, ofHardware: draft.hardware.name) else {
                return nil
            }
            let file = try FitFile.decode(Data(bytes), name: "\(draft.hardware.name)/\(name)")
            return try Self(
                fit: try file.fit(name: name),
                source: "shipped fit of \(file.engine) \(file.engineVersion) on "
                    + "\(draft.hardware.name)",
                of: file.engine)
        } catch let error as CatalogError {
            throw Failure(error)
        } catch let error as CostModelError {
            throw Failure(ToolExit.badData, error.description)
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure(ToolExit.internalFault, String(describing: error))
        }
    }
}

extension Sequence where Element == UInt8 {
    /// Two lower-case hexadecimal digits per byte.
    var hexadecimal: String {
        map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
