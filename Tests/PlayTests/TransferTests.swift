import Play
import Results
import Testing
import Transcript
import Wire

let server = Endpoint(Address(v4: 0x0a00_0001), 21)
let client = Endpoint(Address(v4: 0x0a00_0002), 40000)

/// Data connections of the client's role, without a socket.
@Suite struct TransferTests {
  static let passive = """
    S: 220 ready
    C: PASV
    S: 227 Entering Passive Mode (${data})
    C: LIST
    S: 150 Here it comes
    data: S
    content: -rw-r--r--    1 0        0               4 Jan 01  2024 a.txt/-rw-r--r--    1 0        0               5 Jan 01  2024 b.txt
    S: 226 Done
    C: QUIT
    S: 221 Bye
    """
  static let active = passive.replacing("C: PASV", with: "C: PORT ${data}").replacing("227 Entering Passive Mode (${data})", with: "200 Ok")
  static let listing =
    "-rw-r--r--    1 0        0               4 Jan 01  2024 a.txt\r\n-rw-r--r--    1 0        0               5 Jan 01  2024 b.txt\r\n"

  func begin(_ script: String = passive, adjust: (inout PlayOptions) -> Void = { _ in }) throws -> Dialogue {
    var play = try Dialogue("ftp", script, adjust: adjust)
    _ = play.happens(.connected(own: client, peer: server))
    _ = play.hears("220 ready\r\n")
    return play
  }

  /// A passive transfer up to its first reply.
  func beginPassive(_ script: String = passive, reply: String = "150 Here it comes\r\n") throws -> Dialogue {
    var play = try begin(script)
    _ = play.hears("227 Entering Passive Mode (10,0,0,1,19,136)\r\n")
    _ = play.happens(.connected(on: .data(0)))
    _ = play.hears(reply)
    return play
  }

  @Test func `in passive mode the client dials where the server says, and hears it out`() throws {
    var play = try begin()
    #expect(play.hears("227 Entering Passive Mode (10,0,0,1,19,136)\r\n") == "LIST\r\n")
    #expect(play.lines == [0: ["dial 5000"]])
    _ = play.happens(.connected(on: .data(0)))
    _ = play.hears("150 Here it comes\r\n")
    _ = play.takes(Self.listing, on: 0)
    #expect(play.hears("226 Done\r\n") == "")
    #expect(play.happens(.ended(.finished, on: .data(0))) == "QUIT\r\n")
    #expect(play.lines == [0: ["dial 5000", "<close>"]])
    _ = play.hears("221 Bye\r\n")
    #expect(play.isFinished && play.differences == [] && play.unreached == [])
  }

  @Test func `in active mode the client listens before it says where`() throws {
    var play = try begin(Self.active)
    #expect(play.lines == [0: ["listen"]])
    #expect(play.happens(.listening(Endpoint(client.address, 0x1234), on: .data(0))) == "PORT 10,0,0,2,18,52\r\n")
    #expect(play.hears("200 Ok\r\n") == "LIST\r\n")
    _ = play.happens(.connected(on: .data(0)))
    _ = play.takes(Self.listing, on: 0)
    _ = play.happens(.ended(.finished, on: .data(0)))
    #expect(play.hears("150 Here it comes\r\n226 Done\r\n") == "QUIT\r\n")
    #expect(play.differences == [] && play.lines == [0: ["listen", "<close>"]])
  }

  // MARK: Where the connection is made

  @Test(arguments: [
    ("227 Entering Passive Mode (10,0,0,1,19,136)", []), ("227 Entering Passive Mode (192,168,1,9,19,136)", ["3: drift pasv-address"]),
    ("227 Entering Passive Mode (10,0,0,1,0,22)", ["3: note pasv-port"]), ("227 =10,0,0,1,19,136", ["3: note wording"]),
  ])
  func `only the server itself is ever dialled`(reply: String, differences: [String]) throws {
    var play = try begin()
    #expect(play.hears(reply + "\r\n") == "LIST\r\n")
    #expect(play.lines == [0: [reply.contains("0,22") ? "dial 22" : "dial 5000"]])
    #expect(play.differences == differences)
  }

  @Test func `an address of IPv4 within one of IPv6 is the same`() throws {
    var play = try Dialogue("ftp", Self.passive)
    _ = play.happens(.connected(own: client, peer: Endpoint(Address(v6: 0, 0xffff_0a00_0001), 21)))
    _ = play.hears("220 ready\r\n")
    _ = play.hears("227 Entering Passive Mode (10,0,0,1,19,136)\r\n")
    #expect(play.differences == [])
  }

  @Test func `behind a NAT its outer address is said`() throws {
    var play = try begin(Self.active) { $0.dataAddress = Address("203.0.113.7") }
    #expect(play.happens(.listening(Endpoint(client.address, 0x1234), on: .data(0))) == "PORT 203,0,113,7,18,52\r\n")
  }

  @Test func `PORT has no place for an address of IPv6, and EPRT has`() throws {
    let own = Endpoint(Address(v6: 0, 1), 5001)
    var port = try begin(Self.active)
    #expect(port.happens(.listening(own, on: .data(0))) == "QUIT\r\n")
    #expect(port.isFinished)
    #expect(port.role.outcome.reason?.kind == .unplayable)
    #expect(port.role.outcome.reason?.message.contains("test.yaml:2:1: this message has no place for [::1]:5001") == true)
    var extended = try begin(Self.active.replacing("PORT", with: "EPRT"))
    #expect(extended.happens(.listening(own, on: .data(0))) == "EPRT |2|::1|5001|\r\n")
  }

  @Test func `where no port is free it is our fault`() throws {
    var play = try begin(Self.active)
    _ = play.happens(.failed(.unreachable, "no port is free", on: .data(0)))
    #expect(play.isFinished && play.role.outcome.reason == Reason(.fault, "a data connection cannot be waited for: no port is free"))
    #expect(play.differences == [])
  }

  @Test func `what cannot be read as an endpoint breaks the protocol, and the conversation goes on`() throws {
    for reply in ["227 Entering Passive Mode (10,0,0,1,19)", "227 Entering Passive Mode (10,0,0,300,19,136)"] {
      var play = try begin()
      #expect(play.hears(reply + "\r\n") == "LIST\r\n")
      #expect(play.lines == [:])
      #expect(play.differences.count == 1 && play.differences[0].hasPrefix("3: violation"))
      #expect(play.hears("150 Here it comes\r\n425 No\r\n") == "QUIT\r\n")
      #expect(play.differences.contains("6: divergence no-connection"))
      #expect(play.counted.count == 1)
    }
  }

  @Test func `an endpoint that the transcript itself names is sent as it is, and nobody listens`() throws {
    var play = try begin(Self.active.replacing("${data}", with: "10,9,9,9,4,5"))
    #expect(play.lines == [:])
    _ = play.hears("200 Ok\r\n")
    _ = play.hears("150 Here it comes\r\n")
    #expect(play.counted == ["6: divergence no-connection"])
    let difference = try #require(play.role.outcome.steps[5].differences.first)
    #expect(difference.fault == .transcript && difference.hint?.contains("${data}") == true)
    #expect(play.hears("426 No\r\n") == "QUIT\r\n")
    #expect(play.counted.count == 1)
  }

  @Test func `a transcript that speaks of no connection is at fault itself`() throws {
    var play = try begin("S: 220 ready\nC: LIST\nS: 150 go\ndata: S\nS: 226 ok")
    _ = play.hears("150 go\r\n226 ok\r\n")
    #expect(play.counted == ["4: divergence no-connection"])
    #expect(play.role.outcome.steps[3].differences.first?.fault == .transcript)
  }

  static let twice = active.replacing("C: QUIT", with: "C: RETR a.txt\nS: 150\ndata: S\ncontent: hello\nS: 226\nC: QUIT")

  @Test func `an endpoint that was announced once is waited at for every transfer`() throws {
    var play = try begin(Self.twice)
    _ = play.happens(.listening(Endpoint(client.address, 0x1234), on: .data(0)))
    _ = play.hears("200 Ok\r\n")
    _ = play.happens(.connected(on: .data(0)))
    _ = play.takes(Self.listing, on: 0)
    _ = play.happens(.ended(.finished, on: .data(0)))
    // It is waited at again before the server is asked to dial it.
    #expect(play.hears("150 Here it comes\r\n226 Done\r\n") == "")
    #expect(play.lines[1] == ["listen 4660"])
    #expect(play.happens(.listening(Endpoint(client.address, 0x1234), on: .data(1))) == "RETR a.txt\r\n")
    _ = play.happens(.connected(on: .data(1)))
    _ = play.takes("hello\r\n", on: 1)
    _ = play.happens(.ended(.finished, on: .data(1)))
    #expect(play.hears("150 Here it comes\r\n226 Done\r\n") == "QUIT\r\n")
    #expect(play.differences.filter { !$0.contains("note") } == [])
  }

  @Test func `a transfer that was refused leaves the endpoint to the next`() throws {
    var play = try begin(Self.twice.replacing("C: QUIT", with: "C: RETR b.txt\nS: 150\ndata: S\ncontent: hello\nS: 226\nC: QUIT"))
    _ = play.happens(.listening(Endpoint(client.address, 0x1234), on: .data(0)))
    _ = play.hears("200 Ok\r\n")
    _ = play.happens(.connected(on: .data(0)))
    _ = play.takes(Self.listing, on: 0)
    _ = play.happens(.ended(.finished, on: .data(0)))
    _ = play.hears("150 Here it comes\r\n226 Done\r\n")
    _ = play.happens(.listening(Endpoint(client.address, 0x1234), on: .data(1)))
    _ = play.hears("550 No\r\n")
    #expect(play.lines[1] == ["listen 4660", "<close>"] && play.lines[2] == ["listen 4660"])
  }

  @Test func `in passive mode each transfer needs an endpoint of its own, and a transcript without is at fault`() throws {
    var play = try beginPassive(Self.twice.replacing("C: PORT ${data}\nS: 200 Ok", with: "C: PASV\nS: 227 Entering Passive Mode (${data})"))
    _ = play.takes(Self.listing, on: 0)
    _ = play.happens(.ended(.finished, on: .data(0)))
    #expect(play.hears("226 Done\r\n") == "RETR a.txt\r\n")
    _ = play.hears("150 Here it comes\r\n")
    #expect(play.counted == ["11: divergence no-connection"])
    let difference = try #require(play.role.outcome.steps[10 - 1].differences.first)
    #expect(difference.fault == .transcript && difference.hint?.contains("before each transfer") == true)
  }

  @Test func `a new announcement makes the one before it void`() throws {
    var play = try begin(Self.passive.replacing("C: LIST", with: "C: EPSV\nS: 229 Extended (${data})\nC: LIST"))
    _ = play.hears("227 Entering Passive Mode (10,0,0,1,19,136)\r\n")
    _ = play.hears("229 Extended (|||6000|)\r\n")
    _ = play.happens(.connected(on: .data(0)))
    _ = play.happens(.connected(on: .data(1)))
    _ = play.hears("150 Here it comes\r\n")
    #expect(play.lines == [0: ["dial 5000", "<close>"], 1: ["dial 6000"]])
  }

  @Test func `commands that were sent together find their own connections`() throws {
    let script = """
      S: 220 ready
      C: PASV
      C: NLST a
      C: EPSV
      C: NLST b
      S: 227 (${data})
      S: 150 go
      data: S
      content: a
      S: 226 ok
      S: 229 (${data})
      S: 150 go
      data: S
      content: b
      S: 226 ok
      """
    var play = try begin(script)
    _ = play.hears("227 (10,0,0,1,19,136)\r\n")
    _ = play.happens(.connected(on: .data(0)))
    _ = play.hears("150 go\r\n226 ok\r\n229 (|||6000|)\r\n150 go\r\n226 ok\r\n")
    _ = play.takes("a\r\n", on: 0)
    _ = play.happens(.ended(.finished, on: .data(0)))
    _ = play.happens(.connected(on: .data(1)))
    _ = play.takes("b\r\n", on: 1)
    _ = play.happens(.ended(.finished, on: .data(1)))
    #expect(play.isFinished && play.differences == [])
  }

  // MARK: Its course

  @Test func `a connection that is refused, or that never comes`() throws {
    var refused = try begin()
    _ = refused.hears("227 Entering Passive Mode (10,0,0,1,19,136)\r\n")
    _ = refused.happens(.failed(.refused, "10.0.0.1:5000: connection refused", on: .data(0)))
    _ = refused.hears("150 Here it comes\r\n")
    #expect(refused.counted == ["6: divergence no-connection"])
    #expect(refused.hears("425 No connection\r\n") == "QUIT\r\n")
    #expect(refused.counted.count == 1)

    var never = try begin(Self.active)
    _ = never.happens(.listening(Endpoint(client.address, 0x1234), on: .data(0)))
    _ = never.hears("200 Ok\r\n")
    _ = never.hears("150 Here it comes\r\n")
    #expect(never.differences == [])
    _ = never.waits(.seconds(30))
    #expect(never.counted == ["6: divergence no-connection"])
    #expect(never.lines == [0: ["listen", "<reset>"]])
    #expect(never.hears("425 No connection\r\n") == "QUIT\r\n")
  }

  @Test func `226 without any data`() throws {
    var play = try begin(Self.active)
    _ = play.happens(.listening(Endpoint(client.address, 0x1234), on: .data(0)))
    #expect(play.hears("200 Ok\r\n") == "LIST\r\n")
    #expect(play.hears("150 Here it comes\r\n226 Done\r\n") == "")
    #expect(play.waits(.seconds(30)) == "QUIT\r\n")
    #expect(play.counted == ["6: divergence no-data"])

    // A connection that the server has forgotten is none.
    var forgotten = try beginPassive()
    #expect(forgotten.hears("226 Done\r\n") == "")
    #expect(forgotten.waits(.seconds(30)) == "QUIT\r\n")
    #expect(forgotten.counted == ["6: divergence no-data"])
  }

  @Test func `425 after 150: there is nothing to wait for`() throws {
    var play = try begin(Self.active)
    _ = play.happens(.listening(Endpoint(client.address, 0x1234), on: .data(0)))
    #expect(play.hears("200 Ok\r\n") == "LIST\r\n")
    #expect(play.hears("150 Here it comes\r\n425 Cannot\r\n") == "QUIT\r\n")
    #expect(play.counted == ["8: divergence reply-code"] && play.unreached.contains(6))

    // Whatever has become of a connection that was made.
    var passive = try beginPassive()
    #expect(passive.hears("425 Cannot\r\n") == "QUIT\r\n")
    #expect(passive.counted == ["8: divergence reply-code"] && passive.unreached.contains(6))
  }

  @Test func `a refusal after 150 is told where it is, though the connection stays open`() throws {
    var play = try beginPassive()
    #expect(play.hears("451 Local error\r\n") == "")
    #expect(play.waits(.seconds(30)) == "QUIT\r\n")
    #expect(play.counted == ["8: divergence reply-code"] && play.unreached.contains(6))
    #expect(play.lines[0]?.last == "<close>")
  }

  @Test func `the last reply to a transfer that came to nothing may be missing or late`() throws {
    var unreadable = try begin()
    _ = unreadable.hears("227 Entering Passive Mode (10,0,0,1,19)\r\n")
    _ = unreadable.hears("150 Here it comes\r\n")
    _ = unreadable.waits(.seconds(30))
    #expect(unreadable.counted == ["3: violation data-endpoint"] && unreadable.isFinished)

    for reply in ["", "226 Done\r\n"] {
      var play = try beginPassive()
      _ = play.waits(.seconds(30))
      _ = play.waits(.seconds(29))
      _ = play.hears(reply)
      _ = play.waits(.seconds(1))
      #expect(play.counted == ["6: divergence late"])
    }
  }

  @Test func `a transfer that is refused is not reached`() throws {
    for code in ["425", "450", "550"] {
      var play = try beginPassive(reply: "\(code) No\r\n")
      #expect(play.counted == ["5: divergence reply-code"])
      #expect(play.unreached.contains(6))
      _ = play.hears("221 Bye\r\n")
      #expect(play.isFinished)
      #expect(play.counted == ["5: divergence reply-code"])
    }
  }

  @Test func `a reset in the middle is its own difference, and 426 follows from it`() throws {
    var play = try beginPassive()
    _ = play.takes("-rw-r--r--    1 0 ", on: 0)
    _ = play.happens(.ended(.reset, on: .data(0)))
    #expect(play.hears("426 Broken\r\n") == "QUIT\r\n")
    #expect(play.counted == ["6: divergence data-reset"])
    #expect(play.differences == ["6: divergence data-reset", "8: divergence reply-code"])
    #expect(play.lines == [0: ["dial 5000", "<close>"]])
  }

  @Test func `a reset after all of it is a race`() throws {
    var play = try beginPassive()
    _ = play.takes(Self.listing, on: 0)
    _ = play.happens(.ended(.reset, on: .data(0)))
    #expect(play.hears("226 Done\r\n") == "QUIT\r\n")
    #expect(play.differences == ["6: note closed-otherwise"])
  }

  @Test func `the data may end too late, or never`() throws {
    var late = try beginPassive(Self.passive.replacing("data: S\n", with: "data: S\nwithin: 1s\n"))
    _ = late.takes(Self.listing, on: 0)
    _ = late.waits(.seconds(2))
    _ = late.happens(.ended(.finished, on: .data(0)))
    #expect(late.counted == ["6: divergence late"])

    var never = try beginPassive()
    _ = never.takes("x", on: 0)
    _ = never.waits(.seconds(30))
    #expect(never.counted == ["6: divergence late"])
    #expect(never.lines == [0: ["dial 5000", "<reset>"]])

    var open = try beginPassive()
    _ = open.takes(Self.listing, on: 0)
    _ = open.hears("226 Done\r\n")
    #expect(open.waits(.seconds(30)) == "QUIT\r\n")
    #expect(open.counted == ["6: divergence still-open"])
  }

  @Test func `data without end is cut off`() throws {
    var play = try begin { options in
      options.transferLimit = 1 << 20
      options.payloadLimit = 1000
    }
    _ = play.hears("227 Entering Passive Mode (10,0,0,1,19,136)\r\n")
    _ = play.happens(.connected(on: .data(0)))
    _ = play.hears("150 Here it comes\r\n")
    let flood = [UInt8](repeating: 65, count: 65_536)
    for _ in 0..<100 { _ = play.takes(bytes: flood, on: 0) }
    #expect(play.lines == [0: ["dial 5000", "<reset>"]])
    #expect(play.counted == ["6: divergence flood"])
    #expect(play.hears("426 Broken\r\n") == "QUIT\r\n")
    #expect(play.counted.count == 1)
  }

  @Test func `a transfer without a preliminary reply is a drift, and so is one more of them`() throws {
    var without = try beginPassive(reply: "226 Done\r\n")
    _ = without.takes(Self.listing, on: 0)
    #expect(without.happens(.ended(.finished, on: .data(0))) == "QUIT\r\n")
    #expect(without.counted.filter { !$0.contains("unlisted-code") } == ["5: drift missing-preliminary"])

    var more = try beginPassive(
      Self.passive.replacing("S: 150 Here it comes\n", with: "").replacing("S: 226 Done\n", with: "")
        .replacing("data: S", with: "S: 226 Done\ndata: S"))
    #expect(more.hears("226 Done\r\n") == "")
    _ = more.takes(Self.listing, on: 0)
    #expect(more.happens(.ended(.finished, on: .data(0))) == "QUIT\r\n")
    #expect(more.counted == ["5: drift extra-preliminary"])
  }

  @Test func `data where the transcript's server refuses follows from that`() throws {
    let script = "S: 220 ready\nC: PASV\nS: 227 Entering Passive Mode (${data})\nC: RETR x\nS: 550 No such file\nC: QUIT\nS: 221 Bye"
    var play = try beginPassive(script, reply: "150 go\r\n")
    #expect(play.counted == ["5: divergence reply-code"])
    _ = play.takes("surprise", on: 0)
    _ = play.happens(.ended(.finished, on: .data(0)))
    _ = play.hears("226 ok\r\n221 Bye\r\n")
    #expect(play.isFinished)
    #expect(play.counted == ["5: divergence reply-code"])
    #expect(play.differences.contains("5: divergence extra-data"))
  }

  @Test func `a connection that no transfer came to is left before the server is to end`() throws {
    let script =
      "S: 220 ready\nC: PASV\nS: 227 Entering Passive Mode (${data})\nC: RETR x\nS: 550 No such file\nC: QUIT\nS: 221 Bye\nclose: S"
    var play = try beginPassive(script, reply: "550 No such file\r\n")
    #expect(play.lines == [0: ["dial 5000"]])
    _ = play.hears("221 Bye\r\n")
    #expect(play.lines == [0: ["dial 5000", "<close>"]])
    _ = play.happens(.ended(.finished))
    #expect(play.isFinished && play.differences == [])
  }

  @Test func `where the transcript's server found nobody, nobody is there`() throws {
    let rest = "C: LIST\nS: 425 Can't open data connection\nC: QUIT\nS: 221 Bye"
    var active = try begin("S: 220 ready\nC: PORT ${data}\nS: 200 Ok\n" + rest)
    #expect(active.happens(.listening(Endpoint(client.address, 5000), on: .data(0))) == "PORT 10,0,0,2,19,136\r\n")
    #expect(active.lines == [0: ["listen", "<close>"]])
    #expect(active.hears("200 Ok\r\n") == "LIST\r\n")
    #expect(active.hears("425 Can't open data connection\r\n") == "QUIT\r\n")
    _ = active.hears("221 Bye\r\n")
    #expect(active.isFinished && active.differences == [])
    var passive = try begin("S: 220 ready\nC: PASV\nS: 227 Entering Passive Mode (${data})\n" + rest)
    #expect(passive.hears("227 Entering Passive Mode (10,0,0,1,19,136)\r\n") == "LIST\r\n")
    #expect(passive.hears("425 Can't open data connection\r\n") == "QUIT\r\n")
    _ = passive.hears("221 Bye\r\n")
    #expect(passive.isFinished && passive.differences == [] && passive.lines == [:])
  }

  @Test func `a transfer that nobody wrote down is let through`() throws {
    let script = "S: 220 ready\nC: PASV\nS: 227 Entering Passive Mode (${data})\nC: RETR x\nS: 150 go\nS: 226 ok\nC: QUIT\nS: 221 Bye"
    var play = try beginPassive(script, reply: "150 go\r\n")
    _ = play.takes("whatever", on: 0)
    _ = play.happens(.ended(.finished, on: .data(0)))
    #expect(play.hears("226 ok\r\n") == "QUIT\r\n")
    #expect(play.differences == [] && play.lines == [0: ["dial 5000", "<close>"]])
  }

  @Test func `the server is gone in the middle`() throws {
    var play = try beginPassive()
    _ = play.takes(Self.listing, on: 0)
    _ = play.happens(.ended(.finished))
    #expect(!play.isFinished)
    _ = play.happens(.ended(.finished, on: .data(0)))
    #expect(play.isFinished && play.counted == ["8: divergence closed-early"])
  }
}
