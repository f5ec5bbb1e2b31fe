import CXlsxWriter
import StoreTransfer

/// A workbook of Excel that is written row by row, with one row in memory at a time.
///
/// Days and moments are dates, counts and amounts are numbers, ids and other texts are texts: such a cell is no
/// formula, whatever it begins with, and has the format of texts, so that it stays one when somebody edits it. Excel
/// reckons with 15 digits; a number with more is a text. A sheet that is full is followed by another.
///
/// Unchecked, because it belongs to one thread at a time.
final class Workbook: @unchecked Sendable {
    /// Rows of a sheet, its head among them.
    static let mostRows = 1_048_576

    private let file: TemporaryFile
    private let book: UnsafeMutablePointer<lxw_workbook>
    private let formats: WorkbookFormats
    private let columns: [ExportPlan.Column]
    private let name: String
    private let mostRows: Int
    private var sheets: [UnsafeMutablePointer<lxw_worksheet>] = []
    private var row = 0
    private var text = CellText()
    private var isClosed = false
    /// Texts that were longer than a cell takes.
    private(set) var shortened = 0

    /// `name` is that of the first sheet.
    init(
        _ name: String, _ columns: [ExportPlan.Column], folder: String, mostRows: Int = Workbook.mostRows
    ) throws(ExportError) {
        file = try TemporaryFile(in: folder)
        self.name = name
        self.columns = columns
        self.mostRows = mostRows
        let made = file.path.withCString { path in
            folder.withCString { folder in
                // The library copies both.
                var options = lxw_workbook_options()
                options.constant_memory = 1
                options.tmpdir = UnsafeMutablePointer(mutating: folder)
                options.use_zip64 = 1
                return workbook_new_opt(path, &options)
            }
        }
        guard let made else { throw .workbook("no memory") }
        book = made
        formats = WorkbookFormats(made)
        try beginSheet()
    }

    deinit {
        guard !isClosed else { return }
        for sheet in sheets { sluice_xlsx_discard(sheet) }
        lxw_workbook_free(book)
    }

    /// Decimals are those of the row's currency; nil when nobody knows.
    func append(_ values: PackedRow, decimals: Int?) throws {
        if row == mostRows { try beginSheet() }
        let sheet = sheets[sheets.count - 1]
        try values.forEach { index, value in
            guard index < columns.count else { return }
            let cell = Cell(sheet: sheet, row: lxw_row_t(row), column: lxw_col_t(index))
            try check(write(value, to: cell, columns[index], decimals))
        }
        row += 1
    }

    /// Puts the file together, which takes as long as it is large; then it can be read. To be called once.
    func close() throws(ExportError) -> TemporaryFile {
        try checkRoom()
        isClosed = true
        let code = workbook_close(book)
        guard code == LXW_NO_ERROR else { throw .workbook(String(cString: lxw_strerror(code))) }
        return file
    }

    /// The library does not say when a disk is full: rows are counted and room is asked for.
    func checkRoom() throws(ExportError) {
        var rows: Int64 = 0
        for sheet in sheets {
            let written = sluice_xlsx_written(sheet)
            guard written >= 0 else { throw .workbook("the disk of the temporary files is full") }
            rows += written
        }
        // They are copied once and packed then.
        if let room = file.room, room < rows + rows / 2 {
            throw .workbook("the disk of the temporary files is almost full")
        }
    }

    // MARK: Sheets

    private func beginSheet() throws(ExportError) {
        let ending = sheets.isEmpty ? "" : " (\(sheets.count + 1))"
        // A sheet's name has 31 letters at most.
        let title = name.prefix(31 - ending.count) + ending
        guard let sheet = workbook_add_worksheet(book, String(title)) else { throw .workbook("no sheet \(title)") }
        sheets.append(sheet)
        // Ids are texts, and Excel need not remark on each.
        worksheet_ignore_errors(sheet, UInt8(LXW_IGNORE_NUMBER_STORED_AS_TEXT.rawValue), "A1:XFD1048576")
        worksheet_freeze_panes(sheet, 1, 0)
        for (index, column) in columns.enumerated() {
            let place = lxw_col_t(index)
            worksheet_set_column(sheet, place, place, WorkbookFormats.width(of: column), nil)
            worksheet_write_string(sheet, 0, place, column.heading, formats.head)
        }
        row = 1
    }

    private func check(_ code: lxw_error) throws(ExportError) {
        guard code != LXW_NO_ERROR else { return }
        throw .workbook(String(cString: lxw_strerror(code)))
    }
}

// MARK: - Cells

extension Workbook {
    private struct Cell {
        let sheet: UnsafeMutablePointer<lxw_worksheet>
        let row: lxw_row_t
        let column: lxw_col_t

        func write(_ number: Double, _ format: UnsafeMutablePointer<lxw_format>?) -> lxw_error {
            worksheet_write_number(sheet, row, column, number, format)
        }
    }

    private func write(
        _ value: PackedValue, to cell: Cell, _ column: ExportPlan.Column, _ decimals: Int?
    ) -> lxw_error {
        switch value {
        case .null: return LXW_NO_ERROR
        case .integer(let micros) where column.isDecimal:
            guard let number = ExcelNumber.amount(micros: micros) else {
                return write(to: cell) { ValueText.append(micros: micros, to: &$0) }
            }
            return cell.write(number, formats.money(decimals))
        case .integer(let number):
            guard let exact = ExcelNumber.whole(number) else {
                return write(to: cell) { ValueText.append(number, to: &$0) }
            }
            return cell.write(exact, formats.whole)
        case .real(let number):
            guard let ratio = ExcelNumber.ratio(number) else {
                return write(to: cell) { ValueText.append(number, to: &$0) }
            }
            return cell.write(ratio, nil)
        case .boolean(let flag): return worksheet_write_boolean(cell.sheet, cell.row, cell.column, flag ? 1 : 0, nil)
        case .day(let day):
            guard let date = ExcelNumber.date(day) else {
                return write(to: cell) { ValueText.append(day: day, to: &$0) }
            }
            return cell.write(date, formats.day)
        case .instant(let moment):
            guard let date = ExcelNumber.date(microseconds: moment) else {
                return write(to: cell) { ValueText.append(instant: moment, to: &$0) }
            }
            return cell.write(date, formats.moment)
        case .text(let bytes):
            var code = LXW_NO_ERROR
            ValueText.withUTF8(bytes) { code = write($0, to: cell) }
            return code
        case .bytes(let bytes): return write(to: cell) { ValueText.append(hex: bytes, to: &$0) }
        }
    }

    private func write(to cell: Cell, _ body: (inout [UInt8]) -> Void) -> lxw_error {
        var bytes: [UInt8] = []
        body(&bytes)
        return bytes.withUnsafeBytes { write($0, to: cell) }
    }

    private func write(_ bytes: UnsafeRawBufferPointer, to cell: Cell) -> lxw_error {
        if text.fill(bytes) { shortened += 1 }
        return text.withCString { worksheet_write_string(cell.sheet, cell.row, cell.column, $0, formats.text) }
    }
}

/// The few ways in which cells look.
private struct WorkbookFormats {
    let head: UnsafeMutablePointer<lxw_format>?
    let text: UnsafeMutablePointer<lxw_format>?
    let whole: UnsafeMutablePointer<lxw_format>?
    let day: UnsafeMutablePointer<lxw_format>?
    let moment: UnsafeMutablePointer<lxw_format>?
    private let amounts: [UnsafeMutablePointer<lxw_format>?]
    private let amount: UnsafeMutablePointer<lxw_format>?

    init(_ book: UnsafeMutablePointer<lxw_workbook>) {
        func format(_ pattern: String) -> UnsafeMutablePointer<lxw_format>? {
            let format = workbook_add_format(book)
            format_set_num_format(format, pattern)
            return format
        }
        head = format("@")
        format_set_bold(head)
        text = format("@")
        whole = format("0")
        day = format("yyyy-mm-dd")
        moment = format("yyyy-mm-dd hh:mm:ss")
        amounts = ["#,##0", "#,##0.0", "#,##0.00", "#,##0.000"].map(format)
        amount = format("#,##0.00####")
    }

    func money(_ decimals: Int?) -> UnsafeMutablePointer<lxw_format>? {
        decimals.flatMap { amounts.indices.contains($0) ? amounts[$0] : nil } ?? amount
    }

    /// About as many letters.
    static func width(of column: ExportPlan.Column) -> Double {
        switch column.kind {
        case .day: 11
        case .instant: 19
        case .integer, .real: 13
        case .boolean: 8
        case .text, .json, .bytes: 22
        }
    }
}
