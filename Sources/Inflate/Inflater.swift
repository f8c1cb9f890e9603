/// Compressed content, inflated piece by piece: whoever calls owns both buffers, so memory is bounded whatever the content claims.
///
///     var inflater = Inflater(.gzip)
///     let step = try inflater.inflate(compressed.span, into: &page)   // page[..<step.made] is content
///     …                                                               // compressed[step.taken...] is to be given again
///     inflater.isWhole                                                // at the end: whether nothing is missing
///
/// Contents that stand one behind the other are one content (RFC 1952 §2.2, RFC 8878 §3).
package struct Inflater: ~Copyable {
  /// What one call did.
  package struct Step: Sendable, Hashable {
    /// Bytes of the input that are done with.
    package var taken: Int
    /// Bytes of content that stand in the output.
    package var made: Int
  }

  /// Whether what was taken so far is whole; at the end of the input, where it is not, something is missing.
  package var isWhole: Bool {
    switch coding {
    case .gzip, .zlib, .deflate: zlib?.isWhole ?? false
    case .zstd: zstd?.isWhole ?? false
    }
  }

  private let coding: Coding
  private var zlib: ZlibStream?
  private var zstd: ZstdStream?

  package init(_ coding: Coding) { self.coding = coding }

  /// Inflates until the input is used up or the output full. Output may be due although the input is used up: it is all there once less than a
  /// full output was made.
  package mutating func inflate(_ input: Span<UInt8>, into output: inout MutableSpan<UInt8>) throws(InflateError) -> Step {
    switch coding {
    case .gzip, .zlib, .deflate:
      if zlib == nil { zlib = try ZlibStream(coding) }
      return try zlib?.inflate(input, into: &output) ?? Step(taken: 0, made: 0)
    case .zstd:
      if zstd == nil { zstd = try ZstdStream() }
      return try zstd?.inflate(input, into: &output) ?? Step(taken: 0, made: 0)
    }
  }

  /// Inflates a whole content.
  ///
  /// - Parameter limit: bytes of content; `tooLarge` beyond.
  package static func inflate(_ bytes: [UInt8], _ coding: Coding, limit: Int) throws(InflateError) -> [UInt8] {
    var out: [UInt8] = []
    try inflate(bytes, coding, limit: limit) { page in unsafe page.withUnsafeBufferPointer { unsafe out += $0 } }
    return out
  }

  /// Inflates a whole content, and hands it over page by page, so that never more than a page of it is held.
  ///
  /// - Parameter limit: bytes of content; `tooLarge` beyond.
  package static func inflate(
    _ bytes: [UInt8], _ coding: Coding, limit: Int, into take: (Span<UInt8>) -> Void
  ) throws(InflateError) {
    var inflater = Inflater(coding)
    var page = [UInt8](repeating: 0, count: pageSize)
    var taken = 0
    var made = 0
    while true {
      var span = page.mutableSpan
      let step = try inflater.inflate(bytes.span.extracting(taken...), into: &span)
      taken += step.taken
      made += step.made
      guard made <= limit else { throw .tooLarge }
      take(page.span.extracting(..<step.made))
      if step.made < page.count, taken == bytes.count || step.taken == 0 { break }
    }
    guard inflater.isWhole else { throw .cutShort }
  }

  private static let pageSize = 1 << 14
}

/// How content can be compressed.
package enum Coding: Sendable, Hashable, CaseIterable {
  /// RFC 1952.
  case gzip
  /// RFC 1950; what HTTP calls `deflate` (RFC 9110 §8.4.1.2).
  case zlib
  /// RFC 1951, with nothing around it; what some HTTP servers take `deflate` for.
  case deflate
  /// RFC 8878.
  case zstd
}

package enum InflateError: Error, Sendable, Hashable {
  /// What makes no sense, in the library's words.
  case corrupt(String)
  /// It ends too early.
  case cutShort
  /// More content than was to be taken.
  case tooLarge
  /// It can only be inflated with more memory than `ZstdStream` allows, or than there is.
  case tooMuchMemory
}

extension InflateError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .corrupt(let reason): "the compressed content is damaged: \(reason)"
    case .cutShort: "the compressed content ends too early"
    case .tooLarge: "the content is too large"
    case .tooMuchMemory: "the content takes more memory to inflate than is allowed"
    }
  }
}
