import Foundation

/// A JSON document as a value.
enum JSON: Hashable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSON])
    case object([String: JSON])

    init(_ data: Data) throws { self = try JSONDecoder().decode(Self.self, from: data) }

    subscript(key: String) -> JSON? {
        if case .object(let members) = self { members[key] } else { nil }
    }

    var text: String? {
        if case .string(let text) = self { text } else { nil }
    }

    var elements: [JSON] {
        if case .array(let elements) = self { elements } else { [] }
    }

    func without(_ keys: Set<String>) -> Self {
        guard case .object(let members) = self else { return self }
        return .object(members.filter { !keys.contains($0.key) })
    }
}

extension JSON: Decodable {
    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([JSON].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: JSON].self))
        }
    }
}

extension JSON {
    /// Where two documents differ by more than `tolerance`, relative, on numbers; empty if nowhere.
    func differences(from other: Self, tolerance: Double, at path: String = "") -> [String] {
        switch (self, other) {
        case (.number(let mine), .number(let theirs)):
            let scale = max(abs(mine), abs(theirs))
            let same = mine == theirs || abs(mine - theirs) <= tolerance * scale
            return same ? [] : ["\(path): \(mine), expected \(theirs)"]
        case (.array(let mine), .array(let theirs)):
            guard mine.count == theirs.count else {
                return ["\(path): \(mine.count) elements, expected \(theirs.count)"]
            }
            return zip(mine, theirs).enumerated().flatMap { index, pair in
                pair.0.differences(from: pair.1, tolerance: tolerance, at: "\(path)[\(index)]")
            }
        case (.object(let mine), .object(let theirs)):
            return Set(mine.keys).union(theirs.keys).sorted().flatMap { key -> [String] in
                guard let (left, right) = pair(mine[key], theirs[key]) else {
                    return ["\(path).\(key): \(mine[key] == nil ? "missing" : "not expected")"]
                }
                return left.differences(from: right, tolerance: tolerance, at: "\(path).\(key)")
            }
        default:
            return self == other ? [] : ["\(path): \(self), expected \(other)"]
        }
    }

    private func pair(_ mine: JSON?, _ theirs: JSON?) -> (JSON, JSON)? {
        guard let mine, let theirs else { return nil }
        return (mine, theirs)
    }
}
