import Play
import Results
import Testing
import Transcript
import Wire

/// The scripted server's data connections, whatever way the client chooses for them.
@Suite struct ServedTransferTests {
  static let session = """
    S: 220 ready
    C: USER ${user}
    S: 331
    C: PASS ${secret.u}
    S: 230
    C: TYPE A
    S: 200
    C: PORT ${data}
    S: 200 PORT command successful.
    C: LIST
    S: 150 Here comes the directory listing.
    data: S
    content: one/two
    S: 226 Directory send OK.
    C: TYPE I
    S: 200
    C: PASV
    S: 227 Entering Passive Mode (${data}).
    C: RETR a.txt
    S: 150
    data: S
    text: hello\\n
    S: 226
    C: EPSV
    S: 229 Entering Extended Passive Mode (${data})
    C: STOR b.txt
    S: 150 Ok to send data.
    data: C
    text: up\\n
    S: 226 Transfer complete.
    C: QUIT
    S: 221
    close: S
    """

  func server(_ faults: String..., script: String = Self.session) throws -> Service {
    try Service("ftp", script, open: ["user", "secret.u"], faults: faults)
  }

  func loggedIn(_ faults: String..., script: String = Self.session) throws -> Service {
    var server = try Service("ftp", script, open: ["user", "secret.u"], faults: faults)
    _ = server.hears("USER me\r\nPASS x\r\n")
    return server
  }

  @Test func `it dials where PORT says, sends, ends, and then says so`() throws {
    var server = try loggedIn()
    _ = server.hears("TYPE A\r\n")
    #expect(server.hears("PORT 192,0,2,1,4,5\r\n") == "200 PORT command successful.\r\n")
    #expect(server.lines == [:])
    #expect(server.hears("LIST\r\n") == "150 Here comes the directory listing.\r\n")
    #expect(server.lines[.data(0)] == SideLine(dialled: 1029))
    #expect(server.connects(.data(0)) == "226 Directory send OK.\r\n")
    #expect(server.lines[.data(0)]?.said.hasPrefix("one\r\ntwo\r\n<end>") == true)
    #expect(server.differences == [])
  }

  @Test func `it dials where PORT said until the client says something else`() throws {
    let again = "C: NLST\nS: 150\ndata: S\ncontent: one\nS: 226\nC: TYPE I"
    var server = try loggedIn(script: Self.session.replacing("C: TYPE I", with: again))
    _ = server.hears("TYPE A\r\n")
    _ = server.hears("PORT 192,0,2,1,4,5\r\n")
    _ = server.hears("LIST\r\n")
    _ = server.connects(.data(0))
    #expect(server.hears("NLST\r\n").hasPrefix("150"))
    #expect(server.lines[.data(1)] == SideLine(dialled: 1029))
    #expect(server.connects(.data(1)).hasPrefix("226"))
    _ = server.hears("TYPE I\r\n")
    _ = server.hears("PASV\r\n")
    _ = server.happens(.listening(Endpoint(Address(v4: 0xc000_0202), 1029), on: .data(2)))
    _ = server.hears("RETR a.txt\r\n")
    #expect(server.connects(.data(2)).hasPrefix("226"))
  }

  @Test func `it waits before it says where, and for the client before it sends`() throws {
    var server = try loggedIn()
    _ = server.hears("TYPE I\r\n")
    #expect(server.hears("PASV\r\n") == "")
    #expect(server.lines[.data(0)] == SideLine())
    let place = Endpoint(Address(v4: 0xc000_0202), 1029)
    #expect(server.happens(.listening(place, on: .data(0))) == "227 Entering Passive Mode (192,0,2,2,4,5).\r\n")
    #expect(server.hears("RETR a.txt\r\n") == "150 About to open data connection\r\n")
    #expect(server.connects(.data(0)) == "226 Transfer complete\r\n")
    #expect(server.lines[.data(0)]?.said.hasPrefix("hello\n<end>") == true)
  }

  @Test func `only the client's own host is dialled, and another one is told`() throws {
    var server = try loggedIn()
    _ = server.hears("TYPE A\r\nPORT 10,9,8,7,4,5\r\nLIST\r\n")
    #expect(server.lines[.data(0)] == SideLine(dialled: 1029))
    #expect(server.differences == ["8: drift port-address"])
  }

  @Test(arguments: [
    ("PASV", "227 Entering Passive Mode (192,0,2,2,156,65)\r\n"), ("EPSV", "229 Entering Extended Passive Mode (|||40001|)\r\n"),
    ("PORT 192,0,2,1,4,5", "200 Ok\r\n"), ("EPRT |1|192.0.2.1|1029|", "200 Ok\r\n"),
  ])
  func `a client chooses its own way, and the reply fits it`(command: String, reply: String) throws {
    for transfer in ["LIST", "RETR a.txt"] {
      var server = try loggedIn()
      _ = server.hears(transfer == "LIST" ? "TYPE A\r\n" : "TYPE I\r\n")
      var said = server.hears(command + "\r\n")
      if said.isEmpty { said = server.happens(.listening(Endpoint(Address(v4: 0xc000_0202), 40_001), on: .data(0))) }
      if !command.hasPrefix("PORT") || transfer != "LIST" { #expect(said.hasPrefix(reply.prefix(4)), "\(said)") }
      #expect(server.hears("\(transfer)\r\n").hasPrefix("150"))
      #expect(server.connects(.data(0)).hasPrefix("226"))
      #expect(server.lines[.data(0)]?.said.hasPrefix(transfer == "LIST" ? "one\r\ntwo\r\n<end>" : "hello\n<end>") == true)
      #expect(server.hears("QUIT\r\n").hasPrefix("221"))
      #expect(server.isFinished)
      #expect(!server.differences.contains { $0.contains("divergence") || $0.contains("violation") }, "\(server.differences)")
    }
  }

  @Test func `what was passed over can still be asked for`() throws {
    var server = try loggedIn()
    // As curl does: first the connection, then the type, and a listing behind a file.
    _ = server.hears("EPSV\r\n")
    _ = server.happens(.listening(Endpoint(Service.own.address, 40_001), on: .data(0)))
    _ = server.hears("TYPE I\r\nSIZE a.txt\r\nRETR a.txt\r\n")
    #expect(server.connects(.data(0)) == "226 Transfer complete\r\n")
    _ = server.hears("EPSV\r\n")
    _ = server.happens(.listening(Endpoint(Service.own.address, 40_002), on: .data(1)))
    #expect(server.hears("TYPE A\r\n") == "200 Ok\r\n")
    #expect(server.hears("LIST\r\n") == "150 Here comes the directory listing.\r\n")
    #expect(server.connects(.data(1)) == "226 Directory send OK.\r\n")
  }

  @Test func `an upload is taken to its end and compared`() throws {
    for (content, differences) in [("up\n", []), ("down\n", ["28: drift content"])] {
      var server = try loggedIn()
      _ = server.hears("TYPE I\r\nEPSV\r\n")
      _ = server.happens(.listening(Endpoint(Service.own.address, 40_001), on: .data(0)))
      #expect(server.hears("STOR b.txt\r\n") == "150 Ok to send data.\r\n")
      #expect(server.connects(.data(0)) == "")
      #expect(server.hears(content, on: .data(0)) == "")
      #expect(server.happens(.ended(.finished, on: .data(0))) == "226 Transfer complete.\r\n")
      #expect(server.differences.filter { $0.contains("content") } == differences)
    }
  }

  @Test func `a connection that never comes is 425`() throws {
    var server = try loggedIn()
    _ = server.hears("TYPE A\r\nPORT 192,0,2,1,4,5\r\nLIST\r\n")
    #expect(server.happens(.failed(.refused, "refused", on: .data(0))) == "425 Can't open data connection\r\n")
    #expect(server.differences == ["12: divergence no-connection"])
    var waiting = try loggedIn()
    _ = waiting.hears("TYPE A\r\nPASV\r\n")
    _ = waiting.happens(.listening(Endpoint(Service.own.address, 40_001), on: .data(0)))
    _ = waiting.hears("LIST\r\n")
    #expect(waiting.waits(.seconds(30)) == "425 Can't open data connection\r\n")
    #expect(waiting.lines[.data(0)]?.said == "<end>")
    // And on it goes.
    #expect(waiting.hears("TYPE I\r\n") == "200 Ok\r\n")
    var nowhere = try loggedIn()
    _ = nowhere.hears("TYPE A\r\n")
    #expect(nowhere.hears("LIST\r\n").hasSuffix("425 Can't open data connection\r\n"))
  }

  @Test func `ABOR cuts what runs`() throws {
    var server = try loggedIn()
    _ = server.hears("TYPE A\r\nPORT 192,0,2,1,4,5\r\nLIST\r\n")
    _ = server.happens(.connected(on: .data(0)))
    #expect(server.hears("ABOR\r\n") == "426 Connection closed; transfer aborted\r\n226 Transfer complete\r\n")
    #expect(server.lines[.data(0)]?.said == "one\r\ntwo\r\n<end>")
    #expect(server.hears("TYPE I\r\n") == "200 Ok\r\n")
    #expect(server.differences == ["12: drift data-cut", "15: divergence unknown-command"])
  }

  @Test func `a transfer that the script cuts is cut by the same side`() throws {
    let head = "S: 220\nC: PORT ${data}\nS: 200\nC: RETR x\nS: 150\ndata: S\ntext: part\nearly\n"
    var byServer = try server(script: head + "S: 426\nC: QUIT\nS: 221")
    _ = byServer.hears("PORT 192,0,2,1,4,5\r\nRETR x\r\n")
    #expect(byServer.connects(.data(0)) == "426 Connection closed; transfer aborted\r\n")
    #expect(byServer.lines[.data(0)]?.said == "part<reset>")
    #expect(byServer.differences == [])
    var byClient = try server(script: head + "C: ABOR\nS: 426\nS: 226\nC: QUIT\nS: 221")
    _ = byClient.hears("PORT 192,0,2,1,4,5\r\nRETR x\r\n")
    #expect(byClient.connects(.data(0)) == "")
    #expect(byClient.lines[.data(0)]?.said == "part")
    #expect(byClient.hears("ABOR\r\n") == "426 Connection closed; transfer aborted\r\n226 Transfer complete\r\n")
    #expect(byClient.differences == [])
    // As it stands in a recording where ABOR came before the data's end.
    let crossed = "S: 220\nC: PORT ${data}\nS: 200\nC: RETR x\nS: 150\nC: ABOR\ndata: S\ntext: part\nearly\nS: 426\nS: 226\nC: QUIT\nS: 221"
    var before = try server(script: crossed)
    _ = before.hears("PORT 192,0,2,1,4,5\r\nRETR x\r\n")
    #expect(before.connects(.data(0)) == "")
    #expect(before.hears("ABOR\r\n") == "426 Connection closed; transfer aborted\r\n226 Transfer complete\r\n")
    #expect(before.lines[.data(0)]?.said == "part<end>")
    #expect(before.differences == [])
  }

  @Test func `a transfer of which the transcript has nothing but the replies is empty`() throws {
    var server = try server(script: "S: 220\nC: PORT ${data}\nS: 200\nC: NLST\nS: 150\nS: 226\nC: QUIT\nS: 221")
    #expect(server.hears("PORT 192,0,2,1,4,5\r\nNLST\r\n").hasPrefix("200 Ok\r\n150 "))
    #expect(server.connects(.data(0)) == "226 Transfer complete\r\n")
    #expect(server.lines[.data(0)]?.said.hasPrefix("<end>") == true)
  }

  @Test func `a password that is a word of the prompt keeps nobody out`() throws {
    var server = try Service(
      "ftp", "S: 220\nC: USER a\nS: 331 Please give the ${secret.a}\nC: PASS ${secret.a}\nS: 230 Now it is ${secret.a}",
      open: ["secret.a"])
    #expect(server.hears("USER a\r\n") == "331 User name okay, need password\r\n")
    #expect(server.hears("PASS x\r\n") == "230 Now it is x\r\n")
  }

  // MARK: Against the client's role

  static let ways = [
    ("PORT ${data}", "200 PORT command successful."), ("EPRT ${data}", "200"), ("PASV", "227 Entering Passive Mode (${data})."),
    ("EPSV", "229 Entering Extended Passive Mode (${data})"),
  ]

  static func script(_ way: (String, String)) throws -> Script { try Script(try conversation("ftp", text(way))) }

  static func text(_ way: (String, String)) -> String {
    """
    S: 220
    C: TYPE A
    S: 200
    C: \(way.0)
    S: \(way.1)
    C: LIST
    S: 150
    data: S
    content: -rw-r--r-- 1 a a 6 Mar 05 2024 a.txt/-rw-r--r-- 1 a a 6 Mar 05 2024 b.txt
    S: 226
    C: TYPE I
    S: 200
    C: \(way.0)
    S: \(way.1)
    C: RETR a.txt
    S: 150
    data: S
    text: hello\\n
    S: 226
    C: \(way.0)
    S: \(way.1)
    C: STOR b.txt
    S: 150
    data: C
    text: up\\n
    S: 226
    C: QUIT
    S: 221
    close: S
    """
  }

  @Test(arguments: 0..<4, Boards.Order.allCases) func `transfers played against themselves show no difference`(
    way: Int, order: Boards.Order
  )
    throws
  {
    for (family, pieces) in [(Address.Family.v4, Int.max), (.v4, 1), (.v6, 3)] {
      // PORT and 227 have no place for an address of IPv6.
      if family == .v6, way == 0 || way == 2 { continue }
      let theatre = Theatre(try Self.script(Self.ways[way]), pieces: pieces, order: order, family: family)
      #expect(Theatre.differences(theatre.client) == [])
      #expect(Theatre.differences(theatre.server) == [])
      #expect(theatre.client.steps.allSatisfy { $0.state == .done })
      #expect(theatre.server.steps.allSatisfy { $0.state == .done })
      #expect(theatre.leftBehind == 0)
    }
  }

  @Test(arguments: 0..<2) func `one PORT for several transfers shows no difference, either`(way: Int) throws {
    let named = "C: \(Self.ways[way].0)\nS: \(Self.ways[way].1)\n"
    let once = Self.text(Self.ways[way]).replacing(named, with: "").replacing("C: LIST", with: named + "C: LIST")
    let theatre = Theatre(try Script(try conversation("ftp", once)))
    #expect(Theatre.differences(theatre.client) == [])
    #expect(Theatre.differences(theatre.server) == [])
    #expect(theatre.client.steps.allSatisfy { $0.state == .done })
    #expect(theatre.leftBehind == 0)
  }

  @Test(arguments: 0..<4, 0..<4) func `a client that chooses another way gets the same`(client: Int, server: Int) throws {
    let theatre = Theatre(try Self.script(Self.ways[client]), server: try Self.script(Self.ways[server]))
    #expect(Theatre.differences(theatre.client).filter { !$0.contains("note") } == [])
    #expect(Theatre.differences(theatre.server).filter { !$0.hasSuffix("drift data-mode") } == [])
    #expect(theatre.server.steps.allSatisfy { $0.state == .done })
    #expect(theatre.leftBehind == 0)
  }

  @Test(arguments: [
    ("no-data@LIST", "divergence no-"), ("data-reset@RETR", "data-reset"), ("truncate@LIST", "missing"), ("truncate@RETR", "content"),
    ("data-late=20s@LIST", "late"), ("data-late=1s@LIST", ""), ("pasv-bad-address", "pasv-address"), ("code=550@RETR", "reply-code"),
  ])
  func `each fault of a transfer is found`(fault: String, expected: String) throws {
    for way in [0, 2] where way == 2 || !fault.hasPrefix("pasv") {
      let theatre = Theatre(try Self.script(Self.ways[way]), faults: [try Fault.parse(fault).get()])
      let found = Theatre.differences(theatre.client)
      #expect(expected.isEmpty ? found == [] : found.contains { $0.contains(expected) }, "\(found)")
      #expect(theatre.leftBehind == 0)
    }
  }

  // MARK: Faults

  @Test func `no-data claims what never was`() throws {
    var active = try loggedIn("no-data@LIST")
    _ = active.hears("TYPE A\r\nPORT 192,0,2,1,4,5\r\n")
    #expect(active.hears("LIST\r\n") == "150 Here comes the directory listing.\r\n226 Directory send OK.\r\n")
    #expect(active.lines == [:])
    var passive = try loggedIn("no-data")
    _ = passive.hears("TYPE A\r\nPASV\r\n")
    #expect(passive.happens(.listening(Endpoint(Service.own.address, 40_001), on: .data(0))).hasPrefix("227"))
    #expect(passive.lines[.data(0)]?.said == "<end>")
    #expect(passive.hears("LIST\r\n") == "150 Here comes the directory listing.\r\n226 Directory send OK.\r\n")
  }

  @Test func `data-reset and truncate send half of it`() throws {
    for (fault, end, code) in [("data-reset", "<reset>", "426"), ("truncate@LIST", "<end>", "226")] {
      var server = try loggedIn(fault)
      _ = server.hears("TYPE A\r\nPORT 192,0,2,1,4,5\r\nLIST\r\n")
      #expect(server.connects(.data(0)).hasPrefix(code))
      #expect(server.lines[.data(0)]?.said.hasPrefix("one\r\n" + end) == true)
    }
  }

  @Test func `data-late dials late`() throws {
    var server = try loggedIn("data-late=3s@LIST")
    _ = server.hears("TYPE A\r\nPORT 192,0,2,1,4,5\r\nLIST\r\n")
    #expect(server.waits(.seconds(2)) == "")
    #expect(server.lines == [:])
    _ = server.waits(.seconds(1))
    #expect(server.lines[.data(0)] == SideLine(dialled: 1029))
  }

  @Test(arguments: [("pasv-bad-address", "192,0,2,1"), ("pasv-bad-address=198.51.100.7", "198,51,100,7")])
  func `pasv-bad-address names somebody else`(fault: String, address: String) throws {
    var server = try loggedIn(fault)
    _ = server.hears("TYPE I\r\nPASV\r\n")
    #expect(
      server.happens(.listening(Endpoint(Service.own.address, 1029), on: .data(0)))
        == "227 Entering Passive Mode (\(address),4,5).\r\n")
  }

  @Test(arguments: ["no-data=1", "data-late=x", "pasv-bad-address=x", "truncate=3"]) func `what is no value is refused`(text: String) {
    #expect(throws: FaultError.self) { try Fault.parse(text).get() }
  }
}
