import ConnectorKit
import Foundation
import SyncCore
import Testing

@Suite("Damaged bodies")
struct RowReaderDamageTests {
    private static let insights = schema(
        [
            Column("date", .date, "date_start"), Column("ad_id", .text, "ad_id"), Column("spend", .money, "spend"),
            Column("clicks", .integer, "clicks"), Column("ctr", .real, "ctr"), Column("seen_at", .instant, "seen_at"),
            Column("live", .boolean, "live"), Column("budget", .minorMoney, "creative.budget"),
            Column("actions", .json, "actions"), Column("bought", .integer, "actions[action_type=a.b|c].value"),
        ], key: ["account_id", "date", "ad_id"], ignored: ["secret"])

    private static let body = #"""
        {"data":[{"ad_id":"120000000000000001","date_start":"2026-09-01","spend":"12.37","clicks":41,"ctr":"2.67",
        "seen_at":"2024-01-01T10:00:00+0700","live":true,"creative":{"budget":"500","x":[1,2,{"y":null}]},
        "actions":[{"action_type":"c","value":"3","1d":"1"},{"action_type":"a.b","value":-4e0}],"secret":"s",
        "name":"Qu\u1ea3ng c\u00e1o \"A\" \\ \ud83d\ude00 Đà"},{"ad_id":2,"date_start":"2026-09-02","other":[[]]}],
        "paging":{"cursors":{"after":"x"},"next":"https:\/\/example.com\/?a=1"},"summary":[{"n":1.5e3}]}
        """#

    private let reader = RowReader(schema: RowReaderDamageTests.insights, currencyPath: "creative.currency")

    @Test("A body that is cut anywhere is refused")
    func everyCut() throws {
        let bytes = Array(Self.body.utf8)

        for length in 0..<bytes.count {
            #expect(throws: MalformedBody.self, "cut after \(length) bytes") {
                try reader.read(Array(bytes[..<length]), at: .list("data"), context: [:], currency: "USD")
            }
        }
    }

    @Test(
        "What is not JSON is refused",
        arguments: [
            "", " \n", "<html><body>Service Unavailable</body></html>", "Service Unavailable", #"{"data":[]}x"#,
            #"{"data":[]}{"data":[]}"#, #"{"data":[}"#, #"{"data":[]]"#, #"{"data":[{"a":1,}]}"#, #"{"data":[1,]}"#,
            #"{"data":[{"a" 1}]}"#, #"{"data":[{a:1}]}"#, #"{'data':[]}"#, #"{"data":[{"a":tru}]}"#,
            #"{"data":[{"a":01}]}"#, #"{"data":[{"a":1.}]}"#, #"{"data":[{"a":.5}]}"#, #"{"data":[{"a":+1}]}"#,
            #"{"data":[{"a":1 2}]}"#, #"{"data":[{"a":"b" "c"}]}"#, #"{"data":[{"a":NaN}]}"#,
            #"{"data":[{"a":"\x"}]}"#, #"{"data":[{"a":"\u12g4"}]}"#, "{\"data\":[{\"a\":\"tab\there\"}]}",
            "{\"data\":[{\"a\":1}]}\u{0}", #"{"data":[{"actions":[{"action_type":"c" "value":1}]}]}"#,
            #"{"data":[{"secret":[1 2]}]}"#, #"{"data":[{"unknown":{"a"}}]}"#, #"{"data":[] "b":1}"#, "{", "[", "\"",
            #"{"data":[{"a":1]}}"#,
        ])
    func notJSON(body: String) {
        #expect {
            try reader.read(body)
        } throws: { error in
            if case MalformedBody.notJSON = error { true } else { false }
        }
    }

    @Test("The reason names a place and nothing of the data")
    func reason() {
        #expect(throws: MalformedBody.notJSON("an unexpected character at byte 14")) {
            try reader.read(#"{"data":[{"a":oops}]}"#)
        }
    }

    @Test("Nesting is limited, and the limit is no crash")
    func nesting() throws {
        func nested(_ depth: Int) -> String {
            "{\"data\":[{\"x\":" + String(repeating: "[", count: depth) + String(repeating: "]", count: depth) + "}]}"
        }

        #expect(try reader.read(nested(1000)).table.rejected.count == 1)
        #expect(throws: MalformedBody.self) { try reader.read(nested(1025)) }
        #expect(throws: MalformedBody.self) { try reader.read(nested(500_000)) }
    }

    @Test("A byte order mark is passed over")
    func byteOrderMark() throws {
        let page = try reader.read(
            [0xEF, 0xBB, 0xBF] + Array(Self.body.utf8), at: .list("data"), context: ["account_id": "7"],
            currency: "USD")

        #expect(page.table.rowCount == 2)
        #expect(page.repaired == 0)
    }

    @Test("Bytes that are not UTF-8 become a replacement character, and are counted")
    func invalidUTF8() throws {
        let reader = RowReader(schema: schema([Column("v", .text, "v")]))
        // A stray byte, a cut sequence, an encoded surrogate (three bytes), a good character.
        let damaged: [UInt8] = [0xFF, 0x61, 0xE1, 0xBA, 0x62, 0xED, 0xA0, 0x80, 0xC4, 0x90]
        let body = Array(#"{"data":[{"v":""#.utf8) + damaged + Array(#""}]}"#.utf8)

        let page = try reader.read(body, at: .list("data"), context: ["account_id": "7"], currency: "USD")

        #expect(page.stored("v") == .text("\u{FFFD}a\u{FFFD}b\u{FFFD}\u{FFFD}\u{FFFD}Đ"))
        #expect(page.repaired == 5)
    }

    @Test("Half a character in an escape becomes a replacement character, and is counted")
    func loneSurrogates() throws {
        let reader = RowReader(schema: schema([Column("v", .text, "v")]))

        let page = try reader.read(#"{"data":[{"v":"a\ud83d","w":"\udc00\ud83d\ude00"}]}"#)

        #expect(page.stored("v") == .text("a\u{FFFD}"))
        #expect(page.extra() == #"{"w":"\ufffd\ud83d\ude00"}"#)
        #expect(page.repaired == 2)
    }

    @Test("Whatever bytes arrive, the reader refuses them or gives well-formed rows", arguments: 0..<8)
    func mutations(seed: Int) throws {
        var random = SplitMix(state: UInt64(seed))
        let original = Array(Self.body.utf8)
        var accepted = 0

        for _ in 0..<600 {
            let mutated = random.mutate(original)
            guard
                let page = try? reader.read(mutated, at: .list("data"), context: ["account_id": "7"], currency: "USD")
            else { continue }
            accepted += 1
            try checkWellFormed(page, "seed \(seed): \(String(decoding: mutated, as: UTF8.self))")
        }

        #expect(accepted > 50)
    }

    private func checkWellFormed(_ page: PageRead, _ comment: Comment) throws {
        let table = page.table
        #expect(isJSON(page.rest), comment)
        for rejected in table.rejected { #expect(isJSON(Array(rejected.utf8)), comment) }
        for row in 0..<table.rowCount {
            for cell in table.cells[row * table.width..<(row + 1) * table.width] where cell.kind == .text {
                try #require(Int(cell.bits) + Int(cell.length) <= table.text.count, comment)
            }
            if case .text(let actions) = page.stored("actions", row: row) {
                #expect(isJSON(Array(actions.utf8)), comment)
            }
            if let extra = page.extra(row: row) { #expect(isJSON(Array(extra.utf8)), comment) }
            for key in ["account_id", "date", "ad_id"] { #expect(page.stored(key, row: row) != .null, comment) }
        }
    }

    /// By a parser that is not ours.
    private func isJSON(_ bytes: [UInt8]) -> Bool {
        (try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)) != nil
    }
}

/// A small generator, so that every run tries the same bodies.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    /// One to four changes: other bytes, bytes that mean something to JSON, pieces cut out, doubled or moved.
    mutating func mutate(_ original: [UInt8]) -> [UInt8] {
        var bytes = original
        let meaningful = Array("{}[]:,\"\\ \n0-e.tfnu".utf8)
        for _ in 0..<Int.random(in: 1...4, using: &self) where !bytes.isEmpty {
            let at = Int.random(in: 0..<bytes.count, using: &self)
            let end = min(bytes.count, at + Int.random(in: 1...40, using: &self))
            switch Int.random(in: 0..<6, using: &self) {
            case 0: bytes[at] = UInt8.random(in: 0...255, using: &self)
            case 1: bytes[at] = meaningful.randomElement(using: &self) ?? 0
            case 2: bytes.insert(meaningful.randomElement(using: &self) ?? 0, at: at)
            case 3: bytes.removeSubrange(at..<end)
            case 4: bytes.insert(contentsOf: Array(bytes[at..<end]), at: Int.random(in: 0..<bytes.count, using: &self))
            default: bytes[at] = UInt8.random(in: 0x20...0x7E, using: &self)
            }
        }
        return bytes
    }
}
