/// What can be wrong with fitted costs.
public enum CostModelError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A file of fitted curves cannot be used.
    case unreadableFit(file: String, reason: String)

    public var description: String {
        switch self {
        case .unreadableFit(let file, let reason):
            "\(file): not a usable file of fitted curves: \(reason). Write one with "
                + "`ampd-plan profile fit --output FILE`."
        }
    }
}
