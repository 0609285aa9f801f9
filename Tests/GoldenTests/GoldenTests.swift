// GoldenTests.
