// EmbeddedFacts
