import Simulation

extension Caution {
    /// What the reader of a table should know of the intervals.
    var sentence: String {
        switch self {
        case .oneReplication:
            "One replication says nothing about its error: there are no intervals."
        case .repeatedRecording:
            "The trace holds fewer sessions than the replications measure together: they share "
                + "sessions, and the intervals do not tell how other sessions would fare."
        case .heavyTail:
            "The lengths have a heavy tail (Hill index below 2): intervals may be too narrow, "
                + "whatever the number of replications."
        case .warmUp:
            "The first measured sessions still differ from later ones: the runs are too short for "
                + "this load (planning.sessions)."
        case .fewObservations:
            "Some intervals rest on few independent observations and may be too narrow: use more "
                + "or longer replications (planning.replications, planning.sessions)."
        }
    }
}
