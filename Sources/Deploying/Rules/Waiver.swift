public import Catalog
import Planning
public import ServingDomain

/// A finding that somebody has decided to live with, until a day.
public struct Waiver: Hashable, Sendable {
    public let rule: Rule
    /// Paths that it is for, with `*` for any part; nil for all.
    public let path: String?
    public let reason: String
    public let expires: CalendarDay
    /// Where it is written.
    public let place: SourcePlace

    public init(
        rule: Rule, path: String?, reason: String, expires: CalendarDay, place: SourcePlace
    ) {
        self.rule = rule
        self.path = path
        self.reason = reason
        self.expires = expires
        self.place = place
    }

    /// Whether it still holds on a day; it does on the last one.
    public func holds(on today: CalendarDay) -> Bool { today <= expires }

    func covers(_ finding: Finding, in subject: String) -> Bool {
        guard finding.rule == rule else { return false }
        guard let path else { return true }
        let file = finding.place?.file ?? subject
        return Self.matches(Array(file), Array(path)) || Self.matches(Array(subject), Array(path))
    }

    /// Whether a text has the form of a pattern, in which `*` stands for any part.
    private static func matches(_ text: [Character], _ pattern: [Character]) -> Bool {
        var (place, star, mark, index) = (0, -1, 0, 0)
        while index < text.count {
            if place < pattern.count, pattern[place] == "*" {
                (star, mark) = (place, index)
                place += 1
            } else if place < pattern.count, pattern[place] == text[index] {
                place += 1
                index += 1
            } else if star >= 0 {
                place = star + 1
                mark += 1
                index = mark
            } else {
                return false
            }
        }
        return pattern[place...].allSatisfy { $0 == "*" }
    }
}

extension [Waiver] {
    /// Findings with those marked that a waiver covers.
    public func applied(
        to findings: [Finding], in subject: String, on today: CalendarDay
    ) -> [Finding] {
        findings.map { finding in
            let waiver = first { $0.holds(on: today) && $0.covers(finding, in: subject) }
            guard finding.verdict != .pass, let waiver else { return finding }
            var waived = finding
            waived.waiver = waiver.reason
            return waived
        }
    }

    /// Waivers whose day has passed.
    public func expired(on today: CalendarDay) -> [Finding] {
        filter { !$0.holds(on: today) }.map { waiver in
            Finding(
                .expiredWaiver,
                "the waiver of \(waiver.rule.id) expired on \(waiver.expires); mend what it covered, or "
                    + "give it a new day and a reason", at: waiver.place, key: "waivers")
        }
    }
}
