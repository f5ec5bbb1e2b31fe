import ConnectorKit
import Connectors
import Foundation
import StorePostgres
import SyncCore
import SyncHTTP
import SyncWeb
import Testing
import Wording

@testable import sluice

@Suite("Words")
struct WordsTests {
    private let english = Words(language: .english)
    private let vietnamese = Words(language: .vietnamese)

    @Test("that the commands say are all in the Vietnamese table")
    func commands() throws {
        let said = try Sentences.files(in: "Sources/sluice").flatMap(Sentences.literals).filter(\.isSaid).map(\.text)

        #expect(said.count > 60)
        // An error from below stands there by itself, `said("\\(error)")`: the other tests look at those.
        for text in Set(said).subtracting(["X1"]).sorted() {
            #expect(vietnamese.said(text) != text, "no Vietnamese for: \(text)")
        }
    }

    @Test(
        "of causes, advice and notes are all in the Vietnamese table",
        arguments: ["Sources/Connectors", "Sources/ConnectorKit", "Sources/SyncEngine", "Sources/SyncHTTP/Client"])
    func fromBelow(_ folder: String) throws {
        let sentences = try Sentences.files(in: folder).flatMap(Sentences.literals).filter(\.isSentence).map(\.text)

        #expect(sentences.count > 5)
        // Singular and plural in one; both are in the table.
        let spliced = "Meta does not give the fieldX1 X1 of X1 to this token (X1); X1 empty."
        for text in Set(sentences).subtracting([spliced]).sorted() {
            #expect(vietnamese.said(text) != text, "no Vietnamese for: \(text)")
        }
    }

    @Test("of what the web server refuses are all in the Vietnamese table")
    func refusals() throws {
        let sources = try Sentences.files(in: "Sources/SyncWeb")
        let refusals = #/WebError\(\s*\.\w+, "\w+",\s+"(?<message>[^"\\]+)"(?:,\s+advice: "(?<advice>[^"\\]+)")?/#
        let fields = #/(?:errors\["\w+"\] = |invalid\((?:\[[^\]:]+: )?)"(?<message>[^"\\]+)"/#
        var texts: Set<String> = []
        for source in sources {
            for match in source.matches(of: refusals) {
                texts.insert(String(match.message))
                if let advice = match.advice { texts.insert(String(advice)) }
            }
            texts.formUnion(source.matches(of: fields).map { String($0.message) })
        }

        #expect(texts.count > 25)
        for text in texts.sorted() { #expect(vietnamese.said(text) != text, "no Vietnamese for: \(text)") }
    }

    @Test("of states, kinds, phases, stages and quotas are all in the Vietnamese table")
    func names() {
        let states = WorkState.allCases.map(\.rawValue) + Phase.allCases.map(\.rawValue)
        let reasons: [WaitReason] = [.quota, .credential, .paused, .report]
        let kinds: [JobKind] = [.initial, .incremental, .manual, .scheduled, .quick, .backfill]
        let platforms = Catalog.connectors.map { $0.platform }
        let names =
            states + reasons.map(\.rawValue) + kinds.map(\.rawValue) + platforms.flatMap(\.stages)
            + platforms.flatMap(\.quotas.keys)

        for name in names { #expect(vietnamese.said(name) != name, "no Vietnamese for: \(name)") }
    }

    @Test("leave the names of scopes as they are, alone and in a list")
    func scopes() {
        let lacking = vietnamese.said("The application lacks the scope coupons: its rows cannot be read.")
        let advice = vietnamese.said("Give it the scope coupons in Admitad under Settings, API, then connect again.")
        let asked = vietnamese.said("The application may not have all that it was asked for: coupons.")

        for sentence in [lacking, advice, asked] { #expect(sentence.contains("coupons"), "\(sentence)") }
        // What stands for rows is translated.
        #expect(vietnamese.said("The application may not read the coupons of Admitad.").contains("mã giảm giá"))
    }

    @Test("before what an account's report tells are all in the Vietnamese table")
    func labels() throws {
        let sources = try Sentences.files(in: "Sources/sluice")
        let labels = sources.flatMap { $0.matches(of: #/[^a-zA-Z.]tell\("([a-z ]+)", /#).map { String($0.1) } }

        #expect(labels.count > 7)
        for label in labels { #expect(vietnamese.said(label) != label, "no Vietnamese for: \(label)") }
    }

    static let storeErrors: [StoreError] = [
        .inUse(pid: 7), .inUse(pid: nil), .notADatabase("x"), .newerSchema(found: 2, known: 1), .notWritable("x"),
        .diskFull, .unavailable("The database does not answer: busy"), .corrupt("page 7"),
        .inconsistent("job 7 is gone"),
        .misfit(table: "meta_x", "its key is (a), not (b)"),
    ]

    @Test("of database servers are all in the Vietnamese table", arguments: PostgresError.Kind.allCases)
    func servers(_ kind: PostgresError.Kind) {
        let sentence = PostgresError(kind).sentence

        #expect(vietnamese.said(sentence) != sentence)
        // What will pass by itself has lost its full stop.
        let passing = "\(StoreError.unavailable(String(sentence.dropLast())))"
        #expect(vietnamese.whole(passing) == vietnamese.said(sentence))
        // What the server refused has its code in it, and may be the end of a longer sentence.
        if [.other, .uniqueViolation].contains(kind) {
            let refused = "\(StoreError.inconsistent("\(PostgresError(kind, sqlState: "42P01"))"))"
            #expect(!vietnamese.said(refused).contains("the") && vietnamese.said(refused).contains("SQLSTATE 42P01"))
        }
    }

    @Test(
        "of addresses of servers are in the Vietnamese table",
        arguments: ["postgres://host", "postgres://[x", "ftp://x"])
    func addresses(_ text: String) throws {
        do {
            _ = try PostgresAddress(text)
            Issue.record("\(text) was taken")
        } catch {
            #expect(vietnamese.said(error.sentence) != error.sentence)
        }
    }

    @Test("of errors of the database are all in the Vietnamese table", arguments: storeErrors)
    func store(_ error: StoreError) {
        #expect(vietnamese.said("\(error)") != "\(error)")
    }

    static let listenErrors: [ListenError] = {
        let address = ListenAddress(host: "127.0.0.1", port: 80)
        return [
            .notAnAddress("x"), .taken(address), .noRight(address), .notOurs(address), .unknownHost("x"),
            .other(address, "no buffer"),
        ]
    }()

    @Test("of addresses that cannot be listened on are all in the Vietnamese table", arguments: listenErrors)
    func listening(_ error: ListenError) {
        #expect(vietnamese.said("\(error)") != "\(error)")
    }

    @Test("fill what varies, also where it is a sentence itself")
    func patterns() {
        #expect(vietnamese.said("There is no job 12.") == "Không có lượt chạy 12.")
        #expect(
            vietnamese.said("The platform cannot be reached: There is no route to host.example..")
                == "Không kết nối được với nền tảng: Không có đường mạng đến host.example.")
        #expect(
            vietnamese.said("Meta cannot show the whole row 7 of ads; only its id is stored.")
                == "Meta không hiện được trọn dòng 7 của quảng cáo; chỉ lưu mã số.")
        #expect(vietnamese.said("Nobody wrote this.") == "Nobody wrote this.")
        #expect(english.said("There is no job 12.") == "There is no job 12.")
    }

    @Test("compare calls with the fewest possible only for a whole sync")
    func proof() {
        #expect(english.proof(calls: 1015, fewest: 811, peak: nil) == "1,015 calls made, 811 is the fewest possible")
        #expect(english.proof(calls: 17, fewest: 811, peak: 1 << 20) == "17 calls made · at most 1 MB")
        #expect(vietnamese.proof(calls: 17, fewest: 811, peak: nil) == "17 lượt gọi")
    }

    @Test("write numbers, days and times in the form of the language")
    func forms() throws {
        let day = try #require(CivilDate("2026-11-21"))
        let old = try #require(CivilDate("2024-02-03"))
        let range = try #require(DayRange(old, day))

        #expect([1048, -7, 1_234_567].map(english.number) == ["1,048", "−7", "1,234,567"])
        #expect([1048, -7, 1_234_567].map(vietnamese.number) == ["1.048", "−7", "1.234.567"])
        #expect(english.decimal(94.04) == "94.0")
        #expect(vietnamese.decimal(1294.06) == "1.294,1")
        #expect(english.days(range, today: day) == "3 Feb 2024 – 21 Nov")
        #expect(vietnamese.days(range, today: day) == "3/2/2024 – 21/11")
        #expect(english.count(1, "call", "lượt gọi") == "1 call")
        #expect(english.count(2, "call", "lượt gọi") == "2 calls")
        #expect(vietnamese.count(1, "call", "lượt gọi") == "1 lượt gọi")
    }
}
