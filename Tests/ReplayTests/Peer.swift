import Glibc
import Replay
import Synchronization

/// A server of the test's own on a blocking socket: accepts, and does with each connection what the test says, on a thread of its own.
///
/// Whatever it waits for has a deadline, so that a test fails and does not hang.
final class Peer: Sendable {
  enum Family: Sendable { case v4, v6, unix }

  let destination: Destination
  private let socket: CInt

  /// - Parameter backlog: connections that the kernel takes before they are accepted.
  /// - Parameter serve: nil accepts nobody.
  init(_ family: Family = .v4, backlog: CInt = 512, serve: (@Sendable (Call) -> Void)?) throws {
    switch family {
    case .v4:
      socket = Glibc.socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
      let port = try bound(socket, &address)
      destination = Destination(.name("127.0.0.1", port: port))
    case .v6:
      socket = Glibc.socket(AF_INET6, CInt(SOCK_STREAM.rawValue), 0)
      var address = sockaddr_in6()
      address.sin6_family = sa_family_t(AF_INET6)
      address.sin6_addr = in6addr_loopback
      let port = try bound(socket, &address)
      destination = Destination(.name("::1", port: port))
    case .unix:
      socket = Glibc.socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
      let path = "/tmp/replique-\(getpid())-\(UInt32.random(in: 0 ... .max)).sock"
      var address = sockaddr_un()
      address.sun_family = sa_family_t(AF_UNIX)
      withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8) + [0]) }
      _ = try bound(socket, &address)
      destination = Destination(.socket(path: path))
    }
    guard listen(socket, backlog) == 0 else { throw Failure() }
    guard let serve else { return }
    detached { [socket] in
      while true {
        let connection = accept(socket, nil, nil)
        guard connection >= 0 else { return }
        detached { serve(Call(connection)) }
      }
    }
  }

  var port: UInt16 { if case .name(_, let port) = destination.host { port } else { 0 } }

  deinit {
    shutdown(socket, CInt(SHUT_RDWR))
    close(socket)
    if case .socket(let path) = destination.host { unlink(path) }
  }

  struct Failure: Error {}

  /// Sockets of this process that are connected to the peer and still open.
  var openSockets: Int {
    guard let file = fopen("/proc/self/net/tcp", "r") else { return 0 }
    defer { fclose(file) }
    var count = 0
    var line = [CChar](repeating: 0, count: 512)
    while fgets(&line, CInt(line.count), file) != nil {
      let fields = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self).split(separator: " ")
      guard fields.count > 9, let remote = fields[2].split(separator: ":").last, UInt16(remote, radix: 16) == port else { continue }
      if fields[9] != "0" { count += 1 }
    }
    return count
  }
}

/// One connection of a peer's. Closed when the last reference is gone.
final class Call: Sendable {
  private let socket: CInt
  private let isClosed = Mutex(false)

  init(_ socket: CInt) {
    self.socket = socket
    var deadline = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &deadline, socklen_t(MemoryLayout<timeval>.size))
    setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &deadline, socklen_t(MemoryLayout<timeval>.size))
  }

  /// Dials a port of this machine.
  convenience init(_ family: Peer.Family, port: UInt16) throws {
    let result: CInt
    switch family {
    case .v4:
      self.init(Glibc.socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0))
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = port.bigEndian
      address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
      result = connected(socket, &address)
    case .v6:
      self.init(Glibc.socket(AF_INET6, CInt(SOCK_STREAM.rawValue), 0))
      var address = sockaddr_in6()
      address.sin6_family = sa_family_t(AF_INET6)
      address.sin6_port = port.bigEndian
      address.sin6_addr = in6addr_loopback
      result = connected(socket, &address)
    case .unix: throw Peer.Failure()
    }
    guard result == 0 else { throw Peer.Failure() }
  }

  deinit { hangUp() }

  /// False where the other side does not take it any more.
  @discardableResult
  func say(_ text: String) -> Bool { say(Array(text.utf8)) }

  @discardableResult
  func say(_ bytes: [UInt8]) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes { send(socket, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
      guard count > 0 else { return false }
      sent += count
    }
    return true
  }

  enum Heard: Equatable { case text(String), end, reset, nothing }

  /// The next line, its end left out.
  func hear() -> Heard {
    var line: [UInt8] = []
    while true {
      var byte: UInt8 = 0
      switch recv(socket, &byte, 1, 0) {
      case 1:
        if byte == 10 { return .text(String(decoding: line.last == 13 ? line.dropLast() : line[...], as: UTF8.self)) }
        line.append(byte)
      case 0: return .end
      default: return errno == ECONNRESET ? .reset : .nothing
      }
    }
  }

  /// Hears until a line, an end, or nothing.
  func hear(until last: String) {
    while case .text(let line) = hear() { if line == last { return } }
  }

  /// Dials a port of this machine from another of its addresses, 127.0.0.2.
  convenience init(fromAnotherAddressTo port: UInt16) throws {
    self.init(Glibc.socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0))
    var own = sockaddr_in()
    own.sin_family = sa_family_t(AF_INET)
    own.sin_addr.s_addr = in_addr_t(0x7f00_0002).bigEndian
    _ = try bound(socket, &own)
    own.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
    own.sin_port = port.bigEndian
    guard connected(socket, &own) == 0 else { throw Peer.Failure() }
  }

  /// Waits for that many bytes.
  func hear(_ count: Int) {
    var bytes = [UInt8](repeating: 0, count: count)
    recv(socket, &bytes, count, CInt(MSG_WAITALL))
  }

  /// Everything until the other side ends, and how it does.
  func hearAll() -> ([UInt8], Heard) {
    var all: [UInt8] = []
    var some = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = recv(socket, &some, some.count, 0)
      guard count > 0 else { return (all, count == 0 ? .end : errno == ECONNRESET ? .reset : .nothing) }
      all += some[..<count]
    }
  }

  /// Lets others run.
  func rest() { poll(nil, 0, 1) }

  func reset() {
    var hard = linger(l_onoff: 1, l_linger: 0)
    setsockopt(socket, SOL_SOCKET, SO_LINGER, &hard, socklen_t(MemoryLayout<linger>.size))
    hangUp()
  }

  func hangUp() {
    isClosed.withLock { isClosed in
      if !isClosed { close(socket) }
      isClosed = true
    }
  }
}

/// Runs something that may block, apart from Swift's own threads.
func detached(_ body: @escaping @Sendable () -> Void) {
  final class Box: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
  var thread = pthread_t()
  let context = Unmanaged.passRetained(Box(body)).toOpaque()
  pthread_create(
    &thread, nil,
    { context in
      if let context { Unmanaged<Box>.fromOpaque(context).takeRetainedValue().body() }
      return nil
    }, context)
  pthread_detach(thread)
}

private func connected<Address>(_ socket: CInt, _ address: inout Address) -> CInt {
  withUnsafeMutablePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(socket, $0, socklen_t(MemoryLayout<Address>.size)) }
  }
}

/// The port that the kernel chose.
private func bound<Address>(_ socket: CInt, _ address: inout Address) throws -> UInt16 {
  var length = socklen_t(MemoryLayout<Address>.size)
  return try withUnsafeMutablePointer(to: &address) { pointer in
    try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { plain in
      guard bind(socket, plain, length) == 0, getsockname(socket, plain, &length) == 0 else { throw Peer.Failure() }
    }
    return pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { UInt16(bigEndian: $0.pointee.sin_port) }
  }
}
