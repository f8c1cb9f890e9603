import CPcap
import Glibc
import Wire

/// A pcap file, read by libpcap.
@safe final class PcapFile {
  private let handle: OpaquePointer
  private let link: LinkLayer
  /// Why it broke off, if it did.
  private(set) var failure: String?

  init(_ stream: ByteStream) throws(CaptureError) {
    let cookie = unsafe Unmanaged.passRetained(stream).toOpaque()
    guard let file = unsafe replique_open_reading(cookie, readStream, closeStream) else {
      unsafe Unmanaged<ByteStream>.fromOpaque(cookie).release()
      throw stream.error(unsafe String(cString: strerror(errno)))
    }
    var message = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
    guard let handle = unsafe pcap_fopen_offline_with_tstamp_precision(file, UInt32(PCAP_TSTAMP_PRECISION_NANO), &message) else {
      unsafe fclose(file)
      throw stream.error(printable(String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)))
    }
    unsafe self.handle = handle
    unsafe link = LinkLayer(pcap_datalink(handle))
    self.stream = stream
    guard link.type != nil else { throw stream.error(link.refusal) }
  }

  /// For what made it break off: of that, libpcap knows only that there was something.
  private let stream: ByteStream

  // The file is libpcap's, which closes it, and that lets go of the stream.
  deinit { unsafe pcap_close(handle) }

  /// The next packet; nil at the end, and where it broke off.
  func next() -> Frame? {
    var header: UnsafeMutablePointer<pcap_pkthdr>?
    var data: UnsafePointer<UInt8>?
    let outcome = unsafe pcap_next_ex(handle, &header, &data)
    guard outcome == 1, let header = unsafe header, let data = unsafe data else {
      if outcome != -2 { failure = stream.failure ?? printable(unsafe String(cString: pcap_geterr(handle))) }
      return nil
    }
    let info = unsafe header.pointee
    // With `PCAP_TSTAMP_PRECISION_NANO`, `tv_usec` counts nanoseconds.
    let at = Instant(seconds: Int64(info.ts.tv_sec), nanoseconds: Int64(info.ts.tv_usec))
    return unsafe Frame(start: data, count: Int(info.caplen), length: Int(info.len), at: at, link: link)
  }
}

private func readStream(_ cookie: UnsafeMutableRawPointer?, _ buffer: UnsafeMutablePointer<CChar>?, _ size: Int) -> Int {
  guard let cookie = unsafe cookie, let buffer = unsafe buffer else { return -1 }
  let stream = unsafe Unmanaged<ByteStream>.fromOpaque(cookie).takeUnretainedValue()
  let output = unsafe UnsafeMutableRawBufferPointer(start: buffer, count: size).bindMemory(to: UInt8.self)
  let count = unsafe stream.read(into: output)
  return count == 0 && stream.failure != nil ? -1 : count
}

private func closeStream(_ cookie: UnsafeMutableRawPointer?) -> Int32 {
  if let cookie = unsafe cookie { unsafe Unmanaged<ByteStream>.fromOpaque(cookie).release() }
  return 0
}
