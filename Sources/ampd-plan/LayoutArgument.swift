import ArgumentParser
import ServingDomain

/// A layout such as `P:4x2,D:8x1`.
struct LayoutArgument: SpokenArgument {
    static let expectation =
        "P and D groups, or C groups alone, as degree x replicas with a degree that is a power "
        + "of two up to 64 and 1 to 4096 replicas, for example P:4x1,D:4x1 or C:8x1; with ranks and "
        + "experts of an engine D:1dp8ep8x2, with a pool P:4x1@h100"

    let deployment: Deployment

    init?(argument: String) {
        guard let deployment = Deployment(notation: argument) else { return nil }
        self.deployment = deployment
    }
}
