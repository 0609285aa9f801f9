/// Whose sessions they are, where several tenants share a cluster and a workload tells.
///
/// Sessions without a tenant take no memory as long as no later one has one.
@frozen
public struct TenantLabels: Hashable, Sendable {
    /// Stands for "not told".
    public static let none: Int16 = -1

    /// Most tenants of a workload.
    public static let most = 64

    /// Whether a tenant may be called so: 1 to 200 bytes without line breaks and other control characters.
    public static func isName(_ name: String) -> Bool {
        (1...200).contains(name.utf8.count)
            && !name.unicodeScalars.contains { $0.properties.generalCategory == .control }
    }

    /// Names of the tenants; a label is a place here.
    public private(set) var names: [String] = []
    /// Label of each session; ends after the last that has one.
    @usableFromInline var labels: [Int16] = []

    public init() {}

    /// Label of a session, by its place in its table.
    @inlinable
    public func label(ofSession session: Int) -> Int16 {
        session < labels.count ? labels[session] : Self.none
    }

    /// Adds a tenant; nil where there are as many as can be.
    public mutating func add(_ name: String) -> Int16? {
        guard names.count < Self.most else { return nil }
        names.append(name)
        return Int16(names.count - 1)
    }

    mutating func set(_ label: Int16, ofSession session: Int) {
        guard label != Self.none else { return }
        precondition(names.indices.contains(Int(label)))
        while labels.count <= session { labels.append(Self.none) }
        labels[session] = label
    }

    /// The same tenants for other sessions.
    var withoutSessions: Self {
        var copy = self
        copy.labels = []
        return copy
    }
}
