// Tests of EmbeddedFacts.
