import Catalog

/// The engines that a command starts: itself, through a shell, or behind programs such as `srun`.
struct StartedEngines {
    /// Those that it is sure to start, with everything that stands in front of them.
    private(set) var engines: [EngineCommand] = []
    /// Why an engine that is written in the command may not be one that it starts.
    private(set) var doubts: [String] = []

    private let acceptsAnyStarter: Bool
    /// What shells inside the command may still take.
    private(set) var steps: Int
    /// Shells within shells are followed as deep as this.
    private static let deepest = 3

    /// - Parameters:
    ///   - command: of a script.
    ///   - acceptsAnyStarter: whether a program of unknown name is taken to start what follows it, as the
    ///     entry point of an image does.
    ///   - steps: that shells inside the command may take.
    init(
        _ command: ShellScript.Command, acceptsAnyStarter: Bool = false,
        steps: Int = ShellScript.mostSteps
    ) {
        self.acceptsAnyStarter = acceptsAnyStarter
        self.steps = steps
        read(command, lead: [], depth: 0)
    }

    private mutating func read(_ command: ShellScript.Command, lead: [String], depth: Int) {
        let words = command.words
        let program = words.first.map(Self.program) ?? ""
        if depth < Self.deepest, let (shell, text) = Self.shellText(words) {
            return read(text, within: command, lead: lead + words[..<shell], depth)
        }
        guard var engine = EngineCommand(words: words) else {
            guard Self.starters.contains(program), depth < Self.deepest else { return }
            for text in words.dropFirst() where text.contains(" ") {
                read(text, within: command, lead: lead + words.prefix(1), depth)
            }
            return
        }
        let isSure = engine.lead.isEmpty || acceptsAnyStarter || Self.isStarter(program)
        if Self.talkers.contains(program), !engine.lead.isEmpty { return }
        guard isSure else {
            return doubts.append(
                "'\(program.shownInMessage)' stands in front of \(engine.launcher.rawValue), and is "
                    + "not known to start what follows it")
        }
        if command.isRepeated {
            doubts.append(
                "it starts \(engine.launcher.rawValue) in a loop whose rounds only a running shell "
                    + "can count")
        }
        engine.lead = lead + engine.lead
        engine.environment = command.environment.merging(Self.environment(engine.lead)) { $1 }
        engine.variables = command.variables.merging(engine.environment) { $1 }
        engines.append(engine)
    }

    /// A script inside a command.
    private mutating func read(
        _ text: String, within outer: ShellScript.Command, lead: [String], _ depth: Int
    ) {
        // The inner shell sees what the outer one exports; of the outer one all variables are taken.
        let variables = outer.variables.merging(outer.environment) { $1 }
        let script = ShellScript(text, environment: variables, mostSteps: steps)
        steps -= script.steps
        if script.isCut || steps <= 0 { doubts.append("its shells do more than can be followed") }
        for inner in script.commands where steps > 0 {
            var command = inner
            command.environment = outer.environment.merging(inner.environment) { $1 }
            command.isRepeated = outer.isRepeated || inner.isRepeated
            read(command, lead: lead, depth: depth + 1)
        }
    }

    /// Where a shell stands that gets a script as `-c` (or `-lc` and the like), and the script.
    private static func shellText(_ words: [String]) -> (shell: Int, text: String)? {
        let names: Set<String> = ["sh", "bash", "dash", "ash", "zsh", "ksh"]
        guard let shell = words.firstIndex(where: { names.contains(program($0)) }),
            let option = words[shell...].firstIndex(where: {
                $0.hasPrefix("-") && !$0.hasPrefix("--") && $0.hasSuffix("c")
            }), words.indices.contains(option + 1)
        else { return nil }
        return (shell, words[option + 1])
    }

    /// `NAME=value` behind `env`, and in `--export=ALL,NAME=value` of `srun`.
    private static func environment(_ lead: [String]) -> [String: String] {
        var found: [String: String] = [:]
        for word in lead {
            let isExport = word.hasPrefix("--export=")
            guard isExport || !word.hasPrefix("-") else { continue }
            let parts = isExport ? word.dropFirst(9).split(separator: ",") : [word[...]]
            for part in parts {
                guard let equals = part.firstIndex(of: "=") else { continue }
                found[String(part[..<equals])] = String(part[part.index(after: equals)...])
            }
        }
        return found
    }

    private static func program(_ word: String) -> String {
        word.split(separator: "/").last.map(String.init) ?? word
    }

    private static func isStarter(_ program: String) -> Bool {
        starters.contains(program) || program.hasPrefix("python")
    }

    /// Programs that run what follows them.
    private static let starters: Set<String> = [
        "env", "exec", "nohup", "setsid", "time", "timeout", "nice", "ionice", "taskset", "numactl",
        "chrt", "stdbuf", "unbuffer", "sudo", "doas", "su", "runuser", "gosu", "eval", "command",
        "srun", "sbatch", "mpirun", "mpiexec", "ssh", "pdsh", "clush", "docker", "podman",
        "nerdctl", "kubectl", "oc", "apptainer", "singularity", "enroot", "nsys", "ncu", "strace",
        "perf", "uv", "uvx", "poetry", "pipenv", "pdm", "conda", "mamba", "micromamba", "pixi",
        "hatch", "nix", "flock", "systemd-run", "tini", "dumb-init", "tmux", "screen", "script",
        "torchrun", "accelerate", "ray", "parallel", "xargs", "coproc", "ts", "chronic",
    ]
    /// Programs that speak of an engine, or end it.
    private static let talkers: Set<String> = [
        "echo", "printf", "pkill", "pgrep", "killall", "kill", "grep", "egrep", "fgrep", "rg",
        "awk", "sed", "ps", "which", "type", "whereis", "man", "logger", "test", "[", "[[", "pip",
        "pip3", "apt", "apt-get", "curl", "wget", "cat", "tee", ":", "true", "false", "trap",
        "alias", "help", "export", "read", "wait", "rm", "ls", "source", ".", "info", "log",
        "warn", "die",
    ]
}
