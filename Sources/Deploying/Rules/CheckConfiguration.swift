public import Catalog
import ServingDomain

/// What a project wants its checks to be: a file `.ampd-plan.yaml` beside its configurations.
public struct CheckConfiguration: Sendable {
    public var waivers: [Waiver] = []
    /// How much rules weigh where that is not the usual.
    public var severities: [Rule: Severity] = [:]
    public var failOn: FailOn?
    /// Points of attainment, as a share, by which a layout may stay below the best plan.
    public var tolerance: Double?
    /// US dollars an hour that a layout may cost.
    public var mostDollarsPerHour: Double?
    public var regressionLimits: [RegressionLimit]?

    public init() {}

    /// The least severity of a failure.
    public enum FailOn: String, Hashable, Sendable, CaseIterable {
        case error
        case warning
        case note
        case never

        public var severity: Severity? { Severity(rawValue: rawValue) }
    }

    /// Reads the file.
    ///
    /// - Parameters:
    ///   - bytes: of the file.
    ///   - file: its name, for messages.
    /// - Throws: the first thing that is wrong, with line and column.
    public init(bytes: [UInt8], file: String) throws(CatalogError) {
        let documents = try ManifestText.documents(bytes: bytes, file: file)
        guard let tree = documents.first else { return }
        let fields = try Fields(tree)
        try fields.refuseKeys(
            except: [
                "waivers", "severity", "fail_on", "tolerance_points", "max_usd_per_hour",
                "max_regression",
            ])
        if let value = fields.value("waivers"), !value.isNull {
            guard let list = value.elements else {
                throw fields.invalid("waivers", expected: "a list of waivers, each behind a hyphen")
            }
            for waiver in list { waivers.append(try Self.waiver(waiver)) }
        }
        if let section = try fields.section("severity") {
            for key in section.keys {
                severities[try Self.rule(key, in: section)] = try Self.word(key, section)
            }
        }
        if fields.value("fail_on") != nil { failOn = try Self.word("fail_on", fields) }
        if fields.value("tolerance_points") != nil {
            tolerance = try fields.number("tolerance_points", in: 0...100) / 100
        }
        if fields.value("max_usd_per_hour") != nil {
            mostDollarsPerHour = try fields.number("max_usd_per_hour", in: 0...1e9)
        }
        if fields.value("max_regression") != nil {
            guard let limits = RegressionLimit.list(try fields.text("max_regression")) else {
                throw fields.invalid("max_regression", expected: RegressionLimit.form)
            }
            regressionLimits = limits
        }
    }

    private static func waiver(_ value: SourceValue) throws(CatalogError) -> Waiver {
        let fields = try Fields(value, named: "waivers")
        try fields.refuseKeys(except: ["rule", "path", "reason", "expires"])
        let rule = try rule(try fields.text("rule"), in: fields, key: "rule")
        let reason = try fields.text("reason")
        guard reason.contains(where: { !$0.isWhitespace }) else {
            throw fields.invalid("reason", expected: "why the finding is lived with")
        }
        guard let day = CalendarDay(try fields.text("expires")) else {
            throw fields.invalid("expires", expected: "a day as YYYY-MM-DD")
        }
        let path = fields.value("path") == nil ? nil : try fields.text("path")
        return Waiver(
            rule: rule, path: path, reason: reason, expires: day, place: value.place)
    }

    private static func rule(
        _ id: String, in fields: Fields, key: String? = nil
    ) throws(CatalogError) -> Rule {
        guard let rule = Rule(rawValue: id) else {
            throw fields.invalid(key ?? id, expected: "a rule such as A020; `ampd-plan list rules`")
        }
        return rule
    }

    private static func word<Word: RawRepresentable & CaseIterable>(
        _ key: String, _ fields: Fields
    ) throws(CatalogError) -> Word where Word.RawValue == String {
        guard let word = Word(rawValue: try fields.text(key)) else {
            throw fields.invalid(
                key, expected: Word.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return word
    }
}

extension RegressionLimit {
    /// How limits are written, for messages.
    public static let form =
        "figures with limits such as ttft_p95=5%,gpus=0, of "
        + Figure.allCases.map(\.rawValue).joined(separator: ", ")
}
