import CPcap
import Glibc

/// A pcap file that packets are written to as they come. Each write brings whole packets, so whatever ends it, it is a capture.
@safe final class PacketLog {
  /// For messages.
  let name: String
  private let file: UnsafeMutablePointer<FILE>
  private let dumper: OpaquePointer
  private let descriptor: CInt
  /// The file's, which makes none of that size itself.
  private let buffer = UnsafeMutablePointer<CChar>.allocate(capacity: bufferSize)
  /// Bytes that are not written yet.
  private var pending = 0
  /// Bytes that are.
  private var written: off_t = 0
  private var failure: String?

  /// - Parameter descriptor: what it is to be written to; closed with it.
  init(_ handle: OpaquePointer, _ descriptor: CInt, name: String) throws(LiveCaptureError) {
    self.name = name
    self.descriptor = descriptor
    guard let file = unsafe fdopen(descriptor, "wb"), unsafe setvbuf(file, buffer, CInt(_IOFBF), Self.bufferSize) == 0,
      let dumper = unsafe pcap_dump_fopen(handle, file)
    else {
      let reason = unsafe String(cString: strerror(errno))
      Glibc.close(descriptor)
      unsafe buffer.deallocate()
      throw .failed(reason)
    }
    unsafe self.file = file
    unsafe self.dumper = dumper
    pending = Self.fileHeader
    if let reason = flush() {
      close()
      throw .failed(reason)
    }
  }

  func write(_ header: UnsafePointer<pcap_pkthdr>, _ data: UnsafePointer<UInt8>) {
    guard failure == nil else { return }
    let count = Self.packetHeader + Int(unsafe header.pointee.caplen)
    if pending + count > Self.bufferSize, flush() != nil { return }
    unsafe pcap_dump(UnsafeMutablePointer(dumper), header, data)
    pending += count
  }

  /// - Returns: why it could not be written, once that has happened; then it ends with the last packet that was.
  func flush() -> String? {
    if failure != nil || pending == 0 { return failure }
    if unsafe fflush(file) == 0 && ferror(file) == 0 {
      written += off_t(pending)
      pending = 0
    } else {
      failure = unsafe String(cString: strerror(errno))
      // Neither a part of a packet stays, nor is one written by closing.
      unsafe __fpurge(file)
      _ = ftruncate(descriptor, written)
    }
    return failure
  }

  func close() {
    unsafe pcap_dump_close(dumper)
    unsafe buffer.deallocate()
  }

  /// Bytes: more than any packet has.
  private static let bufferSize = 1 << 19
  private static let fileHeader = 24
  private static let packetHeader = 16
}
