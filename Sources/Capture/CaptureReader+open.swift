import CPcap
import Glibc
import Wire

extension CaptureReader {
  /// Opens the file, or standard input, and reads its header.
  func open() throws(CaptureError) -> OpaquePointer {
    guard let file = unsafe path == "-" ? replique_standard_input() : fopen(path, "rb") else { throw failure(errno) }
    let first = unsafe getc(file)
    let number = errno
    let hasFailed = unsafe first == EOF && ferror(file) != 0
    if first != EOF { unsafe ungetc(first, file) }
    var message = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
    if first != EOF, let handle = unsafe pcap_fopen_offline_with_tstamp_precision(file, UInt32(PCAP_TSTAMP_PRECISION_NANO), &message) {
      // From here on the file is libpcap's, which closes it, unless it is standard input.
      return unsafe handle
    }
    if path != "-" { unsafe fclose(file) }
    if hasFailed { throw failure(number) }
    throw CaptureError(
      "\(shown): \(refusal(of: UInt8(exactly: first), String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)))"
    )
  }

  private func failure(_ number: Int32) -> CaptureError { CaptureError("\(shown): \(unsafe String(cString: strerror(number)))") }

  /// - Parameter first: the first byte, by which people's mistakes are known.
  private func refusal(of first: UInt8?, _ reason: String) -> String {
    guard let first else { return "empty, not even the header of a capture" }
    guard reason == "unknown file format" else { return printable(reason) }
    let unpack = path == "-" ? "unpack it on the way" : "unpack it on the way to `-`"
    switch first {
    case 0x1f: return "looks compressed by gzip; \(unpack): `gzip -dc FILE | replique …`"
    case 0x28: return "looks compressed by zstd; \(unpack): `zstd -dc FILE | replique …`"
    case 0xfd: return "looks compressed by xz; \(unpack): `xz -dc FILE | replique …`"
    default: return "neither a pcap nor a pcapng capture"
    }
  }
}
