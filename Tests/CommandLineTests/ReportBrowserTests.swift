import ChildProcesses
import Foundation
import Testing

/// A Chromium of this machine.
enum Browser {
    static let path = [
        "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome",
    ].first { FileManager.default.isExecutableFile(atPath: $0) }

    /// Whether tests look at pages: where there is a browser, and all counts are asked for.
    static let isAsked =
        path != nil && ProcessInfo.processInfo.environment["AMPD_VERIFY"] != nil
}

/// The page of a report as a browser shows it.
@Suite(
    "The report in a browser",
    .enabled(
        if: Browser.isAsked, "needs AMPD_VERIFY and chromium (or google-chrome) in /usr/bin"))
struct ReportBrowserTests {
    /// What the browser tells of the page in a frame of some width.
    private struct Look: Decodable {
        let scrollWidth: Int
        let clientWidth: Int
        let height: Int
        /// Texts of drawings that leave them.
        let outside: [String]
        /// Pairs of texts of a drawing that lie over each other.
        let overlapping: [String]
        /// Elements that are wider than the page and do not scroll by themselves.
        let wide: [String]
        /// Least size of a text in pixels.
        let leastText: Double
    }

    /// A page that looks at another one in a frame and leaves what it sees in its own title.
    private static func probe(of page: String, width: Int) -> String {
        """
        <!DOCTYPE html><title>none</title>
        <iframe id="f" src="\(page)" style="width:\(width)px;height:900px;border:0"></iframe>
        <script>
        const frame = document.getElementById('f');
        frame.onload = () => {
          const page = frame.contentDocument, root = page.documentElement;
          const outside = [], overlapping = [], wide = [];
          let leastText = 1000;
          for (const svg of page.querySelectorAll('svg')) {
            const box = svg.getBoundingClientRect();
            const scale = box.width / svg.viewBox.baseVal.width;
            const texts = [...svg.querySelectorAll('text')].filter(t => t.textContent);
            const boxes = texts.map(t => t.getBoundingClientRect());
            texts.forEach((text, i) => {
              const own = boxes[i];
              const size = parseFloat(frame.contentWindow.getComputedStyle(text).fontSize) * scale;
              leastText = Math.min(leastText, size);
              if (own.left < box.left - 1 || own.right > box.right + 1 || own.top < box.top - 1
                  || own.bottom > box.bottom + 1) outside.push(text.textContent);
              for (let j = 0; j < i; j++) {
                const other = boxes[j];
                const across = Math.min(own.right, other.right) - Math.max(own.left, other.left);
                const down = Math.min(own.bottom, other.bottom) - Math.max(own.top, other.top);
                if (across > 2 && down > 5 * scale)
                  overlapping.push(texts[j].textContent + ' / ' + text.textContent);
              }
            });
          }
          for (const element of page.querySelectorAll('body *')) {
            if (element.closest('.scroll, svg, details:not([open])')) continue;
            if (element.getBoundingClientRect().right > root.clientWidth + 1)
              wide.push(element.tagName);
          }
          document.title = 'LOOK' + JSON.stringify({
            scrollWidth: root.scrollWidth, clientWidth: root.clientWidth,
            height: root.scrollHeight, outside, overlapping, wide, leastText
          });
        };
        </script>
        """
    }

    private func open(_ file: String, in folder: Folder, _ more: [String]) async throws
        -> ChildProcess.Ending
    {
        let browser = try #require(Browser.path)
        let command =
            [
                browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                "--allow-file-access-from-files", "--enable-logging=stderr", "--log-level=0",
                "--virtual-time-budget=4000", "--user-data-dir=\(folder.url.path)/browser",
            ] + more + ["file://\(folder.url.path)/\(file)"]
        return try await ChildProcess(
            command, in: folder.url,
            environment: ["PATH": "/usr/bin:/bin", "HOME": folder.url.path]
        ).end(limit: 120)
    }

    private func look(at page: String, width: Int, in folder: Folder) async throws -> Look {
        try folder.add(["probe.html": .text(Self.probe(of: page, width: width))])
        let ending = try await open(
            "probe.html", in: folder, ["--window-size=1400,1000", "--dump-dom"])
        let faults = ending.words.split(separator: "\n").filter { $0.contains("CONSOLE") }
        #expect(faults.isEmpty, "\(faults)")
        let dom = String(decoding: ending.output, as: UTF8.self)
        let json = try #require(
            dom.firstMatch(of: /<title>LOOK(.*?)<\/title>/), "\(dom.prefix(300))")
        let text = json.output.1.replacing("&amp;", with: "&").replacing("&lt;", with: "<")
            .replacing("&gt;", with: ">")
        return try JSONDecoder().decode(Look.self, from: Data(text.utf8))
    }

    @Test("nothing leaves the page or its drawings, and no text lies over another, wide and narrow")
    func looks() async throws {
        let folder = try Folder()
        try folder.add(["case.yaml": .text(SmallCase.text)])
        _ = try await Tool.run(["plan", "case.yaml", "--output", "plan.json"], in: folder)
        for (rank, page) in [("1", "first.html"), ("3", "third.html")] {
            let answer = try await Tool.run(
                ["report", "plan.json", "--rank", rank, "--output", page], in: folder)
            #expect(answer.code == 0, "\(answer.words)")
            for width in [1280, 400] {
                let look = try await look(at: page, width: width, in: folder)
                #expect(look.clientWidth == width && look.height > 2000)
                #expect(look.scrollWidth <= look.clientWidth, "\(page) at \(width)")
                #expect(look.outside.isEmpty, "\(page) at \(width): \(look.outside)")
                #expect(look.overlapping.isEmpty, "\(page) at \(width): \(look.overlapping)")
                #expect(look.wide.isEmpty, "\(page) at \(width): \(look.wide)")
                #expect(look.leastText >= 9, "\(page) at \(width)")
            }
        }
    }

    @Test("a console that complains is noticed")
    func noticed() async throws {
        let folder = try Folder()
        try folder.add(["bad.html": .text("<script>console.error('wrong')</script>")])
        let ending = try await open("bad.html", in: folder, ["--dump-dom"])
        #expect(ending.words.contains("CONSOLE") && ending.words.contains("wrong"))
    }
}
