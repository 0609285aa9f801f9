public import ServingDomain
public import Simulation

extension DeploymentSimulation {
    /// What happens in the first replication of `deployment`, as far as `request` asks for it.
    ///
    /// - Precondition: the cost model was built for every degree of the deployment.
    public func record(_ deployment: Deployment, _ request: TapeRequest) async -> Tape {
        replications.record(await completeSetup(deployment), request)
    }
}
