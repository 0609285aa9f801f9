import Catalog

/// Case files for tests.
enum CaseSample {
    static let minimal = """
        apiVersion: ampd-plan/v1
        kind: Case
        name: sample
        model: llama-3.1-70b
        cluster:
          gpu: h20
          nodes: 2
        workload:
          template: agent
          rate_per_s: 1.5
        slo:
          ttft_ms: 2000
          itl_ms: 50
        """

    /// The built-in catalog, read once.
    static let built = Result { () throws(CatalogError) in try Catalog() }

    static func catalog() throws(CatalogError) -> Catalog { try built.get() }

    static func parse(_ text: String) throws(CatalogError) -> CaseDraft {
        try CaseFile.parse(text: text, fileName: "sample.yaml", catalog: catalog())
    }

    /// The minimal case with one line replaced by `lines`.
    static func with(_ line: String, as lines: String) -> String {
        minimal.replacing(line, with: lines)
    }
}
