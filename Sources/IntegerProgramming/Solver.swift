import CSolver

/// The solver behind integer programs.
public enum Solver {
    /// Its name and version, for example `GLPK 5.0`.
    public static var version: String { "GLPK " + String(cString: csolver_version()) }
}
