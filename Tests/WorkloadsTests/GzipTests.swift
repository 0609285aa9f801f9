import Foundation
import Testing

@testable import Workloads

@Suite("Gzip")
struct GzipTests {
    /// Lines `i,i² mod 97,7i mod 13` in one block with codes of its own, as zlib packs them at level 9.
    private static let packed = """
        H4sIAAAAAAAA/zWXS5IcIQwF95yFRSFV8bn/xSZT9EQ4HLTdkEi8J6mf/vSnjT76atHfPlr203djNXu0r8fXT5s9
        +dNWf08fT9t9vv1tfI+No42nZ//aGD3YFm1w0OqzjewrPP3twfHj68n3GwfPADFWP5zfxu4JtI3TFye1eDhETIz+
        JZyIfqag4NMLCcwZkrjcm5Bi9vNCitW/x0h235Di9PlByqfzP9HA7w0po38vJLBRpHz7PpDy67NCMtwPUi4+SUpO
        5N4tOXJCep/+bkjv6Jw22stf27xxHUhc8xjTC56w2zv7qtSRmMWlm5tTEhldZs97f5K+4Vdn+8KtTyMFHLUaNyYJ
        7fsu6JuC+fryIqd924tl+44XhTQfr/42AiIUSCSd9ddmGiwkHpHwZyNHn9lj/zamuUwXG/ZN3+RISDwOlzxtDZON
        GsLkQ+L+R9J6fR5IBMKDfW1NHxDSWj7pbGv7xOw4Pvlq+1ECo6GjksQOJRJt8zCQ9quAspEH8qbwphJ72169ksd1
        tyERzyzpnUeJzsZ90mc6oYBXI4PD7HFx1Q2U2JuqAnNWV3cHyQg5KAHGeLjclfdwMwJ/6jQV/qTnI/HnFYjGn88r
        oPJnli1YeElk/mwv7aZjGAgdw1RcQ8uIHKMCB4pnyIRUXHO+stVnsqRyC9IHdVQ+3bfNMFTMYzR47/ERwOKeYy5H
        1DuBxT71cIPr8JJyCWeLxUCzRDKiHh+sHtrXzkd96OdHwbBNIx2xWZpiGzdMtTJSBYj14xRrolTmyJKqWNzETrjY
        iRDkYqjKMYY6N9q3DACW26/KMYEtX3NgK93DYroAe33lru2XwfIsZb2haEunA2tNqV/8U0mexYDFW3fjAAw262lx
        2FZD46siYAHbZSUWx7DBYjISwS4+WqZY/GrL0GY3Wn225JLiX5a1mthZBUssZjuVZNxGwGzjqU9hMZy+YlGF0MqZ
        Pju7lqoXa14U8cBzeaNdVV/B4rqfpvSdfhkYLwqLVJfOHLuKNtv0XgkZ91WOyeKuYC2AJeRdjQAqAVZjGCbhKyoO
        HJVk7n7tc+wrMH2EYlqqRWp9icRUQHx4BGrECvPUqZR5rJhqKbAiZHtElOMp+Vhxa5143lsUAitGtQmsaN3wgHXD
        DM1oo3gqE3QKvGhyWAzTtVmEGWST/cuCF6OyDBUrfnlb0/QpoGLFW/QCSR2TG6NeUCxmrEcNW5mFLxCJJTbwolJg
        UeIAqxUts4EXURBYrVhYrVjdI6KEBxYr3qoe9tTCImQrPydw/ZJwZKmafXw37cFBGke1RsxojgMrnoo2yy9gceKq
        HGPFVY8aWHFVJ9aKN8nXi/bir1obJ2DGMmxY5ZRwAJ9S3/OjkgSvyWJ4Mzt4eFewJHarpfiqgojFiqmCAyvevhx4
        kVSAxYsRdwb4lafQjBWtZlxybXmVZc0odlblYxP/fCrJwAkKLFY8F4sVXztAzPM/eNj77NKxRg0nnICeqhgHCcmK
        dlXFBktirqY0o9YJvGizDhugfo1VvQCsTrxCRsWVY5x456rAirOEvKvLSLWk1dPaCh0PAjOOSrKjjVAnGZk6USZR
        lYrx4ZDI01xgNUOA+vCGeepQgFgxr5YwY3XUONVjmZUwo1WDxagCkbbFt8asNCiGpee9YaZWdNB6KhFOWjhxWvoT
        J55ScD41DTBs2RerGmYNXY5b/P2Z3MSMxzBz3CmDxeeDgR31hO5a91HTtmg1zOHoIhYnTqWUUdoQqxUtwokXv5oe
        Mn4TUWpGW05GKQ8sm6r2Z9g5xEZNWuzCiyXhzBK1c2XUVMh+a7EdNrPGN/Zzyqlos+wiFi/WyJeYcfmomTUVgtWM
        leRrRrB60ZaTxFyGzTtsgsWK846z80dVY1X6k4u9Fe1bE6xYUnRn2q9KCPswY6rgJOfV1/OryRgsXgwlnN+vPKVW
        rGi1Yo1n+Z1flrXinaOr8IHl0c9NMl6soT1njfFsc48dIOe8U0zaF+3rOW3KYue5xThtcxXtqoIt1tJemtKKd35f
        /uZwfv9Uotg176+S1IslZMxYOV73hwwz/qPEoe5qM079cRtP2hWdJnLXLyOpJl/otn3J1IkyLUL3NwN+rN8MzGQC
        qyUC1IkV5qlTATqXlZbs2LbWPNVsAWLFfa1zdhWItC0W8Q/C8S+vvQ0AAA==
        """
    private static let fixed =
        "H4sICAAAAAAA/3guY3N2AEtMhIGkZDjiAgCciodqFgAAAA=="
    private static let stored =
        "H4sIAAAAAAAA/wEHAPj/c3RvcmVkCuKcU6UHAAAA"

    /// Packed text for other tests.
    static var sample: [UInt8] { bytes(packed) }

    private static func bytes(_ text: String) -> [UInt8] {
        Data(base64Encoded: text, options: .ignoreUnknownCharacters).map { [UInt8]($0) } ?? []
    }

    /// Unpacks bytes that come `count` at once.
    private func unpack(_ bytes: [UInt8], _ count: Int = .max) throws -> String {
        var rest = bytes[...]
        var stream = GzipStream { () throws(WorkloadError) in
            defer { rest = rest.dropFirst(min(count, rest.count)) }
            return Array(rest.prefix(count))
        }
        var text: [UInt8] = []
        while case let more = try stream.read(), !more.isEmpty { text += more }
        return String(decoding: text, as: UTF8.self)
    }

    @Test("blocks of every kind, in members one behind the other, in chunks of any size")
    func members() throws {
        let lines = (0..<400).map { "\($0),\($0 * $0 % 97),\($0 * 7 % 13)\n" }.joined()
        let parts = [Self.packed, Self.fixed, Self.stored].map(Self.bytes)
        #expect(parts.allSatisfy(GzipStream.isGzip))
        let text = lines + "aaaaaaaaaabcabcabcabc\n" + "stored\n"
        for count in [1, 7, .max] {
            #expect(try unpack(Array(parts.joined()), count) == text)
        }
        // Tapes fill their blocks with zeros.
        #expect(try unpack(parts[2] + Array(repeating: 0, count: 500)) == "stored\n")
    }

    @Test("what is damaged, cut off or followed by something else is told")
    func damage() throws {
        let whole = Self.bytes(Self.packed)
        func fault(_ bytes: [UInt8]) -> String {
            do {
                return "\(try unpack(bytes).count) bytes"
            } catch {
                return "\(error)"
            }
        }
        for length in [2, 9, 12, 200, whole.count - 1] {
            #expect(fault(Array(whole.prefix(length))).hasPrefix("Found gzip that is cut off"))
        }
        #expect(fault(whole + [1, 2, 3]).contains("cut off"))
        #expect(fault(whole + Array(repeating: 7, count: 20)).contains("bytes that are no gzip"))
        var told = 0
        for place in whole.indices where place > 9 {
            var bytes = whole
            bytes[place] ^= 0x10
            // A checksum tells what the codes do not.
            if fault(bytes).contains("gzip") { told += 1 }
        }
        #expect(told == whole.count - 10)
    }
}
