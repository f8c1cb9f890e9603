import CZstd

/// libzstd at work. It keeps the window that a frame asks for, up to 2^`windowLog` bytes.
@safe final class ZstdStream {
  private let context: OpaquePointer
  private(set) var isWhole = false

  init() throws(InflateError) {
    guard let context = unsafe ZSTD_createDCtx() else { throw .tooMuchMemory }
    unsafe self.context = context
    _ = unsafe ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, Self.windowLog)
  }

  deinit { unsafe ZSTD_freeDCtx(context) }

  func inflate(_ input: Span<UInt8>, into output: inout MutableSpan<UInt8>) throws(InflateError) -> Inflater.Step {
    var step = Inflater.Step(taken: 0, made: 0)
    while step.made < output.count, step.taken < input.count || !isWhole {
      let before = step
      let outcome = run(input, &output, &step)
      guard ZSTD_isError(outcome) == 0 else { throw failure(outcome) }
      // How many bytes it would like to have next: 0 at the end of a frame (RFC 8878 §3.1) whose content is all out.
      isWhole = outcome == 0
      if step == before { break }
    }
    return step
  }

  private func run(_ input: Span<UInt8>, _ output: inout MutableSpan<UInt8>, _ step: inout Inflater.Step) -> Int {
    unsafe input.withUnsafeBufferPointer { input in
      unsafe output.withUnsafeMutableBufferPointer { output in
        var from = unsafe ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: step.taken)
        var to = unsafe ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: step.made)
        let outcome = unsafe ZSTD_decompressStream(context, &to, &from)
        step = Inflater.Step(taken: unsafe from.pos, made: unsafe to.pos)
        return outcome
      }
    }
  }

  private func failure(_ outcome: Int) -> InflateError {
    switch ZSTD_getErrorCode(outcome) {
    case ZSTD_error_frameParameter_windowTooLarge, ZSTD_error_memory_allocation: .tooMuchMemory
    default: .corrupt(unsafe String(cString: ZSTD_getErrorName(outcome)))
    }
  }

  /// 128 MiB, as much as zstd(1) allows unasked.
  private static let windowLog: Int32 = 27
}
