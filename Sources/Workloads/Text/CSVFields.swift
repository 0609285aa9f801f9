/// Cuts a CSV line into fields: commas, and double quotes around fields that hold commas.
package enum CSVFields {
    /// The fields without surrounding white space; `nil` where a quote is not closed.
    ///
    /// A doubled quote inside quotes stands for one. Fields cannot span lines.
    package static func split(_ line: String) -> [String]? {
        guard line.contains("\"") else {
            return line.split(separator: ",", omittingEmptySubsequences: false).map(\.trimmed)
        }
        var (fields, field) = ([String](), "")
        var (quoted, justClosed) = (false, false)
        for character in line {
            if character == "\"" {
                if justClosed { field.append("\"") }
                quoted.toggle()
                justClosed = !quoted
            } else {
                justClosed = false
                if character == ",", !quoted {
                    fields.append(field.trimmed)
                    field = ""
                } else {
                    field.append(character)
                }
            }
        }
        return quoted ? nil : fields + [field.trimmed]
    }
}
