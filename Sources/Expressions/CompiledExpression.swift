import CPCRE2

/// PCRE2's compiled code, freed with the last reference to it.
///
/// Sharing it is safe: after compiling (and JIT compiling, done in `init`) PCRE2 only reads it, and each match has match data of its
/// own (pcre2api, "Multithreading").
@safe final class CompiledExpression: @unchecked Sendable {
  enum Anchor { case whole, beginning }

  private let code: OpaquePointer

  init(_ source: [UInt8], _ anchor: Anchor) throws(ExpressionError) {
    var number: Int32 = 0
    var offset = 0
    let options = CompiledExpression.options | (anchor == .whole ? PCRE2_ENDANCHORED : 0)
    // PCRE2 wants a pointer even to no bytes.
    let terminated = source + [0]
    guard let code = unsafe pcre2_compile_8(terminated, source.count, options, &number, &offset, SharedContexts.shared.compile) else {
      throw ExpressionError(message: CompiledExpression.message(number), offset: min(offset, source.count))
    }
    unsafe self.code = code
    // Without JIT (not built in, or forbidden by the system) the interpreter does the same, slower.
    _ = unsafe pcre2_jit_compile_8(code, PCRE2_JIT_COMPLETE)
  }

  deinit { unsafe pcre2_code_free_8(code) }

  func matches(_ bytes: ArraySlice<UInt8>) throws(ExpressionLimit) -> Bool {
    guard let data = unsafe pcre2_match_data_create_8(1, nil) else { throw .tooMuchMemory }
    defer { unsafe pcre2_match_data_free_8(data) }
    var outcome = unsafe run(bytes, 0, data)
    // JIT code has 32 KiB of stack; what needs more is given to the interpreter, whose memory has a limit of its own.
    if outcome == PCRE2_ERROR_JIT_STACKLIMIT { outcome = unsafe run(bytes, PCRE2_NO_JIT, data) }
    switch outcome {
    case 0...: return true
    case PCRE2_ERROR_NOMATCH: return false
    case PCRE2_ERROR_MATCHLIMIT: throw .tooManySteps
    case PCRE2_ERROR_DEPTHLIMIT: throw .tooDeep
    case PCRE2_ERROR_HEAPLIMIT, PCRE2_ERROR_NOMEMORY: throw .tooMuchMemory
    default: throw .failed(outcome)
    }
  }

  private func run(_ bytes: ArraySlice<UInt8>, _ options: UInt32, _ data: OpaquePointer) -> Int32 {
    let context = unsafe SharedContexts.shared.match
    guard !bytes.isEmpty else { return unsafe pcre2_match_8(code, [0], 0, 0, options, data, context) }
    return unsafe bytes.withUnsafeBufferPointer { buffer in
      unsafe pcre2_match_8(code, buffer.baseAddress, buffer.count, 0, options, data, context)
    }
  }

  private static func message(_ number: Int32) -> String {
    var text = [UInt8](repeating: 0, count: 256)
    let count = unsafe pcre2_get_error_message_8(number, &text, text.count)
    return String(decoding: text.prefix(count < 0 ? 0 : Int(count)), as: UTF8.self)
  }

  private static let options = PCRE2_ANCHORED | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_UTF | PCRE2_NEVER_UCP | PCRE2_NEVER_BACKSLASH_C
}

/// The limits in PCRE2's form. Made once, only read afterwards, never freed.
@safe private final class SharedContexts: @unchecked Sendable {
  static let shared = SharedContexts()

  /// Nil where memory ran out: then PCRE2's built-in limits hold.
  let compile: OpaquePointer?
  let match: OpaquePointer?

  private init() {
    unsafe compile = pcre2_compile_context_create_8(nil)
    unsafe match = pcre2_match_context_create_8(nil)
    if let compile = unsafe compile {
      unsafe pcre2_set_newline_8(compile, UInt32(PCRE2_NEWLINE_LF))
      unsafe pcre2_set_max_pattern_length_8(compile, ExpressionLimit.length)
      unsafe pcre2_set_parens_nest_limit_8(compile, ExpressionLimit.nesting)
    }
    if let match = unsafe match {
      unsafe pcre2_set_match_limit_8(match, ExpressionLimit.steps)
      unsafe pcre2_set_depth_limit_8(match, ExpressionLimit.depth)
      unsafe pcre2_set_heap_limit_8(match, ExpressionLimit.kibibytes)
    }
  }
}
