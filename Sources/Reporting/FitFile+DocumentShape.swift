import CostModeling

extension FitFile {
    static var shape: DocumentShape {
        let figures = DocumentShape.list(.list(.number))
        let curve = DocumentShape.object(
            [
                "kind": .operatorKind, "dims": .list(.count),
                "form": .oneOf(["line", "pairs", "family"]), "x": figures, "us": figures,
                "samples": .count, "held_out": .count, "monotone_cost": .number,
            ],
            optional: [
                "format": .text, "variant": .text, "members": .list(.number),
                "median_error": .amount, "p95_error": .amount, "trust": .trust, "kernels": .text,
            ])
        return .object(
            [
                "apiVersion": .apiVersion, "kind": .const("ProfileFit"), "gpu": .text,
                "engine": .text, "engine_version": .text, "source": .text, "date": .text,
                "curves": .list(curve),
            ], optional: ["trust": .trust])
    }
}
