/// Elements that are changed in place, by index.
///
/// Unlike an array it has one owner, so that nothing asks who else sees the storage and no reader counts
/// a reference to it, and its elements need not be copyable. Their type must not be private: compilers up to
/// Swift 6.3 cannot lay out a slab of what other modules cannot see.
@frozen
public struct Slab<Element: ~Copyable>: ~Copyable {
    @usableFromInline var base: UnsafeMutablePointer<Element>
    @usableFromInline var capacity: Int
    @usableFromInline var filled = 0

    @inlinable
    public init(minimumCapacity: Int = 8) {
        capacity = max(1, minimumCapacity)
        base = .allocate(capacity: capacity)
    }

    @inlinable
    deinit {
        base.deinitialize(count: filled)
        base.deallocate()
    }

    @inlinable
    public var count: Int { filled }

    @inlinable
    public var isEmpty: Bool { filled == 0 }

    @inlinable
    public var indices: Range<Int> { 0..<filled }

    @inlinable
    public subscript(index: Int) -> Element {
        _read {
            precondition(UInt(bitPattern: index) < UInt(bitPattern: filled), "no such element")
            yield base[index]
        }
        _modify {
            precondition(UInt(bitPattern: index) < UInt(bitPattern: filled), "no such element")
            yield &base[index]
        }
    }

    @inlinable
    public mutating func append(_ element: consuming Element) {
        if filled == capacity { grow() }
        (base + filled).initialize(to: element)
        filled += 1
    }

    /// Takes the last element out; nil where there is none.
    @inlinable
    public mutating func popLast() -> Element? {
        guard filled > 0 else { return nil }
        filled -= 1
        return (base + filled).move()
    }

    /// Forgets the first elements; the others move up.
    ///
    /// - Precondition: there are so many.
    @inlinable
    public mutating func removeFirst(_ number: Int) {
        precondition(number >= 0 && number <= filled, "no such elements")
        base.deinitialize(count: number)
        filled -= number
        base.moveInitialize(from: base + number, count: filled)
    }

    /// Forgets every element and keeps the memory.
    @inlinable
    public mutating func removeAll() {
        base.deinitialize(count: filled)
        filled = 0
    }

    @usableFromInline
    mutating func grow() {
        let larger = UnsafeMutablePointer<Element>.allocate(capacity: 2 * capacity)
        larger.moveInitialize(from: base, count: filled)
        base.deallocate()
        (base, capacity) = (larger, 2 * capacity)
    }
}

extension Slab where Element: Copyable {
    /// So many times the same element.
    @inlinable
    public init(repeating element: Element, count: Int) {
        self.init(minimumCapacity: count)
        base.initialize(repeating: element, count: count)
        filled = count
    }

    /// Those of a collection, in its order.
    @inlinable
    public init(_ elements: some Collection<Element>) {
        self.init(minimumCapacity: elements.count)
        for element in elements { append(element) }
    }

    @inlinable
    public var first: Element? { filled > 0 ? base[0] : nil }

    @inlinable
    public var last: Element? { filled > 0 ? base[filled - 1] : nil }

    /// Puts an element before the one at `index`, or behind all.
    @inlinable
    public mutating func insert(_ element: Element, at index: Int) {
        precondition(UInt(bitPattern: index) <= UInt(bitPattern: filled), "no such place")
        append(element)
        var place = filled - 1
        while place > index {
            base[place] = base[place - 1]
            place -= 1
        }
        base[place] = element
    }
}
