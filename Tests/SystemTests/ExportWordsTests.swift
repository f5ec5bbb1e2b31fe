import Exports
import Testing
import Wording

@testable import sluice

@Suite("Words of exports")
struct ExportWordsTests {
    static let errors: [ExportError] =
        [
            .unknownTable("x", known: []), .unknownTable("x", known: ["y", "z"]), .emptyTable("x", known: []),
            .emptyTable("x", known: ["y"]), .unknownColumn("x", table: "y", known: ["z"]), .repeatedColumn("x"),
            .noDays("x"), .daysReversed, .otherPlatform("x", of: "y"), .notSearchable(column: "x"),
            .noTemporaryFile(folder: "x", why: "y"), .workbook("x"),
        ] + ExportError.wants.map { .notComparable(column: "x", text: "y", wants: $0) }

    @Test("of errors are all in the Vietnamese table, and end like sentences", arguments: errors)
    func sentences(_ error: ExportError) {
        let said = Words(language: .vietnamese).said(error.description)

        #expect(said != error.description)
        #expect(error.description.hasSuffix("."))
        #expect(!said.contains("{") && !said.contains("whole numbers") && !said.contains("search"))
    }
}
