import CZlib

/// Compresses content: what a message is sent as whose encoding says so.
package enum Deflater {
  /// All of it at once, as gzip, zlib or bare deflate; as it is where that cannot be done.
  package static func deflate(_ bytes: [UInt8], _ coding: Coding) -> [UInt8] {
    guard coding != .zstd else { return bytes }
    var stream = unsafe z_stream()
    let status = unsafe deflateInit2_(
      &stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, coding.windowBits, memoryLevel, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else { return bytes }
    defer { unsafe deflateEnd(&stream) }
    var out = [UInt8](repeating: 0, count: Int(unsafe deflateBound(&stream, UInt(bytes.count))))
    let count = unsafe bytes.withUnsafeBufferPointer { input in
      unsafe out.withUnsafeMutableBufferPointer { output in
        // zlib only reads what it is given, though its type does not say so.
        unsafe stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
        unsafe stream.avail_in = UInt32(clamping: input.count)
        unsafe stream.next_out = output.baseAddress
        unsafe stream.avail_out = UInt32(clamping: output.count)
        _ = unsafe CZlib.deflate(&stream, Z_FINISH)
        return unsafe output.count - Int(stream.avail_out)
      }
    }
    return Array(out[..<count])
  }

  /// zlib's own.
  private static let memoryLevel: Int32 = 8
}
