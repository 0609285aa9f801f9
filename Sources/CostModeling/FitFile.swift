public import Foundation
public import ServingDomain

/// A profile's fitted curves as a file: derived figures that may travel where samples may not.
///
/// JSON, keys sorted. Times are in microseconds, with five significant digits; abscissae are in
/// the unit of the kind's axis.
public struct FitFile: Codable, Hashable, Sendable {
    /// One operator's curve.
    public struct Entry: Codable, Hashable, Sendable {
        public var kind: String
        /// Absent where the kind has none, like `variant` and `members`.
        public var format: String?
        public var variant: String?
        public var dims: [Int]
        /// `line`, `pairs` (query-key pairs) or `family` (several lines in y).
        public var form: String
        /// One list of knots per member; a single one for a line.
        public var x: [[Double]]
        public var us: [[Double]]
        /// Abscissa of each member of a family.
        public var members: [Double]?
        public var samples: Int
        public var heldOut: Int
        public var medianError: Double?
        public var p95Error: Double?
        public var monotoneCost: Double
        /// Where they are not those of the file.
        public var trust: Trust?
        public var kernels: String?

        enum CodingKeys: String, CodingKey {
            case kind, format, variant, dims, form, x, us, members, samples, trust, kernels
            case heldOut = "held_out"
            case medianError = "median_error"
            case p95Error = "p95_error"
            case monotoneCost = "monotone_cost"
        }
    }

    public var apiVersion = "ampd-plan/v1"
    public var kind = "ProfileFit"
    public var gpu: String
    public var engine: String
    public var engineVersion: String
    /// Origin, licence and commit of the timings behind the curves.
    public var source: String
    /// Day of the fit, ISO 8601.
    public var date: String
    /// How far the curves may be believed; absent where timings of this GPU are behind all of them.
    public var trust: Trust?
    public var curves: [Entry]

    enum CodingKeys: String, CodingKey {
        case apiVersion, kind, gpu, engine, source, date, trust, curves
        case engineVersion = "engine_version"
    }

    public init(
        fit: ProfileFit, gpu: String, engine: String, engineVersion: String, source: String,
        date: String
    ) {
        self.gpu = gpu
        self.engine = engine
        self.engineVersion = engineVersion
        self.source = source
        self.date = date
        trust = [.measured, .measuredFit].contains(fit.trust) ? nil : fit.trust
        curves = fit.shapes.compactMap { fit.entries[$0] }.map(Entry.init)
        for (place, shape) in fit.shapes.enumerated() {
            guard let entry = fit.entries[shape] else { continue }
            let own = entry.trust.map(Self.shipped) ?? fileTrust
            curves[place].trust = own == fileTrust ? nil : own
            curves[place].kernels =
                entry.kernels.isEmpty || entry.kernels == kernels ? nil : entry.kernels
        }
    }

    private var fileTrust: Trust { trust ?? .measuredFit }

    /// Curves of timings are no timings.
    private static func shipped(_ trust: Trust) -> Trust {
        trust == .measured ? .measuredFit : trust
    }

    /// Reads a file.
    ///
    /// - Throws: `CostModelError.unreadableFit` for anything but a fit file of a known version.
    public static func decode(_ data: Data, name: String) throws(CostModelError) -> Self {
        let file: Self
        do {
            file = try JSONDecoder().decode(Self.self, from: data)
        } catch {
            throw .unreadableFit(file: name, reason: DecodingFault(error).description)
        }
        guard file.apiVersion == "ampd-plan/v1", file.kind == "ProfileFit" else {
            throw .unreadableFit(
                file: name, reason: "\(file.kind) of \(file.apiVersion) is not a known fit file")
        }
        return file
    }

    /// Engine and version whose kernels were timed.
    public var kernels: String { "\(engine) \(engineVersion)" }

    /// The file's bytes.
    public func encoded() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self) + Data("\n".utf8)
    }

    /// The curves; a curve that is malformed is an error.
    public func fit(name: String) throws(CostModelError) -> ProfileFit {
        var entries: [ProfileFit.Entry] = []
        for curve in curves {
            guard var entry = curve.entry else {
                throw .unreadableFit(
                    file: name, reason: "curve \(curve.kind) \(curve.dims) is malformed")
            }
            entry.kernels = curve.kernels ?? kernels
            entry.trust = curve.trust
            entries.append(entry)
        }
        return ProfileFit(trust: fileTrust, entries: entries)
    }
}

extension FitFile.Entry {
    init(_ entry: ProfileFit.Entry) {
        let record = entry.curve.shape.record
        kind = record.kind
        format = record.format.isEmpty ? nil : record.format
        variant = record.variant.isEmpty ? nil : record.variant
        dims = record.dimensions
        let lines: [PiecewiseLinear]
        switch entry.curve.form {
        case .line(let line): (form, lines, members) = ("line", [line], nil)
        case .pairs(let line): (form, lines, members) = ("pairs", [line], nil)
        case .family(let family): (form, lines, members) = ("family", family.members, family.xs)
        }
        x = lines.map(\.xs)
        us = lines.map { $0.ys.map { significant($0 / 1000, 5) } }
        samples = entry.quality.samples
        heldOut = entry.quality.heldOut
        medianError = entry.quality.medianError.map { significant($0, 3) }
        p95Error = entry.quality.p95Error.map { significant($0, 3) }
        monotoneCost = significant(entry.quality.monotoneCost, 3)
    }

    /// The curve; nil where the entry does not describe one.
    var entry: ProfileFit.Entry? {
        let record = OperatorRecord(
            kind: kind, format: format ?? "", variant: variant ?? "", dimensions: dims)
        guard let shape = OperatorShape(record), x.count == us.count, !x.isEmpty else { return nil }
        let lines = zip(x, us).compactMap { xs, times -> PiecewiseLinear? in
            guard !xs.isEmpty, xs.count == times.count, zip(xs, xs.dropFirst()).allSatisfy(<),
                times.allSatisfy({ $0.isFinite && $0 > 0 })
            else { return nil }
            return PiecewiseLinear(xs: xs, ys: times.map { $0 * 1000 })
        }
        guard lines.count == x.count, let form = form(lines) else { return nil }
        return ProfileFit.Entry(
            curve: OperatorCurve(shape: shape, form: form),
            quality: FitQuality(
                samples: samples, knots: x.reduce(0) { $0 + $1.count }, heldOut: heldOut,
                medianError: medianError, p95Error: p95Error, monotoneCost: monotoneCost))
    }

    private func form(_ lines: [PiecewiseLinear]) -> OperatorCurve.Form? {
        switch form {
        case "line": return lines.first.map { .line($0) }
        case "pairs": return lines.first.map { .pairs($0) }
        case "family":
            guard let members, members.count == lines.count,
                zip(members, members.dropFirst()).allSatisfy(<)
            else { return nil }
            return .family(CurveFamily(xs: members, members: lines))
        default: return nil
        }
    }
}

/// `value` with so many significant digits, so that files stay small and their bytes stable.
private func significant(_ value: Double, _ digits: Int) -> Double {
    guard value != 0, value.isFinite else { return value }
    var scale = 1.0
    let top = (0..<digits).reduce(1.0) { top, _ in top * 10 }
    while abs(value) * scale < top / 10 { scale *= 10 }
    while abs(value) * scale >= top { scale /= 10 }
    return (value * scale).rounded() / scale
}
