import Catalog
import CostModeling
import Foundation

/// Models, GPUs, engines, curves and workloads that are built in, or named in their place.
extension HealthCheck {
    static func facts(_ common: CommonOptions) -> [HealthCheck] {
        let advice =
            common.models == nil && common.hardware == nil
            ? "the program is damaged: install it anew" : "mend the file that is named"
        do {
            let catalog = try Catalog(
                modelsDirectory: common.models, hardwareDirectory: common.hardware)
            return [
                names("models", catalog.modelNames, advice),
                names("GPUs", catalog.hardwareNames, advice),
                names("engines", catalog.engineNames, advice), curves(catalog), workloads,
            ]
        } catch {
            return [HealthCheck("facts", .error, error.description, advice: advice)]
        }
    }

    private static func names(_ subject: String, _ names: [String], _ advice: String) -> HealthCheck
    {
        names.isEmpty
            ? HealthCheck(subject, .error, "none", advice: advice)
            : HealthCheck(subject, .ok, "\(names.count) can be read")
    }

    /// Fits that stand beside the facts of GPUs.
    private static func curves(_ catalog: Catalog) -> HealthCheck {
        var fitted: [String] = []
        for gpu in catalog.hardwareNames {
            do throws(Failure) {
                guard let curves = try ShippedCurves(gpu, catalog) else { continue }
                _ = try curves.profile()
            } catch {
                return HealthCheck(
                    "curves", .error, error.description,
                    advice: "write them anew with `ampd-plan profile fit --output`")
            }
            fitted.append(gpu)
        }
        return HealthCheck("curves", .ok, "fits of " + fitted.joined(separator: ", "))
    }

    private static var workloads: HealthCheck {
        let broken = WorkloadLibrary.names.filter { WorkloadLibrary.named($0) == nil }
        return broken.isEmpty
            ? HealthCheck("workloads", .ok, "\(WorkloadLibrary.names.count) can be read")
            : HealthCheck(
                "workloads", .error, "cannot be read: " + broken.joined(separator: ", "),
                advice: "the program is damaged: install it anew")
    }
}
