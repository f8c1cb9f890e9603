import Glibc
import Replay
import Testing
import Transcript

/// The scripted server's data connections over sockets: in all four ways, in both families.
@Suite struct ServedTransferTests {
  static let content = String(repeating: "a line of a file that is not short. ", count: 30_000)
  static let session = """
    S: 220
    C: TYPE I
    S: 200
    C: PASV
    S: 227 Entering Passive Mode (${data}).
    C: RETR file
    S: 150
    data: S
    content: \(content)
    S: 226
    C: PASV
    S: 227 Entering Passive Mode (${data}).
    C: STOR file
    S: 150
    data: C
    content: \(content)
    S: 226
    C: QUIT
    S: 221
    close: S
    """

  enum Way: CaseIterable { case port, eprt, pasv, epsv }

  /// A client of the test's own.
  final class Visitor: Sendable {
    let family: Peer.Family
    let control: Call
    /// Every port that a data connection was said to be at.
    let ports = Shared<[UInt16]>([])

    init(_ destination: Destination) throws {
      guard case .name(let host, let port) = destination.host else { throw Peer.Failure() }
      family = host.contains(":") ? .v6 : .v4
      control = try Call(family, port: port)
      guard reply().hasPrefix("220") else { throw Peer.Failure() }
    }

    func reply() -> String { if case .text(let line) = control.hear() { line } else { "" } }

    func ask(_ command: String) -> String {
      control.say(command + "\r\n")
      return reply()
    }

    /// Runs a transfer; what its replies were, and what `body` made of its connection, nil where there was none.
    func transfer<Result: Sendable>(_ command: String, _ way: Way, _ body: @escaping @Sendable (Call) -> Result) throws -> (
      [String], Result?
    ) {
      switch way {
      case .port, .eprt:
        let made = Shared<Result?>(nil)
        let come = Shared(false)
        let peer = try Peer(family) { call in
          let result = body(call)
          made.with { $0 = result }
          come.with { $0 = true }
        }
        ports.with { $0.append(peer.port) }
        let place =
          way == .port
          ? "PORT 127,0,0,1,\(peer.port >> 8),\(peer.port & 255)"
          : family == .v4 ? "EPRT |1|127.0.0.1|\(peer.port)|" : "EPRT |2|::1|\(peer.port)|"
        guard ask(place).hasPrefix("200") else { return ([], nil) }
        let replies = [ask(command), reply()]
        var looks = 0
        while !come.with({ $0 }), looks < 1000, replies[1].hasPrefix("226") || replies[1].hasPrefix("426") {
          looks += 1
          control.rest()
        }
        return (replies, made.with { $0 })
      case .pasv, .epsv:
        let reply = ask(way == .pasv ? "PASV" : "EPSV")
        let numbers = reply.dropFirst(3).split { !$0.isNumber }.compactMap { UInt16($0) }
        guard let last = numbers.last else { return ([reply], nil) }
        let port = way == .pasv ? numbers[numbers.count - 2] << 8 | last : last
        ports.with { $0.append(port) }
        guard let call = try? Call(family, port: port) else { return ([ask(command), self.reply()], nil) }
        let first = ask(command)
        let result = body(call)
        return ([first, self.reply()], result)
      }
    }
  }

  @Test(arguments: ["127.0.0.1:0", "[::1]:0"], Way.allCases) func `a file is fetched and brought in any way`(listen: String, way: Way)
    async throws
  {
    // PORT and 227 have no place for an address of IPv6.
    if listen.hasPrefix("["), way == .port || way == .pasv { return }
    let content = Array(Self.content.utf8)
    let ports = Shared<[UInt16]>([])
    let outcomes = try await ScriptedServerTests.serve(Self.session, "ftp", at: listen) { destination in
      let visitor = try Visitor(destination)
      #expect(visitor.ask("TYPE I").hasPrefix("200"))
      let (fetching, fetched) = try visitor.transfer("RETR file", way) { $0.hearAll() }
      #expect(fetching.map { $0.prefix(3) } == ["150", "226"])
      #expect(fetched?.0 == content && fetched?.1 == .end)
      let (bringing, brought) = try visitor.transfer("STOR file", way) { call in
        defer { call.hangUp() }
        return call.say(content)
      }
      #expect(bringing.map { $0.prefix(3) } == ["150", "226"])
      #expect(brought == true)
      #expect(visitor.ask("QUIT").hasPrefix("221"))
      ports.with { $0 = visitor.ports.with { $0 } }
    }
    #expect(outcomes.flatMap(\.differences).filter { !$0.hasSuffix("drift data-mode") } == [])
    #expect(ports.with { $0.count } == 2)
    #expect(listeners(at: ports.with { $0 }) == 0)
  }

  @Test func `where there is no place for an address, the client is told so`() async throws {
    _ = try await ScriptedServerTests.serve(Self.session, "ftp", at: "[::1]:0") { destination in
      let visitor = try Visitor(destination)
      #expect(visitor.ask("PASV").hasPrefix("425"))
      #expect(visitor.ask("EPSV").hasPrefix("229"))
    }
  }

  @Test func `a client that leaves in the middle leaves nothing behind`() async throws {
    let ports = Shared<[UInt16]>([])
    _ = try await ScriptedServerTests.serve(Self.session, "ftp") { destination in
      let visitor = try Visitor(destination)
      _ = visitor.ask("TYPE I")
      let (replies, _) = try visitor.transfer("RETR file", .pasv) { call in
        call.hear(1)
        call.reset()
      }
      // What was on its way may all have been taken.
      #expect(replies.last?.hasPrefix("426") == true || replies.last?.hasPrefix("226") == true, "\(replies)")
      _ = visitor.ask("PASV")
      visitor.control.hangUp()
      ports.with { $0 = visitor.ports.with { $0 } }
    }
    #expect(listeners(at: ports.with { $0 }) == 0)
  }

  @Test(arguments: [Way.port, .pasv]) func `each fault is seen by a client`(way: Way) async throws {
    let half = Self.content.utf8.count / 2
    for fault in ["truncate", "data-reset", "no-data", "data-late=50ms"] {
      _ = try await ScriptedServerTests.serve(Self.session, "ftp", faults: [fault]) { destination in
        let visitor = try Visitor(destination)
        _ = visitor.ask("TYPE I")
        let (replies, result) = try visitor.transfer("RETR file", way) { $0.hearAll() }
        switch fault {
        case "truncate":
          #expect(result?.0.count == half && result?.1 == .end)
          #expect(replies.last?.hasPrefix("226") == true)
        case "data-reset":
          #expect(result?.1 == .reset)
          #expect(replies.last?.hasPrefix("426") == true)
        case "no-data":
          #expect(result == nil)
          #expect(replies.last?.hasPrefix("226") == true)
        default: #expect(result?.0.count == Self.content.utf8.count)
        }
      }
    }
  }

  /// Sockets of this process that wait for connections at these ports.
  private func listeners(at ports: [UInt16]) -> Int {
    ["/proc/self/net/tcp", "/proc/self/net/tcp6"].reduce(0) { sum, path in
      guard let file = fopen(path, "r") else { return sum }
      defer { fclose(file) }
      var count = 0
      var line = [CChar](repeating: 0, count: 512)
      while fgets(&line, CInt(line.count), file) != nil {
        let fields = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self).split(separator: " ")
        guard fields.count > 9, fields[3] == "0A", let own = fields[1].split(separator: ":").last.flatMap({ UInt16($0, radix: 16) }) else {
          continue
        }
        if ports.contains(own) { count += 1 }
      }
      return sum + count
    }
  }
}
