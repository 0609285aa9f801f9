/// A line of Prometheus' text exposition format: `name{label="value",…} value [timestamp]`.
struct MetricSample {
    let name: String
    /// Labels but `le`, sorted by name.
    let labels: [Label]
    /// The upper bound of a bucket of a histogram.
    let bound: Double?
    let value: Double
    /// Milliseconds since 1970 where the line tells it.
    let timestamp: Double?

    struct Label: Hashable {
        let name: String
        let value: String
    }

    /// A line without the exemplar that may stand behind it; nil where it is no sample.
    init?(_ text: String) {
        var rest = Substring(text).unicodeScalars[...]
        let name = rest.prefix { Self.isNamePart($0) }
        guard let first = name.first, !("0"..."9").contains(first) else { return nil }
        rest = rest[name.endIndex...].drop { $0 == " " }
        var labels: [Label] = []
        if rest.first == "{" {
            rest.removeFirst()
            guard let found = Self.labels(&rest) else { return nil }
            labels = found
        }
        let fields = String(rest).split(separator: " #").first?.split { $0 == " " || $0 == "\t" }
        guard let fields, (1...2).contains(fields.count), let value = Double(fields[0]) else {
            return nil
        }
        var (bound, timestamp) = (Double?.none, Double?.none)
        if fields.count == 2 {
            guard let told = Double(fields[1]), told.isFinite else { return nil }
            timestamp = told
        }
        if let le = labels.first(where: { $0.name == "le" }) {
            guard let told = Double(le.value), !told.isNaN else { return nil }
            bound = told
        }
        self.name = String(name)
        self.labels = labels.filter { $0.name != "le" }.sorted { $0.name < $1.name }
        (self.bound, self.value, self.timestamp) = (bound, value, timestamp)
    }

    private static func isNamePart(_ scalar: Unicode.Scalar) -> Bool {
        ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
            || ("0"..."9").contains(scalar) || scalar == "_" || scalar == ":"
    }

    /// What stands up to the closing brace, which is taken too.
    private static func labels(_ rest: inout Substring.UnicodeScalarView) -> [Label]? {
        var labels: [Label] = []
        while true {
            rest = rest.drop { $0 == " " || $0 == "," }
            guard let first = rest.first else { return nil }
            if first == "}" {
                rest.removeFirst()
                return labels
            }
            let name = rest.prefix { isNamePart($0) }
            rest = rest[name.endIndex...].drop { $0 == " " }
            guard !name.isEmpty, rest.popFirst() == "=" else { return nil }
            rest = rest.drop { $0 == " " }
            guard rest.popFirst() == "\"", let value = quoted(&rest) else { return nil }
            labels.append(Label(name: String(name), value: value))
        }
    }

    /// A text up to its closing quote, which is taken too.
    private static func quoted(_ rest: inout Substring.UnicodeScalarView) -> String? {
        var text = String.UnicodeScalarView()
        while let next = rest.popFirst() {
            switch next {
            case "\"": return String(text)
            case "\\":
                guard let escaped = rest.popFirst() else { return nil }
                text.append(escaped == "n" ? "\n" : escaped)
            default: text.append(next)
            }
        }
        return nil
    }
}
