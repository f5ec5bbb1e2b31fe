/// What `promote`, `backup` and `restore` say.
extension Words {
    static let moving: Entries = movingHelp + movingSentences + transferErrors

    private static let movingHelp: Entries = [
        (
            "Move everything from an SQLite file to a PostgreSQL database.",
            "Chuyển mọi thứ từ một tệp SQLite sang một cơ sở dữ liệu PostgreSQL."
        ),
        (
            "Copies all data, jobs and sealed credentials into an empty database and compares every table. "
                + "Interrupted, "
                + "the same command goes on. The file stays as it was, with a note that its data is elsewhere now.",
            "Chép mọi dữ liệu, lượt chạy và mã truy cập đã mã hoá vào một cơ sở dữ liệu trống rồi đối chiếu từng bảng. "
                + "Nếu bị dừng, chạy lại cùng lệnh để tiếp tục. Tệp giữ nguyên, chỉ thêm ghi chú rằng dữ liệu đã "
                + "ở nơi khác."
        ),
        ("The SQLite file to move.", "Tệp SQLite cần chuyển."),
        (
            "Where to: postgres://user:password@host/database.", "Chuyển đến: postgres://user:password@host/database."
        ),
        ("Write everything into one file, while the work goes on.", "Ghi mọi thứ vào một tệp, trong khi vẫn làm việc."),
        (
            "The same form for SQLite and PostgreSQL: `sluice restore` puts it into either. The file is read "
                + "back before "
                + "it gets its name. The key of the credentials is not in it.",
            "SQLite và PostgreSQL có cùng một dạng: `sluice restore` đưa được vào cả hai. Tệp được đọc lại trước "
                + "khi có tên. "
                + "Khoá của mã truy cập không nằm trong đó."
        ),
        ("The file to write.", "Tệp cần ghi."),
        ("Replace the file when it is there.", "Ghi đè tệp nếu đã có."),
        (
            "Restore it into a throw-away file, too, and compare every table.",
            "Khôi phục thử vào một tệp tạm và đối chiếu từng bảng."
        ),
        ("Fill an empty database from a backup.", "Nạp một cơ sở dữ liệu trống từ bản sao lưu."),
        (
            "The whole backup is checked before the first row is written, and every table is compared with it in "
                + "the end. "
                + "Interrupted, it leaves the database as it was.",
            "Cả bản sao lưu được kiểm tra trước khi ghi dòng đầu tiên, và cuối cùng từng bảng được đối chiếu với "
                + "nó. Nếu bị "
                + "dừng, cơ sở dữ liệu vẫn như cũ."
        ),
        ("The backup.", "Bản sao lưu."),
    ]

    private static let movingSentences: Entries = [
        ("{1} takes a file, and \"{2}\" is none.", "{1} nhận một tệp, \"{2}\" không phải là tệp."),
        (
            "--to takes an address of a PostgreSQL database: postgres://user:password@host/database.",
            "--to nhận địa chỉ của một cơ sở dữ liệu PostgreSQL: postgres://user:password@host/database."
        ),
        (
            "The key of the stored credentials was not found: connect again on the servers.",
            "Không tìm thấy khoá của mã truy cập đã lưu: hãy kết nối lại trên các máy chủ."
        ),
        (
            "SLUICE_SECRET_KEY does not open the credentials of {1}; nothing was changed. "
                + "Leave it out, or set it to the key that was in use.",
            "SLUICE_SECRET_KEY không mở được mã truy cập của {1}; không có gì thay đổi. "
                + "Hãy bỏ biến này, hoặc đặt đúng khoá đã dùng."
        ),
        (
            "{1}.key does not open the stored credentials: connect again on the servers.",
            "{1}.key không mở được mã truy cập đã lưu: hãy kết nối lại trên các máy chủ."
        ),
        ("The servers need the same SLUICE_SECRET_KEY.", "Các máy chủ cần cùng SLUICE_SECRET_KEY này."),
        (
            "The servers need the key of this file: set SLUICE_SECRET_KEY to the content of {1}.key.",
            "Các máy chủ cần khoá của tệp này: hãy đặt SLUICE_SECRET_KEY bằng nội dung của {1}.key."
        ),
        (
            "Not copied, for they are not Sluice's: {1}.", "Không chép vì không phải của Sluice: {1}."
        ),
        ("Moving {1} to {2}.", "Đang chuyển {1} sang {2}."),
        ("Going on with the promotion of {1} where it stopped.", "Tiếp tục chuyển {1} từ chỗ đã dừng."),
        (
            "The file has changed since it was copied, so the copy begins anew.",
            "Tệp đã thay đổi sau khi chép, nên việc chép bắt đầu lại."
        ),
        ("{1} is promoted to {2} already; nothing was changed.", "{1} đã được chuyển sang {2}; không có gì thay đổi."),
        (
            "These tables differ: {1}. The database stays closed; empty it and run the command again.",
            "Các bảng này khác nhau: {1}. Cơ sở dữ liệu chưa mở; hãy làm trống nó rồi chạy lại lệnh."
        ),
        ("Done. Work with it: sluice sync … --database {1}", "Xong. Dùng tiếp: sluice sync … --database {1}"),
        (
            "The backup is in {1}. The key of the credentials is not in it: keep that in another place.",
            "Bản sao lưu ở {1}. Khoá của mã truy cập không nằm trong đó: hãy giữ khoá ở nơi khác."
        ),
        (
            "The credentials open with the key that was in use when the backup was made.",
            "Mã truy cập mở được bằng khoá đã dùng khi tạo bản sao lưu."
        ),
    ]

    private static let transferErrors: Entries = [
        (
            "{1} is no backup made by sluice; nothing was changed.",
            "{1} không phải là bản sao lưu của sluice; không có gì thay đổi."
        ),
        (
            "The backup {1} is damaged or cut short; nothing was changed. Use another one.",
            "Bản sao lưu {1} bị hỏng hoặc bị cắt; không có gì thay đổi. Hãy dùng bản khác."
        ),
        (
            "The backup {1} was made by a newer sluice; nothing was changed. Use the newer program.",
            "Bản sao lưu {1} do một bản sluice mới hơn tạo; không có gì thay đổi. Hãy dùng bản mới hơn."
        ),
        ("The backup {1} cannot be read: {2}.", "Không đọc được bản sao lưu {1}: {2}."),
        ("{1} cannot be written: {2}.", "Không ghi được {1}: {2}."),
        (
            "{1} exists already; nothing was changed. Name another file or add --overwrite.",
            "{1} đã có; không có gì thay đổi. Ghi tên tệp khác hoặc thêm --overwrite."
        ),
        (
            "Another backup into {1} is under way; wait for it or name another file.",
            "Đang có một lần sao lưu khác vào {1}; hãy đợi hoặc ghi tên tệp khác."
        ),
        (
            "The database {1} holds data of Sluice already ({2}); nothing was changed. Name an empty one.",
            "Cơ sở dữ liệu {1} đã có dữ liệu của Sluice ({2}); không có gì thay đổi. Hãy chọn một cơ sở dữ liệu trống."
        ),
        (
            "The database {1} has a table {2} that is not Sluice's; nothing was changed. Name an empty one, or a "
                + "schema of its own (?options=-csearch_path%3Dsluice).",
            "Cơ sở dữ liệu {1} có bảng {2} không phải của Sluice; không có gì thay đổi. Hãy chọn một cơ sở dữ "
                + "liệu trống, hoặc một schema riêng (?options=-csearch_path%3Dsluice)."
        ),
        (
            "The database {1} holds an unfinished promotion of {2}; finish that one, or name an empty one.",
            "Cơ sở dữ liệu {1} đang giữ lần chuyển chưa xong của {2}; hãy làm xong lần đó, hoặc chọn một cơ sở "
                + "dữ liệu trống."
        ),
        (
            "Other sluice processes are connected to {1} ({2}); stop them and start again.",
            "Có tiến trình sluice khác đang kết nối với {1} ({2}); hãy dừng chúng rồi chạy lại."
        ),
        (
            "Another `sluice promote` went on with this promotion; let that one finish.",
            "Một `sluice promote` khác đã tiếp tục lần chuyển này; hãy để lệnh đó làm xong."
        ),
        (
            "The column {1} of {2} holds {3}, which the other database cannot hold. Correct that row.",
            "Cột {1} của {2} chứa {3}, cơ sở dữ liệu kia không chứa được. Hãy sửa dòng đó."
        ),
        ("a number that is too large", "một số quá lớn"), ("infinity", "vô cực"), ("the year {1}", "năm {1}"),
        (
            "PostgreSQL does not take a row of {1}: {2}. Correct that row.",
            "PostgreSQL không nhận một dòng của {1}: {2}. Hãy sửa dòng đó."
        ),
        (
            "The column {1} of {2} has the type {3}, which Sluice does not know. Nothing was changed.",
            "Cột {1} của {2} có kiểu {3} mà Sluice không biết. Không có gì thay đổi."
        ),
        (
            "The table {1} comes with a column {2} that this version does not know; nothing was changed. "
                + "Use the newer program.",
            "Bảng {1} có cột {2} mà bản này không biết; không có gì thay đổi. Hãy dùng bản mới hơn."
        ),
        (
            "What was written is not what was read: {1}. Nothing of it was kept.",
            "Dữ liệu đã ghi khác dữ liệu đã đọc: {1}. Không giữ lại gì."
        ),
        (
            "{1} was promoted to {2}: work with that database. This file stays as it was.",
            "{1} đã được chuyển sang {2}: hãy dùng cơ sở dữ liệu đó. Tệp này giữ nguyên."
        ),
        (
            "The database holds an unfinished promotion of {1}; run that `sluice promote` again to finish it, or drop "
                + "the database.",
            "Cơ sở dữ liệu đang giữ lần chuyển chưa xong của {1}; hãy chạy lại lệnh `sluice promote` đó cho xong, hoặc "
                + "xoá cơ sở dữ liệu."
        ),
    ]
}
