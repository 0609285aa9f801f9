import Testing

@testable import Profiling

@Suite("Numbers change their unit in decimal")
struct DecimalTextTests {
    private func value(_ text: String, _ shift: Int) -> Double? {
        DecimalText.value(of: Array(text.utf8)[...], shiftedBy: shift)
    }

    @Test(
        "a shift rounds once",
        arguments: [
            ("0.00253067", 6, 2530.67), ("12.5", 3, 12500), ("1e-3", 6, 1000), ("-2", 3, -2000),
            ("+.5", 0, 0.5), ("7.", 3, 7000),
            ("123456789012345678901234567890", -3, 1.2345678901234568e26),
            ("0.1234567890123456789", 0, 0.12345678901234568), ("1E2", 0, 100), ("0", 6, 0),
        ] as [(String, Int, Double)])
    func shifts(text: String, shift: Int, expected: Double) {
        #expect(value(text, shift) == expected)
    }

    @Test(
        "anything else is no number",
        arguments: [
            "", ".", "-", "nan", "inf", "0x10", "1e", "1e+", "1,5", "1 2", "1e99999999", "--1",
            "1.2.3", "12ms", "e5", "1_000",
        ])
    func refusals(text: String) {
        #expect(value(text, 3) == nil)
    }

    @Test("a huge exponent is infinite, not a crash")
    func overflow() {
        #expect(value("1e9999", 3) == .infinity)
        #expect(value("1e-9999", 3) == 0)
    }

    @Test("text written in microseconds reads back as the same nanoseconds")
    func roundTrips() {
        var state: UInt64 = 42
        for _ in 0..<20_000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let exponent = UInt64(1023 - 30) + (state >> 40) % 90
            let number = Double(bitPattern: exponent << 52 | state >> 12)
            let text = DecimalText.text(of: number, shiftedBy: 3)
            #expect(value(text, 3) == number, "\(text)")
        }
    }

    @Test(
        "the text is plain",
        arguments: [
            (2530.67, "2.53067"), (12500, "12.5"), (7000, "7"), (5, "0.005"), (0.25, "0.00025"),
        ]
            as [(Double, String)])
    func plainText(number: Double, expected: String) {
        #expect(DecimalText.text(of: number, shiftedBy: 3) == expected)
    }
}
