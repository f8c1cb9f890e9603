import CZlib

/// zlib at work on gzip, zlib or bare deflate. It keeps a window of 32 KiB, and some 10 KiB beside it.
@safe final class ZlibStream {
  /// zlib remembers where its stream stands, so it must not move.
  private let stream: UnsafeMutablePointer<z_stream>
  private let coding: Coding
  private var state = State.fresh

  private enum State {
    case fresh, inside
    /// A content has ended; another may follow.
    case between
    /// What follows is no content: gzip(1) leaves such trailers out, and so do we.
    case over
  }

  var isWhole: Bool { state == .between || state == .over }

  init(_ coding: Coding) throws(InflateError) {
    self.coding = coding
    unsafe stream = .allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    guard unsafe inflateInit2_(stream, coding.windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      throw .tooMuchMemory
    }
  }

  deinit {
    unsafe inflateEnd(stream)
    unsafe stream.deallocate()
  }

  func inflate(_ input: Span<UInt8>, into output: inout MutableSpan<UInt8>) throws(InflateError) -> Inflater.Step {
    var step = Inflater.Step(taken: 0, made: 0)
    while step.made < output.count, step.taken < input.count || state == .inside {
      // Only gzip's contents may stand one behind the other (RFC 1952 §2.2).
      if state == .between { state = coding == .gzip && input[step.taken] == 0x1f ? .fresh : .over }
      if state == .over {
        step.taken = input.count
        break
      }
      state = .inside
      let outcome = run(input, &output, &step)
      switch outcome {
      case Z_OK: break
      case Z_STREAM_END:
        state = .between
        unsafe inflateReset(stream)
      // Nothing more can be done without input or room: that is no error.
      case Z_BUF_ERROR: return step
      case Z_MEM_ERROR: throw .tooMuchMemory
      case Z_NEED_DICT: throw .corrupt("it needs a dictionary")
      default: throw .corrupt(unsafe stream.pointee.msg.map { unsafe String(cString: $0) } ?? "zlib's error \(outcome)")
      }
    }
    return step
  }

  private func run(_ input: Span<UInt8>, _ output: inout MutableSpan<UInt8>, _ step: inout Inflater.Step) -> Int32 {
    let made = step.made
    let rest = input.extracting(step.taken...)
    let (outcome, taken, more) = unsafe rest.withUnsafeBufferPointer { input in
      unsafe output.withUnsafeMutableBufferPointer { output in
        unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
        unsafe stream.pointee.avail_in = UInt32(clamping: input.count)
        unsafe stream.pointee.next_out = output.baseAddress.map { unsafe $0 + made }
        unsafe stream.pointee.avail_out = UInt32(clamping: output.count - made)
        let (before, room) = unsafe (stream.pointee.avail_in, stream.pointee.avail_out)
        let outcome = unsafe CZlib.inflate(stream, Z_NO_FLUSH)
        return unsafe (outcome, Int(before - stream.pointee.avail_in), Int(room - stream.pointee.avail_out))
      }
    }
    step.taken += taken
    step.made += more
    return outcome
  }
}

extension Coding {
  /// How zlib is told what stands around its content.
  var windowBits: Int32 {
    switch self {
    case .gzip: 15 + 16
    case .zlib: 15
    case .deflate, .zstd: -15
    }
  }
}
