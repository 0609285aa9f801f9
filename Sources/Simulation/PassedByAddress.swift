/// As a field it keeps a large struct from being copied for methods that only look at it.
///
/// The compiler hands a struct of known layout over by value: for every call of a method that does
/// not mutate, all of it is copied to the stack. A value whose layout is known at run time only has
/// an address instead, and so has every struct that holds one. For the 2.6 kB of a running cluster
/// this is a quarter of all time.
struct PassedByAddress {
    private let layoutUnknown: (any Sendable)? = nil
}
