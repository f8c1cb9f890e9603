import Glibc
import Wire

/// Several captures, packet by packet, in the order of their times; each in its own order. Of rotated captures, which may be many, only those
/// whose time has come are open.
struct CaptureQueue {
  /// A capture whose next packet is somebody else's turn first.
  private struct Waiting {
    var capture: Int
    var at: Instant
    /// Nil where the file was closed again after its first packet was looked at.
    var opened: (file: CaptureFile, frame: Frame)?

    func isBefore(_ other: Waiting) -> Bool { (at, capture) < (other.at, other.capture) }
  }

  /// Captures that cannot be read.
  private(set) var refused: [CaptureError] = []
  private(set) var cutShort: [CaptureSummary.CutShort] = []
  /// How many there were.
  var packets: Int { read.reduce(0, +) }

  private let paths: [String]
  /// Packets of each.
  private var read: [Int]
  /// The one that is being read, and its place in the call.
  private var file: CaptureFile?
  private var capture = 0
  /// Whose turn comes first stands last.
  private var waiting: [Waiting] = []

  /// - Parameter begun: what was read of standard input already.
  init(_ paths: [String], begun: [UInt8]) {
    self.paths = paths
    read = paths.map { _ in 0 }
    for capture in paths.indices {
      do throws(CaptureError) {
        let file = try CaptureFile(paths[capture], begun: paths[capture] == "-" ? begun : [])
        guard let frame = file.next() else {
          if let failure = file.failure { throw error(capture, failure) }
          continue
        }
        let isKept = paths.count == 1 || !Self.canBeReadAgain(paths[capture])
        waiting.append(Waiting(capture: capture, at: frame.at, opened: isKept ? (file, frame) : nil))
      } catch { refused.append(error) }
    }
    waiting.sort { $1.isBefore($0) }
  }

  /// The next packet of all, and of which capture it is.
  mutating func next() -> (capture: Int, frame: Frame)? {
    while true {
      guard let frame = file?.next() else {
        if let frame = turn() { return (capture, frame) }
        if file == nil { return nil }
        continue
      }
      if let first = waiting.last, let file {
        let turn = Waiting(capture: capture, at: frame.at, opened: (file, frame))
        if first.isBefore(turn) {
          put(back: turn)
          self.file = nil
          continue
        }
      }
      read[capture] += 1
      return (capture, frame)
    }
  }

  /// The file that was being read is at its end, or has to wait: the next one's turn has come.
  ///
  /// - Returns: its packet, where it was read already.
  private mutating func turn() -> Frame? {
    if let reason = file?.failure { cutShort.append(.init(capture: name(capture), packets: read[capture], reason: reason)) }
    file = nil
    while let turn = waiting.popLast() {
      capture = turn.capture
      if let opened = turn.opened {
        file = opened.file
        read[capture] += 1
        return opened.frame
      }
      do throws(CaptureError) {
        file = try CaptureFile(paths[capture])
        return nil
      } catch { refused.append(error) }
    }
    return nil
  }

  /// - Parameter capture: its place in the call.
  func error(_ capture: Int, _ reason: String) -> CaptureError { CaptureError("\(name(capture)): \(reason)") }

  private func name(_ capture: Int) -> String { paths[capture] == "-" ? "standard input" : printable(paths[capture]) }

  private mutating func put(back turn: Waiting) {
    let place = waiting.lastIndex { turn.isBefore($0) }.map { $0 + 1 } ?? 0
    waiting.insert(turn, at: place)
  }

  /// Pipes and devices cannot.
  private static func canBeReadAgain(_ path: String) -> Bool {
    var info = stat()
    guard path != "-", unsafe stat(path, &info) == 0 else { return false }
    return info.st_mode & S_IFMT == S_IFREG
  }
}
