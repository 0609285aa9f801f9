import ChildProcesses
import Foundation
import Testing

@Suite("Shells and the manual")
struct ShellTests {
    /// What is typed, and words that it is completed to.
    static let typed = [
        ("plan --gpu h2", "h200-sxm"), ("init --template ", "rag"),
        ("simulate --policy cont", "continuum"),
        ("list po", "policies"), ("schema expl", "explanation"), ("plan -o j", "jsonl"),
        ("plan ca", "case.yaml"), ("check case.yaml pl", "plan.json"),
        ("profile cost --engine s", "sglang"), ("profile cost --model qwen3-3", "qwen3-32b"),
    ]

    private func isThere(_ shell: String) async throws -> Bool {
        try await Tool.shell("command -v \(shell)", in: Folder()).code == 0
    }

    private func folder() throws -> Folder {
        let folder = try Folder()
        try folder.add(["case.yaml": .text(""), "plan.json": .text("")])
        return folder
    }

    @Test("bash completes files and known names", arguments: typed)
    func bash(typed: String, word: String) async throws {
        let answer = try await Tool.shell(
            """
            set +eu
            source <(ampd-plan --generate-completion-script bash)
            complete -p ampd-plan | grep -q -- '-F _ampd-plan'
            line='ampd-plan \(typed)'
            IFS=' ' read -ra COMP_WORDS <<<"$line"
            [[ $line != *' ' ]] || COMP_WORDS+=('')
            COMP_LINE=$line COMP_POINT=${#line} COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _ampd-plan ampd-plan "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
            printf '%s\\n' "${COMPREPLY[@]}"
            """, in: folder())
        #expect(answer.code == 0, "\(answer.words)")
        #expect(answer.text.contains(word), "\(answer.text)")
    }

    @Test("fish completes files and known names", arguments: typed)
    func fish(typed: String, word: String) async throws {
        guard try await isThere("fish") else { return }
        let folder = try folder()
        try folder.add(["home": .folder])
        let answer = try await Tool.shell(
            """
            ampd-plan --generate-completion-script fish >ampd-plan.fish
            fish --no-config -c "source ampd-plan.fish; complete -C 'ampd-plan \(typed)'"
            """, in: folder, environment: ["HOME": folder.url.path])
        #expect(answer.code == 0, "\(answer.words)")
        #expect(answer.text.contains(word), "\(answer.text)")
    }

    @Test("zsh finds the function of its completion, which is sound")
    func zsh() async throws {
        guard try await isThere("zsh") else { return }
        let answer = try await Tool.shell(
            """
            ampd-plan --generate-completion-script zsh >_ampd-plan
            zsh -n _ampd-plan
            zsh -f -c 'fpath=($PWD $fpath); autoload -Uz compinit; compinit -D -u
                print ${_comps[ampd-plan]}'
            """, in: Folder())
        #expect(answer.text == "_ampd-plan\n", "\(answer.words)")
    }

    @Test("there is a page for every command, with its options, which man shows without a warning")
    func manual() async throws {
        let folder = try Folder()
        let made = try await Tool.run(["manual", "."], in: folder)
        #expect(made.code == 0, "\(made.words)")
        let pages = try folder.paths
        #expect(pages.contains("ampd-plan.1") && pages.contains("ampd-plan-profile-import.1"))
        let plan = try folder.text("ampd-plan-plan.1")
        for words in [
            ".SH NAME\nampd\\-plan\\-plan \\- Rank", "\\fB\\-\\-write\\-case\\fR",
            ".SH EXIT STATUS",
        ] {
            #expect(plan.contains(words), "\(words)")
        }
        guard try await isThere("man"), try await isThere("groff") else { return }
        let shown = try await Tool.shell(
            """
            for page in *.1; do
                MANWIDTH=80 man --warnings=w -E UTF-8 -l "$page" 2>&1 >>shown
            done
            grep -c '^NAME' shown
            """, in: folder, environment: ["LC_ALL": "C.UTF-8"])
        #expect(shown.text == "\(pages.count)\n", "\(shown.text)")
    }

    @Test("help shows every command but the manual, and all take what every command takes")
    func commands() async throws {
        struct Dump: Decodable {
            struct Command: Decodable {
                struct Option: Decodable {
                    struct Name: Decodable { let name: String }
                    let names: [Name]?
                }
                let commandName: String
                let arguments: [Option]?
                let subcommands: [Command]?

                var leaves: [Command] {
                    subcommands.map { $0.flatMap(\.leaves) } ?? [self]
                }
            }
            let command: Command
        }
        let help = try await Tool.run(["--help"], in: Folder())
        #expect(help.text.contains("  doctor ") && !help.text.contains("  manual "))
        let dump = try await Tool.run(["--experimental-dump-help"], in: Folder())
        let tree = try JSONDecoder().decode(Dump.self, from: dump.output).command
        for command in tree.leaves where command.commandName != "help" {
            let names = (command.arguments ?? []).flatMap { $0.names ?? [] }.map(\.name)
            for name in ["quiet", "verbose", "color", "store"] {
                #expect(names.contains(name), "\(command.commandName)")
            }
        }
    }
}
