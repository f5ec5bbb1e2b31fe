import StoreTransfer
import Testing
import Wording

@testable import sluice

@Suite("Words of promotions and backups")
struct MovingWordsTests {
    static let errors: [TransferError] = [
        .notAnArchive("x"), .damaged("x"), .newerArchive("x"), .unreadable("x", why: "y"), .unwritable("x", why: "y"),
        .exists("x"), .beingWritten("x"), .holdsData("x", table: "y"), .foreignTable("x", table: "y"),
        .otherPromotion("x", source: "y"), .othersAtWork("x", count: 2), .overtaken,
        .misfit(table: "x", column: "y", value: "z"), .strangeColumn(table: "x", column: "y", type: "z"),
        .refusedRows(table: "x", why: "y"), .newerRows(table: "x", column: "y"), .differs(["x"]),
        .promoted("x", to: "y"),
        .unfinishedPromotion(source: "x"),
    ]

    @Test("of errors are all in the Vietnamese table, and end like sentences", arguments: errors)
    func sentences(_ error: TransferError) {
        #expect(Words(language: .vietnamese).said(error.description) != error.description)
        #expect(error.description.hasSuffix("."))
        #expect(!Words(language: .vietnamese).said(error.description).contains("{"))
    }
}
