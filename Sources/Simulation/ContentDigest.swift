import Crypto
import ServingDomain
import Synchronization

/// What a value is made of, as 32 bytes: the same in every process, and others for other values.
public struct ContentKey: Hashable, Sendable {
    /// SHA-256 over all that the value stores.
    public let bytes: [UInt8]
}

/// Reads values down to their last number, by reflection, so that nothing that is added to a type is ever
/// forgotten.
///
/// Dictionaries and sets count by content, not by order. Values that cannot be read, such as closures, make
/// the whole one unreadable.
struct ContentDigest {
    private var hash = SHA256()
    private let memory: ContentMemory
    private(set) var isReadable = true

    init(remembering memory: ContentMemory) { self.memory = memory }

    /// Nil where something could not be read.
    var key: ContentKey? { isReadable ? ContentKey(bytes: Array(hash.finalize())) : nil }

    mutating func add(_ label: String, _ value: Any) {
        add(text: label)
        add(value)
    }

    private mutating func add(_ value: Any) {
        if addNumber(value) || addArray(value) { return }
        let mirror = Mirror(reflecting: value)
        switch mirror.displayStyle {
        case .struct, .tuple, .optional, .collection: addChildren(of: mirror)
        case .enum:
            if mirror.children.isEmpty { add(text: String(reflecting: value)) }
            addChildren(of: mirror)
        case .dictionary, .set: addUnordered(mirror)
        case .class: addObject(value as AnyObject, mirror)
        default: isReadable = false
        }
    }

    private mutating func addChildren(of mirror: Mirror) {
        add(number: UInt64(mirror.children.count))
        for child in mirror.children {
            if let label = child.label { add(text: label) }
            add(child.value)
        }
        if let parent = mirror.superclassMirror { addChildren(of: parent) }
    }

    private mutating func addUnordered(_ mirror: Mirror) {
        let keys = mirror.children.map { digest($0.value) }
        add(number: UInt64(keys.count))
        for key in keys.compactMap({ $0 }).sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            add(bytes: key)
        }
        if keys.contains(where: { $0 == nil }) { isReadable = false }
    }

    /// Objects are read once: none of those that values here hold ever changes.
    private mutating func addObject(_ object: AnyObject, _ mirror: Mirror) {
        let key = memory.digest(of: .object(ObjectIdentifier(object)), holding: object) {
            var inner = Self(remembering: memory)
            inner.addChildren(of: mirror)
            return inner.key?.bytes
        }
        if let key { add(bytes: key) } else { isReadable = false }
    }

    private func digest(_ value: Any) -> [UInt8]? {
        var inner = Self(remembering: memory)
        inner.add(value)
        return inner.key?.bytes
    }

    // MARK: Leaves

    private mutating func addNumber(_ value: Any) -> Bool {
        switch value {
        case let number as Int: add(number: UInt64(bitPattern: Int64(number)))
        case let number as Double: add(number: number.bitPattern)
        case let flag as Bool: add(number: flag ? 1 : 0)
        case let text as String: add(text: text)
        case let number as Int64: add(number: UInt64(bitPattern: number))
        case let number as Int32: add(number: UInt64(bitPattern: Int64(number)))
        case let number as UInt64: add(number: number)
        case let number as UInt32: add(number: UInt64(number))
        case let number as UInt8: add(number: UInt64(number))
        case let number as Int128: add(plain: [number])
        case let numbers as SIMD4<Int>: add(plain: [numbers])
        case let length as Duration: add(plain: [length.attoseconds])
        default: return false
        }
        return true
    }

    /// Arrays of numbers, as the bytes that they are.
    private mutating func addArray(_ value: Any) -> Bool {
        switch value {
        case let numbers as [Int]: add(array: numbers)
        case let numbers as [Double]: add(array: numbers)
        case let numbers as [Int64]: add(array: numbers)
        case let numbers as [Int32]: add(array: numbers)
        case let numbers as [UInt64]: add(array: numbers)
        case let rounds as [RoundScript]: add(array: rounds)
        default: return false
        }
        return true
    }

    /// - Precondition: elements have no gaps between their bytes.
    private mutating func add<Element: BitwiseCopyable & Sendable>(array: [Element]) {
        guard array.count >= 4096 else { return add(plain: array) }
        let place = array.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) }
        let key = memory.digest(of: .array(place, count: array.count), holding: array) {
            var inner = Self(remembering: memory)
            inner.add(plain: array)
            return inner.key?.bytes
        }
        if let key { add(bytes: key) }
    }

    private mutating func add<Element: BitwiseCopyable>(plain array: [Element]) {
        add(number: UInt64(array.count))
        array.withUnsafeBytes { hash.update(bufferPointer: $0) }
    }

    private mutating func add(number: UInt64) {
        withUnsafeBytes(of: number.littleEndian) { hash.update(bufferPointer: $0) }
    }

    private mutating func add(text: String) {
        add(bytes: Array(text.utf8))
    }

    private mutating func add(bytes: [UInt8]) {
        add(number: UInt64(bytes.count))
        hash.update(data: bytes)
    }
}

/// Digests of objects and long arrays that were read before, which it keeps alive so that their places stay
/// theirs.
final class ContentMemory: Sendable {
    enum Place: Hashable, Sendable {
        case object(ObjectIdentifier)
        case array(UInt, count: Int)
    }

    private struct Entry {
        let digest: [UInt8]?
        let holder: any Sendable
    }

    private let entries = Mutex<[Place: Entry]>([:])

    func digest(
        of place: Place, holding holder: Any, _ read: () -> [UInt8]?
    ) -> [UInt8]? {
        if let known = entries.withLock({ $0[place] }) { return known.digest }
        let digest = read()
        let held = Held(value: holder)
        entries.withLock { $0[place] = Entry(digest: digest, holder: held) }
        return digest
    }

    /// Kept alive, never read again.
    private struct Held: @unchecked Sendable {
        let value: Any
    }
}
