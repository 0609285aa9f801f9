import ServingDomain

extension Fields {
    /// Formats of numbers by name; none where the key is absent.
    func formats(_ key: String) throws(CatalogError) -> [NumberFormat] {
        try texts(key).map { name throws(CatalogError) in
            guard let format = NumberFormat(rawValue: name) else {
                throw invalid(
                    key,
                    expected: "some of "
                        + NumberFormat.allCases.map(\.rawValue).joined(separator: ", "))
            }
            return format
        }
    }
}
