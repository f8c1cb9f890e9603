import Capture
import Dialects
import Extraction
import Testing
import Transcript
import TranscriptYAML
import Wire

@Suite struct TransferTests {
  /// A transfer in passive mode; `data` are the events of its connection, between those that open and close it.
  private func scene(_ command: String, type: String = "A", _ data: String, end: String = "226 done", behind: String = "") -> Scene {
    var scene = Scene(
      """
      1 c:40000 > s:21
      1 S: 220 FTP
      1 C: USER a1
      1 S: 331 ok
      1 C: PASS sesame!
      1 S: 230 ok
      1 C: TYPE \(type)
      1 S: 200 ok
      \(Mode.pasv.announce(5001, .v4))
      1 C: \(command)
      2 c:4000 > s:5001
      1 S: 150 coming
      \(data.split(separator: "\n").map { "2 \($0)" }.joined(separator: "\n"))
      2 over \(data.contains(".") || data.contains("!") ? "" : "cut")
      \(behind)
      1 S: \(end)
      1 C: QUIT
      1 S: 221 bye
      1 S.
      1 over
      """)
    scene.play()
    return scene
  }

  /// The step of the transfer as it is written, and what follows it up to the next.
  private func step(_ scene: Scene, inlineLimit: Int = 1 << 16, store: @escaping Scribe.Store = { _ in "beside" }) -> String {
    let yaml = scene.yaml(inlineLimit: inlineLimit, store: store)
    guard let start = yaml.firstRange(of: "  - data: ") else { return "" }
    let rest = yaml[start.lowerBound...]
    let end = rest.dropFirst(4).firstRange(of: "\n  - ")?.lowerBound ?? rest.endIndex
    return String(rest[..<end])
  }

  // MARK: Content

  @Test func `a listing has its lines, and dates that vary`() {
    let listing = step(
      scene("LIST", "S: -rw-r--r--    1 a1x      users        49 Mar 05  2024 a b.txt\\ndrwxr-xr-x 2 0 0 4096 Nov 23 07:42 pub\nS."))
    #expect(
      listing == """
          - data: S
            lines: |
              -rw-r--r--    1 a1x      users        49 ${:date=Mar 05  2024} a b.txt
              drwxr-xr-x 2 0 0 4096 ${:date=Nov 23 07:42} pub
        """)
  }

  @Test func `a name that the server chose is the same in a listing`() {
    var scene = Scene(
      """
      1 c:40000 > s:21
      1 S: 220 FTP
      \(Mode.pasv.announce(5001, .v4))
      1 C: STOU
      2 c:4000 > s:5001
      1 S: 150 FILE: up.e68z196q
      2 C: x
      2 C.
      2 over
      1 S: 226 done
      \(Mode.pasv.announce(5002, .v4))
      1 C: LIST
      3 c:4001 > s:5002
      1 S: 150 coming
      3 S: -rw-r--r-- 1 0 0 3 Mar 05  2024 up.e68z196q
      3 S.
      3 over
      1 S: 226 done
      1 over
      """)
    scene.play()
    let yaml = scene.yaml()
    #expect(yaml.contains("150 FILE: ${file:path=up.e68z196q}"), "\(yaml)")
    #expect(yaml.contains("-rw-r--r-- 1 0 0 3 ${:date=Mar 05  2024} ${file}"), "\(yaml)")
  }

  @Test func `a listing whose lines end in LF has them as they are`() {
    let listing = step(scene("LIST", "S: -rw-r--r-- 1 0 0 49 Mar 05  2024 a\\l\\\nS: -rw-r--r-- 1 0 0 49 Mar 05  2024 b\\l\\\nS."))
    #expect(listing.hasPrefix("  - data: S\n    text: |\n      -rw-r--r-- 1 0 0 49 ${:date=Mar 05  2024} a\n"))
  }

  @Test func `an empty transfer is one`() {
    #expect(step(scene("LIST", "S.")) == "  - data: S\n    lines: []")
    #expect(step(scene("STOR x", type: "I", "C.")) == "  - data: C\n    bytes: \"\"")
  }

  @Test(arguments: [
    ("A", "one\\ntwo\\n\\", "lines: |\n      one\n      two"), ("I", "one\\ltwo\\l\\", "text: |\n      one\n      two"),
    ("A", "one\\ntwo\\", "text: |-\n      one${%x0D}\n      two"), ("I", "one\\n\\", "text:"),
    ("I", "a\u{1}\u{2}\\", "bytes: \"a\\x01\\x02\""),
    ("A", "${user} costs $5\\n\\", "lines: |\n      $${user} costs $5"),
  ])
  func `content is written so that every byte is known`(type: String, sent: String, written: String) throws {
    let scene = scene("RETR x", type: type, "S: \(sent)\nS.")
    #expect(step(scene).contains(written), "\(scene.yaml())")
    let (transcript, found) = TranscriptReader { (_) throws(LoadError) in [] }.read(Array(scene.yaml().utf8), file: "t.yaml")
    #expect(found == [])
    let payloads = transcript?.conversations[0].steps.compactMap { step in
      if case .data(.server, let payload) = step.action { payload.bytes } else { nil }
    }
    let carried = scene[1]?.transfers.compactMap(\.transferred.carried?.bytes)
    #expect(payloads == carried && carried?.count == 1)
  }

  @Test func `content is what it is, whoever is named in it`() {
    #expect(step(scene("RETR x", "S: etu1@host.example.org a1 FTP\nS.")).contains("etu1@host.example.org a1 FTP"))
  }

  @Test func `a password is not written, wherever it stands`() {
    for (command, sent) in [("RETR x", "the word is sesame!"), ("LIST", "-rw-r--r-- 1 0 0 49 Mar 05  2024 sesame!")] {
      let yaml = scene(command, "S: \(sent)\nS.").yaml()
      #expect(yaml.contains("${secret.a1}") && !yaml.contains("sesame"), "\(yaml)")
    }
    var stored: [[UInt8]] = []
    let yaml = scene("STOR x", "C: the word is sesame! and more\nC.").yaml(inlineLimit: 10) {
      stored.append($0)
      return "beside"
    }
    #expect(yaml.contains("the word is ${secret.a1} and more") && stored == [])
  }

  @Test func `beyond the limit it stands in a file beside`() {
    var stored: [[UInt8]] = []
    let written = step(scene("RETR x", "S: \(String(repeating: "x", count: 200))\nS."), inlineLimit: 100) {
      stored.append($0)
      return "x.1.bin"
    }
    #expect(stored.map(\.count) == [202])
    #expect(written == "  - data: S\n    file: x.1.bin\n    sha256: \(Digest.sha256(stored[0]))\n    size: 202")
  }

  @Test func `a slow transfer gets its time`() {
    #expect(step(scene("RETR x", "S: x\nS.\n").slowed(20)).hasSuffix("within: 40s"))
  }

  @Test func `what is asked and answered during a transfer stays where it was`() {
    let asked = scene("RETR x", "S: all\nS.", behind: "1 C: STAT\n1 S: 211 half of it")
    #expect(asked.yaml().contains("\n  - C: STAT\n  - S: 211 half of it\n  - S: 226 done\n"))
  }

  // MARK: How it ended

  @Test func `a transfer that was cut ends early, and promises no size`() {
    let aborted = scene("RETR x", "S: half\nC!", end: "426 aborted", behind: "1 C: ABOR")
    #expect(step(aborted) == "  - data: S\n    lines: |\n      half\n    ends: early")
    #expect(aborted.yaml().contains("ends: early\n  - C: ABOR\n  - S: 426 aborted\n"))
    #expect(aborted[1]?.isComplete == true)
    #expect(step(scene("STOR x", "C: half\nC!", end: "426 aborted")).hasSuffix("half\n    ends: early"))
    #expect(step(scene("RETR x", "S: half\nS.", end: "451 disk")).hasSuffix("ends: early"))
    #expect(step(scene("RETR x", "S: half\nS.", end: "451 disk"), inlineLimit: 1) == "  - data: S\n    file: beside\n    ends: early")
    // Some servers end each of them so.
    #expect(step(scene("RETR x", "S: all\nS!")) == "  - data: S\n    lines: |\n      all")
    // Who ended first ended; what came behind is nobody's.
    #expect(step(scene("RETR x", "S: all\nS.\nC!")) == "  - data: S\n    lines: |\n      all")
  }

  @Test func `of what is not whole only what is certain is written`() {
    let gap = scene("RETR x", "S: a\nS~7\nS: b\nS.")
    #expect(step(gap) == "  - data: S\n    size: 13")
    #expect(gap.yaml().contains("7 bytes of the data connection of 'RETR x' are missing from the capture: its content is left out."))
    let cut = scene("RETR x", "S: a")
    #expect(step(cut) == "  - data: S")
    #expect(cut.yaml().contains("The capture does not hold the end of the data connection of 'RETR x': its content is left out."))
    #expect(step(scene("STOR x", "C: a\nC~7\nC.")) == "")
    for scene in [gap, cut] { #expect(scene[1]?.isComplete == false) }
  }

  @Test func `a transfer without its connection is one of the server, or is left out`() {
    func lost(_ command: String, _ end: String) -> Scene {
      var scene = scene(command, "S.", end: end)
      scene.drop("2 ")
      scene.play()
      return scene
    }
    #expect(step(lost("RETR x", "226 ok")) == "  - data: S")
    #expect(lost("RETR x", "226 ok").yaml().contains("The data connection of 'RETR x' is not in the capture."))
    #expect(step(lost("STOR x", "226 ok")) == "")
    // That one failed, and there was none.
    #expect(step(lost("RETR x", "425 no")) == "")
    #expect(lost("RETR x", "425 no")[1]?.isComplete == true)
  }

  @Test func `without a preliminary reply the data stand behind the command`() {
    var scene = scene("LIST", "S: a\nS.")
    scene.drop("1 S: 150")
    scene.play()
    #expect(scene.yaml().contains("- C: LIST\n  - data: S\n    lines: |\n      a\n  - S: 226 done\n"))
  }

  // MARK: Endpoints

  @Test func `an endpoint is what the run will have, unless it was refused for what it was`() {
    func commands(_ port: String, _ reply: String) -> String {
      var scene = Scene("1 c:40000 > s:21\n1 S: 220 FTP\n1 C: PORT \(port)\n1 S: \(reply)\n1 C: QUIT\n1 S: 221 x\n1 S.\n1 over")
      scene.play()
      return scene.yaml()
    }
    #expect(commands("10,0,0,1,19,137", "200 ok").contains("PORT ${data}"))
    #expect(commands("192,168,0,1,19,137", "200 ok").contains("PORT ${data}"))
    #expect(commands("10,0,0,1,19,137", "530 log in").contains("PORT ${data}"))
    #expect(commands("192,168,0,1,19,137", "500 illegal").contains("PORT 192,168,0,1,19,137"))
    #expect(commands("10,0,0,1,0,25", "500 illegal").contains("PORT 10,0,0,1,0,25"))
    #expect(commands("10,0,0,1,19", "501 what").contains("PORT 10,0,0,1,19\n"))
  }
}

extension Scene {
  /// The same with that many seconds between its reply and its data.
  fileprivate func slowed(_ seconds: Int) -> Scene {
    var scene = self
    scene.wait(seconds, before: "2 S: ")
    scene.play()
    return scene
  }
}
