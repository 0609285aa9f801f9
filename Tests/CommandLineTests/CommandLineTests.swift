// CommandLineTests.
