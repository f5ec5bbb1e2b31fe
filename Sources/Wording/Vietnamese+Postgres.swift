/// Of database servers: where they are, why they cannot be used, and what to do.
extension Words {
    static let postgres: Entries = [
        (
            "The database has a table or view {1} that is not Sluice's; rename it, or give Sluice a database or a "
                + "schema of its own.",
            "Cơ sở dữ liệu có bảng hoặc view {1} không phải của Sluice; hãy đổi tên nó, hoặc cho Sluice một cơ sở dữ "
                + "liệu hay schema riêng."
        ),
        (
            "PostgreSQL refused a statement; the log of the server says why (SQLSTATE {1}).",
            "PostgreSQL từ chối một câu lệnh; nhật ký của máy chủ ghi lý do (SQLSTATE {1})."
        ),
        (
            "A row with the same key is there already; nothing was written (SQLSTATE {1}).",
            "Đã có dòng cùng khoá; không ghi gì (SQLSTATE {1})."
        ),
        (
            "The schema that search_path names does not exist; create it, or correct the address or the settings of "
                + "the user.",
            "Schema mà search_path ghi không tồn tại; hãy tạo schema đó, hoặc sửa địa chỉ hay cài đặt của người dùng."
        ),
        (
            "The database: an SQLite file, or postgres://user:password@host/database. SLUICE_DATABASE stands for it "
                + "when it is not given.",
            "Cơ sở dữ liệu: một tệp SQLite, hoặc postgres://user:password@host/database. Không ghi thì dùng "
                + "SLUICE_DATABASE."
        ),
        (
            "--database takes a file or postgres://user:password@host/database. This is neither: {1}.",
            "--database nhận một tệp hoặc postgres://user:password@host/database. Đây không phải cả hai: {1}."
        ),
        (
            "PostgreSQL: tables of days are made in partitions, one for each month. Tables that are there stay as "
                + "they are.",
            "PostgreSQL: bảng theo ngày được tạo thành các phân vùng, mỗi tháng một phân vùng. Bảng đã có giữ nguyên."
        ),
        (
            "--partitions is for a PostgreSQL database. An SQLite file has no partitions.",
            "--partitions chỉ dùng cho cơ sở dữ liệu PostgreSQL. Tệp SQLite không có phân vùng."
        ),
        (
            "SLUICE_SECRET_KEY is not set. A database server needs it, the same on every machine: "
                + "`openssl rand -base64 32` makes one.",
            "Chưa đặt SLUICE_SECRET_KEY. Máy chủ cơ sở dữ liệu cần khoá này, giống nhau trên mọi máy: tạo bằng "
                + "`openssl rand -base64 32`."
        ),
        (
            "The address of the database cannot be read; write postgres://user:password@host/database.",
            "Không đọc được địa chỉ cơ sở dữ liệu; hãy ghi postgres://user:password@host/database."
        ),
        (
            "The address of the database cannot be read; write postgres://user:password@host:5432/database, with "
                + "special characters in the password as %XX.",
            "Không đọc được địa chỉ cơ sở dữ liệu; hãy ghi postgres://user:password@host:5432/database, ký tự đặc biệt "
                + "trong mật khẩu ghi dạng %XX."
        ),
        (
            "The address names no database, so there is nowhere to write; add its name after the host, as in "
                + "postgres://user@host/database.",
            "Địa chỉ không có tên cơ sở dữ liệu nên không biết ghi vào đâu; hãy thêm tên sau máy chủ, như "
                + "postgres://user@host/database."
        ),
        (
            "PostgreSQL refused the user or the password; check both in the address, and the server's pg_hba.conf.",
            "PostgreSQL từ chối người dùng hoặc mật khẩu; hãy kiểm tra cả hai trong địa chỉ, và pg_hba.conf của máy "
                + "chủ."
        ),
        (
            "PostgreSQL has no database of that name; create it or correct the address.",
            "PostgreSQL không có cơ sở dữ liệu tên đó; hãy tạo hoặc sửa địa chỉ."
        ),
        (
            "PostgreSQL has no database {1} at {2}; create it or correct the address.",
            "PostgreSQL ở {2} không có cơ sở dữ liệu {1}; hãy tạo hoặc sửa địa chỉ."
        ),
        (
            "The host {1} is unknown to the name service; correct it in the address of the database.",
            "Không tìm thấy máy chủ {1}; hãy sửa trong địa chỉ cơ sở dữ liệu."
        ),
        (
            "PostgreSQL does not answer at {1}; check host, port and network, and that the server runs.",
            "PostgreSQL không trả lời ở {1}; hãy kiểm tra máy chủ, cổng, mạng, và máy chủ có đang chạy không."
        ),
        (
            "The database's host name is unknown to the name service; correct it in the address.",
            "Không tìm thấy tên máy chủ cơ sở dữ liệu; hãy sửa trong địa chỉ."
        ),
        (
            "PostgreSQL does not answer at that address; check host, port and network, and that the server runs.",
            "PostgreSQL không trả lời ở địa chỉ đó; hãy kiểm tra máy chủ, cổng, mạng, và máy chủ có đang chạy không."
        ),
        (
            "An encrypted connection as sslmode asks was not possible; check sslmode and the server's certificate.",
            "Không mở được kết nối mã hoá như sslmode yêu cầu; hãy kiểm tra sslmode và chứng chỉ của máy chủ."
        ),
        (
            "This PostgreSQL is older than version 14, which Sluice needs; upgrade the server.",
            "PostgreSQL này cũ hơn bản 14 mà Sluice cần; hãy nâng cấp máy chủ."
        ),
        (
            "The server is PostgreSQL {1} and Sluice needs 14 or later; upgrade it or name another.",
            "Máy chủ là PostgreSQL {1}, Sluice cần từ bản 14; hãy nâng cấp hoặc chọn máy chủ khác."
        ),
        (
            "The database lacks something that Sluice needs; create it with ENCODING 'UTF8'.",
            "Cơ sở dữ liệu thiếu thứ Sluice cần; hãy tạo với ENCODING 'UTF8'."
        ),
        (
            "The database stores text as {1}, which cannot hold every name; create one with ENCODING 'UTF8'.",
            "Cơ sở dữ liệu lưu chữ dạng {1}, không chứa được mọi tên; hãy tạo với ENCODING 'UTF8'."
        ),
        (
            "The database user lacks a privilege; let the owner of the database grant it, or use the owner's account.",
            "Người dùng cơ sở dữ liệu thiếu quyền; hãy nhờ chủ cơ sở dữ liệu cấp, hoặc dùng tài khoản của chủ."
        ),
        (
            "The database can only be read, as on a standby; name the primary, or all hosts separated by commas.",
            "Cơ sở dữ liệu chỉ đọc được, như máy dự phòng; hãy ghi máy chính, hoặc mọi máy cách nhau bằng dấu phẩy."
        ),
        (
            "The database server's disk is full; make room there and Sluice goes on.",
            "Ổ đĩa của máy chủ cơ sở dữ liệu đã đầy; hãy dọn chỗ rồi Sluice chạy tiếp."
        ),
        (
            "PostgreSQL has no connection left; raise max_connections, or let fewer processes share the server.",
            "PostgreSQL hết kết nối; hãy tăng max_connections, hoặc cho ít tiến trình dùng chung hơn."
        ),
        (
            "PostgreSQL is starting or stopping; Sluice connects again when it is up.",
            "PostgreSQL đang khởi động hoặc dừng; Sluice sẽ kết nối lại khi máy chủ chạy."
        ),
        (
            "Another transaction touched the same rows; the work is tried again.",
            "Một giao dịch khác đụng cùng dòng; việc được thử lại."
        ),
        (
            "A row with the same key is there already; nothing was written.",
            "Đã có dòng cùng khoá; không ghi gì."
        ),
        (
            "The database took longer than allowed; the statement was cancelled and may be tried again.",
            "Cơ sở dữ liệu chạy quá lâu; lệnh đã bị huỷ và có thể thử lại."
        ),
        ("The statement was cancelled; nothing of it was kept.", "Lệnh đã bị huỷ; không giữ gì."),
        (
            "The connection broke while a change was being committed; whether it was is checked before it is repeated.",
            "Mất kết nối khi đang ghi; sẽ kiểm tra đã ghi hay chưa trước khi làm lại."
        ),
        (
            "The connection to PostgreSQL broke; what was under way is not committed and is tried again.",
            "Mất kết nối đến PostgreSQL; việc dở chưa được ghi và sẽ làm lại."
        ),
        (
            "The connections to the database are closed; this process is stopping.",
            "Kết nối cơ sở dữ liệu đã đóng; tiến trình này đang dừng."
        ),
        (
            "PostgreSQL refused a statement; the log of the server says why.",
            "PostgreSQL từ chối một lệnh; nhật ký của máy chủ cho biết lý do."
        ),
    ]
}
