import Capture
import Dialects
import Extraction
import Testing
import Wire

private let login = "1 c:40000 > s:21\n1 S: 220 FTP\n1 C: USER a1\n1 S: 331 ok\n1 C: PASS sesame!\n1 S: 230 ok\n"
private let goodbye = "\n1 C: QUIT\n1 S: 221 bye\n1 S.\n1 C.\n1 over"

/// One transfer, in its natural order.
private func transfer(_ mode: Mode, _ family: Address.Family, arrow: String = ">") -> String {
  login + mode.announce(5001, family)
    + """

    1 C: RETR file
    2 \(mode.ends(5001, arrow))
    1 S: 150 coming
    2 \(mode.server): 220 hello\\n220 again
    2 \(mode.server).
    2 \(mode.client).
    2 over
    1 S: 226 done
    """ + goodbye
}

@Suite struct TyingTests {
  struct Way: Sendable, CustomTestStringConvertible {
    var family: Address.Family
    var mode: Mode
    var testDescription: String { "\(mode) over \(family)" }

    static let all = [Address.Family.v4, .v6].flatMap { family in Mode.of(family).map { Way(family: family, mode: $0) } }
  }

  enum Order: CaseIterable, Sendable {
    case natural, dataFirst, controlFirst, openedFirst, endedLast, announcedLast
  }

  @Test(arguments: Way.all, Order.allCases)
  func `a data connection is its command's, whatever came first in the capture`(way: Way, order: Order) {
    for restamps in [false, true] {
      for arrow in [">", "~>"] {
        var scene = Scene(way.family, transfer(way.mode, way.family, arrow: arrow))
        switch order {
        case .natural: break
        case .dataFirst: scene.begin(with: 2)
        case .controlFirst: scene.begin(with: 1)
        case .openedFirst: scene.move("2 \(way.mode.ends(5001, arrow))", before: "1 c:")
        case .endedLast: scene.begin(with: 1, 2)
        case .announcedLast: scene.move("2 over", before: "1 S: 220")
        }
        if restamps { scene.restamp() }
        scene.play()
        #expect(scene.carried() == ["RETR file: 220 hello\r\n220 again\r\n"])
        #expect(scene.skips == [2: .data("ftp", of: 1)])
        #expect(scene[1]?.isComplete == (arrow == ">"))
        #expect(scene.yaml().contains("${data}"))
        let dialler = way.mode.isActive ? "s" : "c"
        #expect(scene[2]?.origin.client.address == Scene.host(dialler, way.family))
      }
    }
  }

  @Test(arguments: Way.all) func `where the beginning was not captured, the sides may be the other way round`(way: Way) {
    let ends = way.mode.ends(5001).split(separator: " ")
    let turned = "2 \(ends[2]) ~> \(ends[0])"
    var scene = Scene(
      way.family,
      transfer(way.mode, way.family).replacing("2 \(way.mode.ends(5001))", with: turned)
        .replacing("2 C", with: "2 X").replacing("2 S", with: "2 C").replacing("2 X", with: "2 S"))
    scene.play()
    #expect(scene.carried() == ["RETR file: 220 hello\r\n220 again\r\n"])
    #expect(scene.yaml().contains("The capture does not hold the beginning of the data connection of 'RETR file'."))
  }

  @Test(arguments: Way.all) func `an upload comes from the client`(way: Way) {
    var scene = Scene(
      way.family,
      login + way.mode.announce(5001, way.family)
        + "\n1 C: STOR file\n2 \(way.mode.ends(5001))\n1 S: 150 go\n2 \(way.mode.client): EHLO x\n2 \(way.mode.client).\n2 over\n1 S: 226 ok"
        + goodbye)
    scene.play()
    #expect(scene.carried() == ["STOR file: EHLO x\r\n"])
    #expect(scene.yaml().contains("- data: C\n    lines: |\n      EHLO x\n"))
  }

  @Test(arguments: Way.all) func `an endpoint serves several transfers, and another one later`(way: Way) {
    // Each opened again between the same endpoints.
    var script = login + way.mode.announce(5001, way.family)
    for number in 2...4 {
      script +=
        "\n1 C: RETR \(number)\n\(number) \(way.mode.ends(5001))\n1 S: 150 x\n\(number) \(way.mode.server): \(number)\n\(number) C.\n\(number) over\n1 S: 226 x\n"
      if number == 3 { script += way.mode.announce(5001, way.family) }
    }
    for order in 0..<4 {
      var scene = Scene(way.family, script + goodbye)
      switch order {
      case 0: break
      case 1: scene.begin(with: 2, 3, 4)
      case 2: scene.begin(with: 1)
      default:
        scene.begin(with: 2, 3, 4)
        scene.restamp()
      }
      scene.play()
      #expect(scene.carried() == ["RETR 2: 2\r\n", "RETR 3: 3\r\n", "RETR 4: 4\r\n"], "\(order)")
    }
  }

  @Test func `behind a translator of addresses, the address that is seen counts`() {
    var scene = Scene(
      login
        + """
        1 C: PORT 192,168,7,7,19,137
        1 S: 200 ok
        1 C: LIST
        2 s:20 > c:5001
        1 S: 150 x
        2 C: a
        2 C.
        2 over
        1 S: 226 x
        1 C: PASV
        1 S: 227 (10,0,0,3,19,138)
        3 c:4000 > x:5002
        1 C: LIST
        1 S: 150 x
        3 S: b
        3 S.
        3 over
        1 S: 226 x
        """ + goodbye)
    scene.play()
    #expect(scene.carried() == ["LIST: a\r\n", "LIST: b\r\n"])
  }

  @Test func `who is not the peer does not bring its data`() {
    var scene = Scene(
      login + Mode.pasv.announce(5001, .v4)
        + "\n2 x:4000 > s:5001\n2 S: other\n1 C: LIST\n1 S: 150 x\n3 c:4001 > s:5001\n3 S: ours\n3 S.\n3 over\n2 S.\n2 over\n1 S: 226 x"
        + goodbye)
    scene.play()
    #expect(scene.carried() == ["LIST: ours\r\n"])
    #expect(scene.skips[2] == .unknownProtocol)
  }

  @Test func `two control connections between the same hosts have each their own`() {
    let other = login.replacing("1 c:40000", with: "5 c:40001").replacing("\n1 ", with: "\n5 ")
    for order in 0..<3 {
      var scene = Scene(
        login + other + Mode.pasv.announce(5001, .v4) + "\n" + Mode.pasv.announce(5002, .v4, on: 5)
          + """

          1 C: RETR one
          5 C: RETR two
          6 c:4000 > s:5002
          2 c:4001 > s:5001
          1 S: 150 x
          5 S: 150 x
          2 S: 1
          6 S: 2
          2 S.
          6 S.
          2 over
          6 over
          5 S: 226 x
          1 S: 226 x
          5 over

          """ + Mode.pasv.announce(5002, .v4)
          + "\n1 C: RETR three\n7 c:4002 > s:5002\n1 S: 150 x\n7 S: 3\n7 S.\n7 over\n1 S: 226 x" + goodbye)
      if order == 1 { scene.begin(with: 2, 6, 7) }
      if order == 2 { scene.begin(with: 7, 1) }
      scene.play()
      #expect(scene.carried() == ["RETR one: 1\r\n", "RETR three: 3\r\n"], "\(order)")
      #expect(scene.carried(by: 5) == ["RETR two: 2\r\n"], "\(order)")
    }
  }

  // MARK: Announcements that are missing

  @Test func `where the announcement is missing, the hosts, the time and the port beside the control port tell`() {
    let script =
      "1 c:40000 ~> s:21\n1 C: TYPE A\n1 S: 200 ok\n1 C~26\n1 S: 200 PORT ok\n1 C: LIST\n9 s:999 > c:888\n2 s:20 > c:5001\n1 S: 150 x\n2 C: a\n2 C.\n2 over\n1 S: 226 x\n9 C: z\n9 over"
      + goodbye
    var scene = Scene(script)
    scene.play()
    #expect(scene.carried() == ["LIST: a\r\n"])
    #expect(scene.skips == [2: .data("ftp", of: 1), 9: .unknownProtocol])
    // In passive mode the client dials a port where nothing else is known to listen.
    scene = Scene(
      script.replacing("1 S: 200 PORT ok\n1 C: LIST\n", with: "").replacing("9 s:999 > c:888", with: "1 S~40\n9 s:999 > c:888")
        .replacing("2 s:20 > c:5001", with: "2 c:4000 > s:5001\n1 C: LIST").replacing("2 C", with: "2 S"))
    scene.play()
    #expect(scene.carried() == ["LIST: a\r\n"])
  }

  @Test func `what was opened before the command's time is none of its`() {
    var scene = Scene(
      "2 s:20 > c:5001\n2 C: a\n2 C.\n2 over\n1 c:40000 ~> s:21\n1 C: TYPE A\n1 S: 200 ok\n1 C: LIST\n1 S: 150 x\n1 S: 226 x" + goodbye)
    scene.play()
    #expect(scene.carried() == ["LIST: -"])
    #expect(scene.skips == [2: .strayData("ftp", of: nil)])
  }

  // MARK: What belongs to nobody

  @Test func `a data connection that no command asked for is told`() {
    var scene = Scene(login + Mode.pasv.announce(5001, .v4) + "\n2 c:4000 > s:5001\n2 S: EHLO x\n2 S.\n2 over" + goodbye)
    scene.play()
    #expect(scene.skips == [2: .strayData("ftp", of: 1)])
    #expect(scene.yaml().contains("about: \"A data connection (stream 2) belongs to no command: it is left out.\""))
    #expect(!scene.yaml().contains("data: S"))
  }

  @Test func `what comes from the port beside the control port looks like data`() {
    var scene = Scene(
      "2 s:20 > c:5001\n2 C: EHLO x\n2 C.\n2 over\n3 s:30 > c:5002\n3 C: x\n3 over\n4 s:20 > c:25\n4 S: 220 SMTP\n4 C: EHLO x\n4 over")
    scene.play()
    #expect(scene.skips == [2: .strayData("ftp", of: nil), 3: .unknownProtocol])
    #expect(scene[4]?.dialect?.name == "smtp")
  }

  @Test func `what was announced and speaks both ways is a conversation of its own`() {
    var scene = Scene(
      login + Mode.pasv.announce(5001, .v4) + "\n2 c:4000 > s:5001\n2 S: 220 x SMTP\n2 C: EHLO x\n2 S: 250 x\n2 S.\n2 over" + goodbye)
    scene.play()
    #expect(scene[2]?.dialect?.name == "smtp")
    #expect(scene[1]?.missing == [])
  }

  @Test func `a refused data connection is one, too`() {
    var scene = Scene(login + Mode.port.announce(5001, .v4) + "\n1 C: LIST\n2 refused s:20 > c:5001\n1 S: 425 no" + goodbye)
    scene.play()
    #expect(scene.skips == [2: .data("ftp", of: 1)])
    #expect(scene[2]?.refusal == .refused)
    #expect(!scene.yaml().contains("data: S"))
    #expect(scene[1]?.isComplete == true)
  }

  // MARK: Bounds

  @Test func `who waits for long, or among many, waits no longer`() {
    // Nobody has announced it for more than a minute, and nobody is there who could.
    var scene = Scene(
      "2 c:4000 > s:5001\n2 S: a\n2 S.\n2 over\nwait 90\n3 c:1 > s:2\n3 over\n" + transfer(.pasv, .v4).replacing("\n2 ", with: "\n4 "))
    scene.play()
    #expect(scene.skips == [2: .unknownProtocol, 3: .silent, 4: .data("ftp", of: 1)])
    #expect(scene.recorded.first?.origin.number == 2)

    var limits = ExtractionLimits()
    limits.waiting = 10
    scene = Scene((2..<1000).map { "\($0) c:\($0) > s:9\n\($0) S: a\n\($0) over" }.joined(separator: "\n"))
    scene.play(limits)
    #expect(scene.recorded.map(\.origin.number) == Array(2..<1000))
  }

  @Test(arguments: [50, 70]) func `a minute is over also where nothing happens any more`(seconds: Int) {
    // Its data connection was not captured.
    var scene = Scene(
      login + Mode.pasv.announce(5001, .v4) + "\n1 C: LIST\n1 S: 150 here\n1 S: 226 done" + goodbye + "\nwait \(seconds)\n0 passed")
    scene.play()
    #expect(scene.early.map(\.origin.number) == (seconds > 60 ? [1] : []))
    #expect(scene.recorded.map(\.origin.number) == [1])
  }

  @Test func `a conversation has as many transfers as it likes`() {
    var limits = ExtractionLimits()
    limits.waiting = 10
    var script = login
    for number in 2..<1000 {
      let port = UInt16(5000 + number % 7)
      script += Mode.epsv.announce(port, .v4) + "\n1 C: RETR \(number)\n\(number) c:\(number) > s:\(port)\n1 S: 150 x\n"
      script += "\(number) S: \(number)\n\(number) S.\n\(number) over\n1 S: 226 x\n"
    }
    var scene = Scene(script + goodbye)
    scene.play(limits)
    #expect(scene.carried() == (2..<1000).map { "RETR \($0): \($0)\r\n" })
  }

  @Test func `what is too large to be kept has its size and its digest`() {
    var limits = ExtractionLimits()
    limits.conversation = 200
    let line = String(repeating: "x", count: 298)
    let content = Array((line + "\r\n").utf8)
    for order in [false, true] {
      var scene = Scene(transfer(.pasv, .v4).replacing("220 hello\\n220 again", with: line))
      if order { scene.begin(with: 2) }
      scene.play(limits)
      #expect(scene.carried() == ["RETR file: "])
      #expect(scene.yaml().contains("- data: S\n    sha256: \(Digest.sha256(content))\n    size: 300\n"))
      #expect(scene[1]?.isComplete == true)
    }
    // What would have to be sent cannot be.
    var scene = Scene(
      transfer(.pasv, .v4).replacing("RETR", with: "STOR").replacing("2 S: 220 hello\\n220 again", with: "2 C: \(line)"))
    scene.play(limits)
    #expect(!scene.yaml().contains("data: C"))
    #expect(scene.yaml().contains("The data of 'STOR file' were too large to be kept: they are left out."))
  }

  @Test func `of what nobody has announced little is kept, and nothing where nobody could`() {
    var limits = ExtractionLimits()
    limits.unclaimed = 100
    let lines = (0..<3).map { String(repeating: "\($0)", count: 98) }
    let data = lines.map { "\n2 S: \($0)" }.joined()
    let script = transfer(.pasv, .v4).replacing("\n2 S: 220 hello\\n220 again", with: data)
    // Its end, and the announcement, come later.
    var scene = Scene(script)
    scene.begin(with: 2)
    scene.play(limits)
    #expect(scene.carried() == ["RETR file: -"])
    #expect(scene.skips == [2: .unknownProtocol])
    scene = Scene(script)
    scene.move("2 c:40001 > s:5001", before: "1 C: PASV")
    for line in lines { scene.move("2 S: \(line)", before: "1 C: PASV") }
    scene.play(limits)
    let content = Array(lines.map { $0 + "\r\n" }.joined().utf8)
    #expect(scene.yaml().contains("sha256: \(Digest.sha256(content))\n    size: 300\n"))
  }

  @Test func `of all together only so much is kept`() {
    var limits = ExtractionLimits()
    limits.total = 1000
    var script = login
    for number in 2..<50 {
      script += Mode.pasv.announce(5000, .v4)
      script +=
        "\n1 C: RETR \(number)\n\(number) c:\(number) > s:5000\n1 S: 150 x\n\(number) S: \(String(repeating: "y", count: 98))\n\(number) S.\n\(number) over\n1 S: 226 x\n"
    }
    var scene = Scene(script + goodbye)
    scene.play(limits)
    let carried = scene[1]?.transfers.compactMap(\.transferred.carried) ?? []
    #expect(carried.reduce(0) { $0 + $1.bytes.count } <= 1000)
    #expect(carried.allSatisfy { $0.size == 100 })
  }
}
