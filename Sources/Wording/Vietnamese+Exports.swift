/// What `export` says.
extension Words {
    static let exports: Entries = exportHelp + exportSentences + exportErrors

    private static let exportHelp: Entries = [
        (
            "Write the rows of a table into a file for people or programs.",
            "Ghi các dòng của một bảng ra tệp cho người hoặc chương trình dùng."
        ),
        (
            "Tables are those of docs/data-tables.md, and sync_logs. The file holds one moment, also while the work "
                + "goes on. In CSV and Excel money is in units of its currency, exactly; in JSON Lines it is in "
                + "millionths, as it is stored.",
            "Các bảng là những bảng trong docs/data-tables.md và sync_logs. Tệp giữ dữ liệu của một thời điểm, kể cả "
                + "khi đang đồng bộ. Trong CSV và Excel, tiền tính theo đơn vị tiền tệ, chính xác; trong JSON Lines "
                + "tính theo phần triệu, như khi lưu."
        ),
        ("The table or view.", "Bảng hoặc khung nhìn."),
        ("Only rows of this platform.", "Chỉ các dòng của nền tảng này."),
        (
            "Only rows of this account; may be given several times.",
            "Chỉ các dòng của tài khoản này; có thể ghi nhiều lần."
        ),
        (
            "The first day, in the account's time zone; of moments in UTC.",
            "Ngày đầu tiên, theo múi giờ của tài khoản; với thời điểm thì theo UTC."
        ),
        ("The last day.", "Ngày cuối cùng."),
        (
            "These columns in this order, with commas between.", "Các cột này theo thứ tự này, cách nhau bằng dấu phẩy."
        ),
        (
            "Only rows in which a column is something, status=ACTIVE, or has a text in it, name~shirt; may be given "
                + "several times.",
            "Chỉ các dòng có cột bằng một giá trị, status=ACTIVE, hoặc chứa một đoạn chữ, name~áo; có thể ghi nhiều "
                + "lần."
        ),
        (
            "By these columns, date,-spend_micros; none: as they lie, which is quickest. Else by the table's key.",
            "Xếp theo các cột này, date,-spend_micros; none: giữ như khi lưu, nhanh nhất. Nếu không thì theo khoá của "
                + "bảng."
        ),
        (
            "The form: csv, jsonl or xlsx. Else the ending of the file tells, else it is csv.",
            "Dạng tệp: csv, jsonl hoặc xlsx. Nếu không ghi thì theo đuôi tệp, nếu không nữa thì là csv."
        ),
        (
            "Begin a CSV file with the mark by which Excel knows UTF-8.",
            "Mở đầu tệp CSV bằng dấu để Excel nhận ra UTF-8."
        ),
        (
            "The file to write; - for standard output, which it is else.",
            "Tệp cần ghi; - là đầu ra chuẩn, cũng là nơi ghi khi không chọn."
        ),
    ]

    private static let exportSentences: Entries = [
        (
            "Another export into {1} is under way; wait for it or name another file.",
            "Đang có một lần xuất khác vào {1}; hãy chờ xong hoặc chọn tệp khác."
        ),
        ("{1} is a folder. Name a file with --output.", "{1} là một thư mục. Hãy chọn một tệp bằng --output."),
        (
            "{1} exists already; nothing was written. Name another file with --output, or add --force.",
            "{1} đã có sẵn; không ghi gì cả. Hãy chọn tệp khác bằng --output, hoặc thêm --force."
        ),
        ("Interrupted; no file was written.", "Đã dừng; không có tệp nào được ghi."),
        ("--columns is empty.", "--columns đang trống."),
        (
            "--where takes a condition: status=ACTIVE or name~shirt.",
            "--where nhận một điều kiện: status=ACTIVE hoặc name~áo."
        ),
        (
            "--sort takes names of columns: date,-spend_micros.", "--sort nhận tên các cột: date,-spend_micros."
        ),
        ("--format takes csv, jsonl or xlsx.", "--format nhận csv, jsonl hoặc xlsx."),
        ("--bom is for CSV.", "--bom chỉ dùng cho CSV."),
        (
            "A workbook is nothing for a terminal: name a file with --output.",
            "Tệp Excel không hiện được trên màn hình lệnh: hãy chọn một tệp bằng --output."
        ),
        (
            "The database has no account {1}. Known: {2}.", "Cơ sở dữ liệu không có tài khoản {1}. Đã biết: {2}."
        ),
    ]

    private static let exportErrors: Entries = [
        (
            "There is no table {1} to export. The database has no rows yet.",
            "Không có bảng {1=} để xuất. Cơ sở dữ liệu chưa có dòng nào."
        ),
        (
            "There is no table {1} to export. Known: {2}.", "Không có bảng {1=} để xuất. Đã biết: {2=}."
        ),
        (
            "The database has no {1} yet: nothing of it was synced. The database has no rows yet.",
            "Cơ sở dữ liệu chưa có {1=}: chưa đồng bộ gì của bảng này. Cơ sở dữ liệu chưa có dòng nào."
        ),
        (
            "The database has no {1} yet: nothing of it was synced. Known: {2}.",
            "Cơ sở dữ liệu chưa có {1=}: chưa đồng bộ gì của bảng này. Đã biết: {2=}."
        ),
        ("{1} has no column {2}. Known: {3}.", "{1=} không có cột {2=}. Đã biết: {3=}."),
        ("The column {1} is named twice.", "Cột {1=} được ghi hai lần."),
        (
            "The rows of {1} are not of days: leave out --from and --to.",
            "Các dòng của {1=} không theo ngày: hãy bỏ --from và --to."
        ),
        ("The first day comes after the last.", "Ngày đầu nằm sau ngày cuối."),
        ("{1} has rows of {2} only.", "{1=} chỉ có dòng của {2=}."),
        ("{1} cannot be compared with \"{2}\": it holds {3}.", "Không so được {1=} với \"{2=}\": cột này chứa {3}."),
        ("whole numbers", "số nguyên"),
        ("true or false", "true hoặc false"),
        ("days like 2026-11-21", "ngày, như 2026-11-21"),
        ("moments; name a day like 2026-11-21", "thời điểm; hãy ghi một ngày, như 2026-11-21"),
        (
            "nothing that can be equal; search texts with ~",
            "giá trị không so bằng được; hãy tìm chữ bằng ~"
        ),
        (
            "{1} holds no text to search; compare it with =.", "{1=} không có chữ để tìm; hãy so bằng =."
        ),
        (
            "A workbook needs a temporary file, and {1} takes none: {2}. Name another folder with TMPDIR.",
            "Tệp Excel cần một tệp tạm, mà {1} không nhận: {2}. Hãy chọn thư mục khác bằng TMPDIR."
        ),
        ("The workbook could not be written: {1}.", "Không ghi được tệp Excel: {1}."),
    ]
}
