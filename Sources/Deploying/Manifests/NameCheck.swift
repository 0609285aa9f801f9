import Catalog

/// Names that Kubernetes or an operator above it refuses.
enum NameCheck {
    /// Longest name of a Kubernetes object that becomes part of host names (RFC 1123 label).
    static let longest = 63
    /// Longest name of any other object (RFC 1123 subdomain).
    static let longestSubdomain = 253
    /// Longest name of a graph and its components together under Grove (dynamo#8480).
    static let longestUnderGrove = 45

    static func findings(in document: SourceValue, _ kind: ManifestKind) -> [Finding] {
        guard document.member("apiVersion") != nil,
            let value = document.member(at: "metadata", "name"), let name = value.text
        else { return [] }
        var found: [Finding] = []
        let form = NameForm(of: kind)
        if !form.accepts(name) {
            found.append(
                Finding(
                    .names, "name '\(name.shownInMessage)' is no \(form.words)",
                    at: value.place, key: "metadata.name"))
        }
        guard kind == .dynamo else { return found }
        for component in document.member(at: "spec", "components")?.elements ?? [] {
            let part = component.member("name")
            found += combined(
                name, part?.text ?? "", at: part?.place, key: "spec.components.name")
        }
        for service in document.member(at: "spec", "services")?.entries ?? [] {
            found += combined(name, service.key, at: service.place, key: "spec.services")
        }
        return found
    }

    private static func combined(
        _ graph: String, _ component: String, at place: SourcePlace?, key: String
    ) -> [Finding] {
        let length = graph.count + 1 + component.count
        guard length > longestUnderGrove else { return [] }
        return [
            Finding(
                .names,
                "graph and component together have \(length) characters ('\(graph.shownInMessage)-"
                    + "\(component.shownInMessage)'); Grove takes at most \(longestUnderGrove)",
                at: place, key: key)
        ]
    }

    static func isLabel(_ name: String) -> Bool { NameForm.label.accepts(name) }

    /// Whether an object whose name becomes no host name may be called so.
    static func isSubdomain(_ name: String) -> Bool { NameForm.subdomain.accepts(name) }
}

/// What Kubernetes takes for a name.
private enum NameForm {
    /// RFC 1123 label: of objects whose names become parts of host names.
    case label
    /// RFC 1035 label: of Services.
    case service
    /// RFC 1123 subdomain: of all others.
    case subdomain

    init(of kind: ManifestKind) {
        switch kind {
        case .service: self = .service
        case .deployment, .configMap, .pod, .job, .inferencePool, .endpointPicker,
            .benchmarkReport:
            self = .subdomain
        case .dynamo, .disaggregatedSet, .leaderWorkerSet, .inferenceService, .modelService,
            .statefulSet, .script:
            self = .label
        }
    }

    var words: String {
        let label =
            "lower-case letters, digits and hyphens, a letter or digit at both ends, at most "
            + "\(NameCheck.longest) characters"
        return switch self {
        case .label: "RFC 1123 label: \(label)"
        case .service: "RFC 1035 label: \(label), a letter in front"
        case .subdomain:
            "RFC 1123 subdomain: lower-case letters, digits, hyphens and points, a letter or "
                + "digit at both ends of each part, at most \(NameCheck.longestSubdomain) characters"
        }
    }

    func accepts(_ name: String) -> Bool {
        let hyphen = UInt8(ascii: "-")
        func isPlain(_ byte: UInt8) -> Bool {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }
        func isPart(_ part: Substring.UTF8View) -> Bool {
            guard let first = part.first, let last = part.last else { return false }
            return isPlain(first) && isPlain(last)
                && part.allSatisfy { isPlain($0) || $0 == hyphen }
        }
        switch self {
        case .label:
            return name.utf8.count <= NameCheck.longest && isPart(name[...].utf8)
        case .service:
            return Self.label.accepts(name) && name.first?.isLetter ?? false
        case .subdomain:
            return name.utf8.count <= NameCheck.longestSubdomain
                && name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
                    .allSatisfy(isPart)
        }
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
