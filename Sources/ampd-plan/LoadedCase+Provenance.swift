import Catalog
import Foundation
import Reporting
import ServingDomain

extension LoadedCase {
    /// What a result document says of its inputs.
    var provenance: PlanDocument.Provenance {
        get throws(Failure) {
            PlanDocument.Provenance(
                resolvedCase: try resolvedCase,
                assumptions: assumptions,
                profileDigest: origin.digest, profileSource: origin.source, interval: interval,
                warnings: warnings, toolVersion: Version.current)
        }
    }

    /// The case in the keys of a case file, with computed targets in place of a preset.
    private var resolvedCase: JSONValue {
        get throws(Failure) {
            var resolved = draft
            resolved.service = .bounds(question.service)
            do {
                let data = try JSONEncoder().encode(CaseDocument(resolved).tree)
                return try JSONDecoder().decode(JSONValue.self, from: data)
            } catch {
                throw Failure(ToolExit.internalFault, "the case cannot be encoded: \(error)")
            }
        }
    }
}
