import Glibc
import Play
import Replay
import Results
import Testing
import Transcript
import Wire

/// The client's data connections over real sockets, against a server of the test's own.
@Suite struct DataConnectionTests {
  static let greeting = "S: 220\nC: TYPE I\nS: 200\n"
  static let passive = greeting + "C: EPSV\nS: 229 (${data})\n"
  static let active = greeting + "C: EPRT ${data}\nS: 200\n"
  static let download = "C: RETR x\nS: 150\ndata: S\ncontent: hello\nS: 226\n"
  static let upload = "C: STOR x\nS: 150\ndata: C\ncontent: hello\nS: 226\n"

  /// Plays a script against a server that says all is well, and does with each data connection what the test says before its 226.
  func play(
    _ text: String, _ family: Peer.Family = .v4, options: (inout PlayOptions) -> Void = { _ in },
    carry: @escaping @Sendable (Call, _ verb: String) -> Void
  ) async throws -> (Outcome, ports: [UInt16]) {
    let ports = Shared<[UInt16]>([])
    let peer = try Peer(family) { call in
      call.say("220 ready\r\n")
      var waiting: (Peer, Shared<Call?>)?
      var dialled: UInt16?
      while case .text(let line) = call.hear() {
        let verb = String(line.split(separator: " ").first ?? "")
        switch verb {
        case "EPSV", "PASV":
          let taken = Shared<Call?>(nil)
          guard let listener = try? Peer(family, serve: { data in taken.with { $0 = data } }) else { return }
          waiting = (listener, taken)
          ports.with { $0.append(listener.port) }
          let (high, low) = (listener.port >> 8, listener.port & 255)
          call.say(verb == "EPSV" ? "229 (|||\(listener.port)|)\r\n" : "227 (10,9,9,9,\(high),\(low))\r\n")
        case "EPRT":
          dialled = line.split(separator: "|").last.flatMap { UInt16($0) }
          ports.with { $0.append(dialled ?? 0) }
          call.say("200 ok\r\n")
        case "RETR", "STOR":
          var data = dialled.flatMap { try? Call(family, port: $0) }
          while let (_, taken) = waiting, data == nil {
            data = taken.with { $0 }
            call.rest()
          }
          call.say("150 go\r\n")
          if let data { carry(data, verb) }
          data = nil
          waiting?.1.with { $0 = nil }
          waiting = nil
          call.say("226 done\r\n")
        default: call.say("200 ok\r\n")
        }
      }
    }
    var all = PlayOptions()
    all.timeout = .seconds(20)
    options(&all)
    let outcome = await Replayer.play(
      try script(text, "ftp"), bindings: Bindings(), options: all, at: peer.destination, connectTimeout: .seconds(10),
      interruption: Interruption())
    return (outcome, ports.with { $0 })
  }

  @Test(arguments: [Peer.Family.v4, .v6], [passive, active]) func `files come and go in every mode and family`(
    family: Peer.Family, start: String
  ) async throws {
    let uploaded = Shared<[UInt8]>([])
    let (outcome, ports) = try await play(
      start + Self.download + String(start.dropFirst(Self.greeting.count)) + Self.upload + "C: NOOP\nS: 200\n", family
    ) { data, verb in
      if verb == "RETR" {
        data.say("hello")
      } else {
        let (bytes, _) = data.hearAll()
        uploaded.with { $0 = bytes }
      }
    }
    #expect(outcome.reason == nil && outcome.differences == [])
    #expect(outcome.steps.allSatisfy { $0.state == .done })
    #expect(uploaded.with { $0 } == Array("hello".utf8))
    #expect(ports.count == 2)
    try await nothingIsLeft(of: ports)
  }

  @Test func `an endpoint that was announced once is there for every transfer`() async throws {
    let (outcome, ports) = try await play(Self.active + Self.download + Self.download + Self.upload) { data, verb in
      if verb == "RETR" { data.say("hello") } else { while case .text = data.hear() {} }
    }
    #expect(outcome.differences == [] && outcome.reason == nil)
    #expect(ports.count == 1)
  }

  @Test func `whatever 227 names, only the server is dialled`() async throws {
    let (outcome, _) = try await play(Self.greeting + "C: PASV\nS: 227 (${data})\n" + Self.download) { data, _ in data.say("hello") }
    #expect(outcome.differences == ["5: drift pasv-address"])
  }

  @Test func `who is not the server is sent away from where we listen`() async throws {
    let stranger = Shared<Call.Heard?>(nil)
    let peer = try Peer { call in
      call.say("220 ready\r\n")
      while case .text(let line) = call.hear() {
        switch line.prefix(4) {
        case "EPRT":
          let port = line.split(separator: "|").last.flatMap { UInt16($0) } ?? 0
          let heard = (try? Call(fromAnotherAddressTo: port))?.hear()
          stranger.with { $0 = heard }
          call.say("200 ok\r\n")
          let data = try? Call(.v4, port: port)
          _ = call.hear()
          call.say("150 go\r\n")
          data?.say("hello")
          data?.hangUp()
          call.say("226 done\r\n")
        default: call.say("200 ok\r\n")
        }
      }
    }
    let outcome = try await script(Self.active + Self.download, "ftp").play(at: peer.destination)
    #expect(outcome.differences == [])
    #expect(stranger.with { $0 } == .end || stranger.with { $0 } == .reset)
  }

  @Test func `a reset in the middle of a transfer is seen`() async throws {
    let (outcome, ports) = try await play(Self.passive + Self.download) { data, _ in
      data.say("he")
      data.reset()
    }
    // It may overtake the connection itself.
    #expect(outcome.differences == ["8: divergence data-reset"] || outcome.differences == ["8: divergence no-connection"])
    try await nothingIsLeft(of: ports)
  }

  @Test func `a connection that nobody ends is left in time`() async throws {
    let hold = Shared<[Call]>([])
    let (outcome, ports) = try await play(Self.passive + Self.download, options: { $0.timeout = .seconds(2) }) { data, _ in
      data.say("hello")
      hold.with { $0.append(data) }
    }
    #expect(outcome.differences == ["8: divergence still-open"])
    hold.with { $0 = [] }
    try await nothingIsLeft(of: ports)
  }

  @Test func `much is carried at the pace of who takes it`() async throws {
    let size = 8 << 20
    var steps = try script(Self.passive + Self.upload, "ftp").steps
    steps[7].action = .data(.client, Payload(.bytes([UInt8](repeating: 120, count: size))))
    let taken = Shared(0)
    let peer = try Peer { call in
      guard
        let listener = try? Peer(serve: { data in
          while case let (bytes, end) = data.hearAll(), !bytes.isEmpty {
            taken.with { $0 += bytes.count }
            if end != .nothing { return }
          }
        })
      else { return }
      call.say("220 ready\r\n")
      _ = call.hear()
      call.say("200 ok\r\n")
      _ = call.hear()
      call.say("229 (|||\(listener.port)|)\r\n")
      _ = call.hear()
      call.say("150 go\r\n")
      while taken.with({ $0 }) == 0 { call.rest() }
      call.say("226 done\r\n")
      _ = call.hear()
    }
    let outcome = try await Script(steps, "ftp").play(at: peer.destination)
    #expect(outcome.differences == [])
    #expect(taken.with { $0 } == size)
  }

  @Test func `ports are taken from the range, and what is left of it is tried`() async throws {
    // Two that are free now, side by side; somebody has the first.
    let taken = try Peer(serve: nil)
    let range = taken.port...(taken.port == .max ? taken.port : taken.port + 1)
    let (outcome, ports) = try await play(Self.active + Self.download, options: { $0.dataPorts = range }) { data, _ in
      data.say("hello")
    }
    // The second may be somebody else's.
    if outcome.reason == nil {
      #expect(ports == [range.upperBound] && outcome.differences == [])
    } else {
      #expect(outcome.reason?.kind == .fault)
    }
  }

  @Test func `where no port is free, that is said, and nobody else's fault`() async throws {
    let taken = try Peer(serve: nil)
    let (outcome, _) = try await play(Self.active + Self.download, options: { $0.dataPorts = taken.port...taken.port }) { _, _ in }
    #expect(outcome.reason?.kind == .fault)
    #expect(outcome.reason?.message.contains("port") == true)
    #expect(outcome.differences == [])
  }

  @Test func `a hundred in a row and ten at once`() async throws {
    let all = await withTaskGroup { group in
      for number in 0..<10 {
        group.addTask {
          var differences: [String] = []
          for _ in 0..<10 {
            let text = (number % 2 == 0 ? Self.active : Self.passive) + Self.download
            guard let (outcome, _) = try? await play(text, carry: { data, _ in data.say("hello") }) else { return ["not played"] }
            differences += outcome.differences + (outcome.reason.map { [$0.message] } ?? [])
          }
          return differences
        }
      }
      return await group.reduce(into: [String]()) { $0 += $1 }
    }
    #expect(all == [])
  }

  /// What is closed may take a while to be gone.
  private func nothingIsLeft(of ports: [UInt16]) async throws {
    for port in ports {
      var looks = 0
      while sockets(of: port) > 0, looks < 10_000 {
        looks += 1
        await Task.yield()
      }
      #expect(sockets(of: port) == 0)
    }
  }

  /// Open sockets with that port at either end.
  private func sockets(of port: UInt16) -> Int {
    ["tcp", "tcp6"].reduce(0) { count, table in
      guard let file = fopen("/proc/self/net/\(table)", "r") else { return count }
      defer { fclose(file) }
      var found = count
      var line = [CChar](repeating: 0, count: 512)
      while fgets(&line, CInt(line.count), file) != nil {
        let fields = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self).split(separator: " ")
        // One without an inode belongs to nobody any more.
        guard fields.count > 9, fields[9] != "0" else { continue }
        let ends = fields[1...2].compactMap { $0.split(separator: ":").last.flatMap { UInt16($0, radix: 16) } }
        if ends.contains(port) { found += 1 }
      }
      return found
    }
  }
}
