import Glibc
import Inflate
import Wire

/// The content of a file or of standard input, read forward once, inflated on the way where it is compressed. It holds one window of the
/// content, and one of the file where that is compressed.
@safe final class ByteStream {
  /// For messages.
  let name: String
  /// Why it broke off, if it did: then nothing more comes.
  private(set) var failure: String?

  private let descriptor: Int32
  /// Standard input is somebody else's to close.
  private let isOwn: Bool
  private var window: UnsafeMutablePointer<UInt8>
  private var capacity = ByteStream.windowSize
  /// What of the window is still to be read.
  private var start = 0
  private var end = 0
  private var inflater: Inflater?
  /// A window of the file where it is compressed, and what of it is not inflated yet.
  private var compressed: [UInt8] = []
  private var waiting = 0..<0

  /// - Parameters:
  ///   - path: a file, or `-` for standard input.
  ///   - begun: what was read of it already, to learn what it is.
  /// - Throws: where it cannot be read at all, or holds nothing.
  init(_ path: String, begun: [UInt8] = []) throws(CaptureError) {
    name = path == "-" ? "standard input" : printable(path)
    isOwn = path != "-"
    descriptor = path == "-" ? STDIN_FILENO : unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC)
    unsafe window = .allocate(capacity: Self.windowSize)
    guard descriptor >= 0 else { throw error(Self.reason(errno)) }
    for (i, byte) in begun.prefix(Self.windowSize).enumerated() { unsafe window[i] = byte }
    end = min(begun.count, Self.windowSize)
    while end < 4, fill() {}
    if let failure { throw error(failure) }
    guard end > 0 else { throw error("empty, not even the header of a capture") }
    if let coding = Compression.coding(of: beginning) {
      compressed = unsafe Array(UnsafeBufferPointer(start: window, count: capacity))
      waiting = 0..<end
      end = 0
      inflater = Inflater(coding)
      while end < 4, fill() {}
      if end == 0 { throw error(failure ?? "nothing was compressed in it") }
    }
  }

  deinit {
    if isOwn, descriptor >= 0 { close(descriptor) }
    unsafe window.deallocate()
  }

  /// The next bytes, up to four.
  var beginning: [UInt8] { (start..<min(start + 4, end)).map { unsafe window[$0] } }

  /// Makes the next `count` bytes stand in one piece: at `next`, until more is asked for.
  ///
  /// - Returns: false where there are not that many.
  func need(_ count: Int) -> Bool {
    if end - start >= count { return true }
    makeRoom(for: count)
    while end - start < count { if !fill() { return false } }
    return true
  }

  /// How many bytes stand in the window.
  var ready: Int { end - start }

  /// The bytes that `need` has made stand there.
  var next: UnsafePointer<UInt8> { unsafe UnsafePointer(window + start) }

  /// Goes on behind bytes that stand in the window.
  func advance(_ count: Int) { start += count }

  /// Goes on behind bytes that nobody wants, however many.
  ///
  /// - Returns: false where there are not that many.
  func skip(_ count: Int) -> Bool {
    var rest = count
    while rest > 0 {
      guard need(1) else { return false }
      let step = min(rest, end - start)
      start += step
      rest -= step
    }
    return true
  }

  /// A number of four bytes that stand in the window, as it is in that byte order.
  func word(_ at: Int, isBigEndian: Bool) -> UInt32 {
    let number = unsafe UnsafeRawPointer(next + at).loadUnaligned(as: UInt32.self)
    return isBigEndian ? UInt32(bigEndian: number) : UInt32(littleEndian: number)
  }

  func short(_ at: Int, isBigEndian: Bool) -> UInt16 {
    let number = unsafe UnsafeRawPointer(next + at).loadUnaligned(as: UInt16.self)
    return isBigEndian ? UInt16(bigEndian: number) : UInt16(littleEndian: number)
  }

  func error(_ reason: String) -> CaptureError { CaptureError("\(name): \(reason)") }

  private func makeRoom(for count: Int) {
    let kept = end - start
    if count <= capacity {
      unsafe window.update(from: next, count: kept)
    } else {
      capacity = count + Self.windowSize
      let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
      unsafe larger.update(from: next, count: kept)
      unsafe window.deallocate()
      unsafe window = unsafe larger
    }
    (start, end) = (0, kept)
  }

  /// Reads on behind what stands in the window.
  ///
  /// - Returns: whether something came.
  private func fill() -> Bool {
    if start == end { (start, end) = (0, 0) }
    let room = unsafe UnsafeMutableBufferPointer(start: window + end, count: capacity - end)
    let count = inflater == nil ? unsafe readFile(into: room) : unsafe inflate(into: room)
    end += count
    return count > 0
  }

  private func inflate(into room: UnsafeMutableBufferPointer<UInt8>) -> Int {
    guard failure == nil else { return 0 }
    var isOver = false
    while !isOver {
      if waiting.isEmpty {
        waiting = 0..<(unsafe compressed.withUnsafeMutableBufferPointer { unsafe readFile(into: $0) })
        isOver = waiting.isEmpty
      }
      var output = unsafe MutableSpan(_unsafeElements: room)
      do throws(InflateError) {
        guard let step = try inflater?.inflate(compressed.span.extracting(waiting), into: &output) else { return 0 }
        waiting = waiting.lowerBound + step.taken..<waiting.upperBound
        if step.made > 0 { return step.made }
      } catch {
        failure = error.description
        return 0
      }
    }
    if failure == nil, let isWhole = inflater?.isWhole, !isWhole { failure = InflateError.cutShort.description }
    return 0
  }

  private func readFile(into room: UnsafeMutableBufferPointer<UInt8>) -> Int {
    while true {
      let count = unsafe Glibc.read(descriptor, room.baseAddress, room.count)
      if count >= 0 { return count }
      if errno == EINTR { continue }
      failure = Self.reason(errno)
      return 0
    }
  }

  private static func reason(_ number: Int32) -> String { unsafe String(cString: strerror(number)) }

  /// Bytes.
  private static let windowSize = 1 << 16
}

/// How captures are compressed, by their first bytes.
enum Compression {
  static func coding(of beginning: [UInt8]) -> Coding? {
    if beginning.starts(with: [0x1f, 0x8b]) { return .gzip }
    // A frame, or one that carries no content (RFC 8878 §3.1.2).
    if beginning == [0x28, 0xb5, 0x2f, 0xfd] { return .zstd }
    return beginning.count == 4 && beginning[0] & 0xf0 == 0x50 && beginning[1...] == [0x2a, 0x4d, 0x18] ? .zstd : nil
  }
}
