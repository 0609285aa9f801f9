import Catalog

/// Names that Kubernetes or an operator above it refuses.
enum NameCheck {
    /// Longest name of a Kubernetes object that becomes part of host names (RFC 1123 label).
    static let longest = 63
    /// Longest name of a graph and its components together under Grove (dynamo#8480).
    static let longestUnderGrove = 45

    static func findings(in document: SourceValue, _ kind: ManifestKind) -> [Finding] {
        guard document.member("apiVersion") != nil,
            let value = document.member(at: "metadata", "name"), let name = value.text
        else { return [] }
        var found: [Finding] = []
        if !isLabel(name) {
            found.append(
                Finding(
                    .names,
                    "name '\(name.shownInMessage)' is no RFC 1123 label: lower-case letters, digits "
                        + "and hyphens, a letter or digit at both ends, at most \(longest) characters",
                    at: value.place, key: "metadata.name"))
        }
        guard kind == .dynamo else { return found }
        for component in document.member(at: "spec", "components")?.elements ?? [] {
            found += component.member("name").map { combined(name, $0) } ?? []
        }
        return found
    }

    private static func combined(_ graph: String, _ component: SourceValue) -> [Finding] {
        let name = component.text ?? ""
        let length = graph.count + 1 + name.count
        guard length > longestUnderGrove else { return [] }
        return [
            Finding(
                .names,
                "graph and component together have \(length) characters ('\(graph.shownInMessage)-"
                    + "\(name.shownInMessage)'); Grove takes at most \(longestUnderGrove)",
                at: component.place, key: "spec.components.name")
        ]
    }

    static func isLabel(_ name: String) -> Bool {
        func isPlain(_ byte: UInt8) -> Bool {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }
        guard (1...longest).contains(name.utf8.count), let first = name.utf8.first,
            let last = name.utf8.last
        else { return false }
        return isPlain(first) && isPlain(last)
            && name.utf8.allSatisfy { isPlain($0) || $0 == UInt8(ascii: "-") }
    }
}

/// Images whose tag may mean something else tomorrow.
enum ImageCheck {
    static func findings(in document: SourceValue) -> [Finding] {
        switch document.content {
        case .scalar: []
        case .list(let elements): elements.flatMap(findings)
        case .mapping(let entries):
            entries.flatMap { entry -> [Finding] in
                guard entry.key == "image", let image = entry.value.text, !isPinned(image) else {
                    return findings(in: entry.value)
                }
                return [
                    Finding(
                        .image,
                        "image '\(image.shownInMessage)' is not pinned; give a version tag or a digest",
                        at: entry.value.place, key: "image")
                ]
            }
        }
    }

    /// Whether an image has a digest, or a tag that names a version.
    static func isPinned(_ image: String) -> Bool {
        if image.contains("@sha256:") { return true }
        let last = image.split(separator: "/").last.map(String.init) ?? image
        guard let colon = last.lastIndex(of: ":") else { return false }
        let tag = last[last.index(after: colon)...]
        return tag.contains(where: \.isNumber) && !tag.hasPrefix("latest") && tag != "nightly"
    }
}
