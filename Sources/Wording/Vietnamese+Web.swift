/// Of `sluice serve` and of the web page: help, what is refused, what is written down.
extension Words {
    static let web: Entries = serveHelp + webErrors + fieldErrors + records

    private static let serveHelp: Entries = [
        (
            "Serve the web page, keep the schedules, and work on whatever jobs there are.",
            "Mở trang web, chạy theo lịch và làm mọi lượt chạy hiện có."
        ),
        (
            "One process is all that it takes: page, scheduler and workers. `sluice worker` on other machines "
                + "helps with a PostgreSQL database.",
            "Chỉ cần một tiến trình: trang web, bộ lập lịch và worker. Với cơ sở dữ liệu PostgreSQL, `sluice worker` "
                + "trên các máy khác cùng làm việc."
        ),
        (
            "Beside another process that works the same SQLite file it serves the page alone, and goes on with the "
                + "work when that one ends.",
            "Khi một tiến trình khác đang làm việc trên cùng tệp SQLite, lệnh này chỉ phục vụ trang web, và làm tiếp "
                + "khi tiến trình kia dừng."
        ),
        (
            "Where the page answers: 127.0.0.1:8080; 0.0.0.0:8080 for all addresses of the machine, port 0 takes a "
                + "free one.",
            "Nơi trang web trả lời: 127.0.0.1:8080; 0.0.0.0:8080 cho mọi địa chỉ của máy, cổng 0 để lấy một cổng trống."
        ),
        (
            "Where the page answers: 127.0.0.1:8080, or a free port where that is taken.",
            "Nơi trang web trả lời: 127.0.0.1:8080, hoặc một cổng trống nếu cổng đó đã có chương trình khác dùng."
        ),
        (
            "The folder for backups that are asked for on the page; it is made where there is none. Beside an SQLite "
                + "file unless told; a server's database has no backups on the page without it.",
            "Thư mục cho các bản sao lưu tạo từ trang web; chưa có thì được tạo. Nếu không ghi thì ở cạnh tệp SQLite; "
                + "cơ sở dữ liệu trên máy chủ không có tuỳ chọn này thì không sao lưu được từ trang web."
        ),
        (
            "Backups cannot be written to {1}: {2}. Name another folder with {3}.",
            "Không ghi được bản sao lưu vào {1}: {2}. Hãy chọn thư mục khác bằng {3}."
        ),
        (
            "The address that people type, when a proxy with TLS stands before it: https://sluice.example.com.",
            "Địa chỉ mà người dùng gõ, khi có proxy TLS đứng trước: https://sluice.example.com."
        ),
        (
            "{1} takes a scheme and a host, and no path: https://sluice.example.com.",
            "{1} nhận giao thức và tên máy, không có đường dẫn: https://sluice.example.com."
        ),
    ]

    private static let webErrors: Entries = [
        ("There is nothing at this address.", "Địa chỉ này không có gì."),
        ("It may have been deleted.", "Có thể nó đã bị xoá."),
        ("Sign in first.", "Hãy đăng nhập trước."),
        ("Your role does not allow this.", "Quyền của bạn không cho phép việc này."),
        ("Ask an owner for another role.", "Hãy xin chủ sở hữu cấp quyền khác."),
        (
            "This call came from another site, so nothing was done.",
            "Yêu cầu đến từ một trang khác nên không làm gì cả."
        ),
        ("Open Sluice itself and try again.", "Hãy mở chính Sluice rồi thử lại."),
        ("Too many live streams are open.", "Có quá nhiều luồng trực tiếp đang mở."),
        ("Close one, or try again in a moment.", "Hãy đóng bớt, hoặc thử lại sau giây lát."),
        ("Too many calls at once.", "Quá nhiều yêu cầu cùng lúc."),
        ("Try again in a moment.", "Hãy thử lại sau giây lát."),
        ("Some fields need another value.", "Một số ô cần giá trị khác."),
        ("Nothing was changed.", "Chưa có gì thay đổi."),
        ("The database does not answer.", "Cơ sở dữ liệu không trả lời."),
        ("Nothing is lost. This page tries again by itself.", "Không mất gì cả. Trang này tự thử lại."),
        ("Nothing is lost.", "Không mất gì cả."),
        ("Something went wrong here.", "Có lỗi xảy ra ở phía Sluice."),
        (
            "Nothing is lost. Try again; the log of the server tells more.",
            "Không mất gì cả. Hãy thử lại; nhật ký của máy chủ cho biết thêm."
        ),
        ("This address does not take that method.", "Địa chỉ này không nhận phương thức đó."),
        ("What was sent is too large.", "Dữ liệu gửi lên quá lớn."),
        ("What was sent cannot be read.", "Không đọc được dữ liệu gửi lên."),
        ("Send a form or a JSON object.", "Hãy gửi một biểu mẫu hoặc một đối tượng JSON."),
        ("This API token does not work.", "Mã API này không dùng được."),
        (
            "It may have expired or been revoked. Make a new one under Settings, API tokens.",
            "Có thể mã đã hết hạn hoặc bị thu hồi. Hãy tạo mã mới trong Cài đặt, Mã API."
        ),
        ("E-mail and password do not fit together.", "E-mail và mật khẩu không khớp."),
        (
            "Each try in vain makes the next one wait a little longer.",
            "Mỗi lần thử sai làm lần sau phải chờ lâu hơn một chút."
        ),
        ("This link does not work any more.", "Đường dẫn này không còn dùng được."),
        (
            "It works once and for a limited time. Ask for a new one.",
            "Đường dẫn chỉ dùng được một lần và trong thời gian có hạn. Hãy xin đường dẫn mới."
        ),
        ("Sluice is set up already.", "Sluice đã được thiết lập."),
        ("Sign in instead.", "Hãy đăng nhập."),
        ("No Meta account is connected.", "Chưa kết nối tài khoản Meta nào."),
        ("Connect one first.", "Hãy kết nối trước."),
    ]

    private static let fieldErrors: Entries = [
        ("A number from {1} to {2}.", "Một số từ {1} đến {2}."),
        ("A day, like 2026-11-21.", "Một ngày, như 2026-11-21."),
        ("A text.", "Một đoạn chữ."),
        ("A number, or a text.", "Một số hoặc một đoạn chữ."),
        ("`true` or `false`.", "`true` hoặc `false`."),
        ("One of: {1}.", "Một trong: {1}."),
        ("One value, not a list.", "Một giá trị, không phải danh sách."),
        ("This holds a sign that no text has.", "Phần này chứa ký tự mà văn bản không có."),
        ("This holds something that is no value.", "Phần này chứa thứ không phải giá trị."),
        ("The code of the link is needed.", "Cần có mã của liên kết."),
        ("`en` or `vi`.", "`en` hoặc `vi`."),
        ("`light`, `dark` or `system`.", "`light`, `dark` hoặc `system`."),
        ("A name is needed.", "Cần có tên."), ("A name has at most {1} signs.", "Tên dài nhất {1=} ký tự."),
        ("An e-mail address, like linh@annhien.example.", "Một địa chỉ e-mail, như linh@annhien.example."),
        ("At least 10 characters.", "Ít nhất 10 ký tự."),
        ("At most 256 characters.", "Nhiều nhất 256 ký tự."),
        ("Not your own address.", "Không dùng chính địa chỉ của bạn."),
        ("This one is guessed first. Take another.", "Mật khẩu này bị đoán đầu tiên. Hãy chọn mật khẩu khác."),
        ("This is not the code that was printed.", "Đây không phải mã đã được in ra."),
        (
            "This address has an account already: its password, please.",
            "Địa chỉ này đã có tài khoản: hãy nhập mật khẩu của tài khoản đó."
        ),
        ("No connected Meta account has this number.", "Không có tài khoản Meta nào đã kết nối mang số này."),
        ("The first day is after the last.", "Ngày đầu sau ngày cuối."),
        ("At most 1,200 days at once.", "Nhiều nhất 1.200 ngày một lúc."),
        ("Which days?", "Những ngày nào?"),
        ("No platform knows days before 2004.", "Không nền tảng nào có ngày trước năm 2004."),
        ("A day that has begun.", "Một ngày đã bắt đầu."),
    ]

    /// Of the record of who did what.
    private static let records: Entries = [
        ("Signed in", "Đăng nhập"),
        ("Started a sync", "Bắt đầu đồng bộ"),
        ("Asked for days once more", "Yêu cầu đọc lại các ngày"),
        ("Stopped the sync", "Dừng đồng bộ"),
    ]
}
