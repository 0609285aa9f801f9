import Catalog
import ServingDomain

extension Catalog {
    /// The GPU of that name, or the failure that says which there are.
    func hardwareOrFailure(_ name: String) throws(Failure) -> HardwareSpec {
        do {
            return try hardware(named: name)
        } catch {
            throw Failure(error)
        }
    }

    /// The model of that name or file, or the failure that says what is wrong.
    func modelOrFailure(_ name: String) throws(Failure) -> ModelSpec {
        do {
            return try model(named: name)
        } catch {
            throw Failure(error)
        }
    }
}
