import Testing
import Transcript

@Suite struct DateNotationTests {
  @Test(
    arguments: [
      (DateNotation.http, ["Sun, 06 Nov 1994 08:49:37 GMT", "sun, 06 nov 1994 08:49:37 GMT"]),
      (.rfc850, ["Sunday, 06-Nov-94 08:49:37 GMT", "Wed, 09-Nov-1999 23:12:40 GMT"]),
      (
        .mail,
        [
          "Thu, 04 Mar 2021 09:42:07 +0000", "Thu, 4 Mar 2021 09:42:07 +0000 (UTC)", "4 Mar 2021 09:42 -0500", "Thu,  4 Mar 21 9:42:07 EST",
          "4 Mar 2021 09:42:07 GMT",
          "29 Feb 2024 23:59:60 +0100", "Thu, 04 Mar 2021 09:42:07 +0000 (Coordinated Universal Time)",
        ]
      ),
      (.imap, ["17-Jul-1996 02:44:25 -0700", " 7-Jul-1996 02:44:25 +0000"]),
      (.asctime, ["Sun Nov  6 08:49:37 1994", "Sun Nov 16 08:49:37 1994", "Sun Nov  6 08:49:37 UTC 1994"]),
      (
        .iso8601,
        [
          "2024-03-05", "2024-03-05T10:20:00Z", "2024-03-05 10:20", "2024-03-05T10:20:00.123456+01:00", "2024-03-05 10:20:00 +0100",
          "2024-03-05T10:20:00,5-05",
        ]
      ),
      (.compact, ["20240305102000", "20240305102000.123", "20240305T102000Z"]),
      (.listing, ["Mar 05  2024", "Nov 23 07:42", "Feb 29 07:42", "Mar  5  2024"]),
      (.dos, ["03-05-24  10:20AM", "03-05-2024  10:20"]),
    ] as [(DateNotation, [String])])
  func `a date is known by its notation`(notation: DateNotation, dates: [String]) {
    for date in dates {
      #expect(DateNotation(of: Array(date.utf8)) == notation, "\(date)")
      #expect(ValueType.date.fits(Array(date.utf8)))
      #expect(DateNotation.mayBegin(at: Array("\(date) and more".utf8.drop { $0 == UInt8(ascii: " ") })[...]))
    }
    #expect(["EHLO client", "250 2.1.0 Ok", "", "J"].allSatisfy { !DateNotation.mayBegin(at: Array($0.utf8)[...]) })
  }

  @Test(arguments: [
    "", "Mar", "Mar 05", "32 Mar 2021 09:42 +0000", "31 Apr 2021 09:42 +0000", "29 Feb 2021 09:42 +0000", "29 Feb 1900 09:42 +0000",
    "0 Mar 2021 09:42 +0000",
    "4 Mrz 2021 09:42 +0000", "4 Mar 2021 24:00 +0000", "4 Mar 2021 09:42", "4 Mar 2021 09:42 0000", "4 Mar 2021 09:42 +00000",
    "2024-13-05", "2024-00-05", "2024-02-30", "2024-3-5",
    "20241305102000", "20240305102060x", "20240305102000.", "20240305", "Mar 32  2024", "Nov 23 25:42", "Feb 30 07:42",
    "Sun, 06 Nov 1994 08:49:37 CET 1", "Xyz, 06 Nov 1994 08:49:37 GMT",
    "13-05-24  10:20AM", "Sun Nov 31 08:49:37 1994", "4 Mar 2021 09:42:07 +0000 (UTC", "4 Mar 2021 09:42:07 +0000 (a)b)",
    "2024-03-05T10:20:00+", " 2024-03-05", "2024-03-05 ",
  ])
  func `what no calendar or protocol knows is no date`(text: String) {
    #expect(DateNotation(of: Array(text.utf8)) == nil)
  }

  @Test func `a date cut anywhere is never more than a shorter date`() {
    for date in [
      "Thu, 4 Mar 2021 09:42:07 +0000 (UTC)", "2024-03-05T10:20:00.123456+01:00", "20240305102000.123", "Sun Nov  6 08:49:37 UTC 1994",
    ] {
      for count in 0..<date.utf8.count { _ = DateNotation(of: Array(date.utf8.prefix(count))) }
      #expect(DateNotation(of: Array(date.utf8) + [0]) == nil)
    }
  }
}
