// size: a table

extension Words {
    /// What the other modules and the help pages say, in Vietnamese. A test looks for sentences that are
    /// missing here. Of two patterns that fit the first one counts.
    static let vietnamese = Glossary(
        [
            single, help, usage, commands, places, store, platform, transport, worker, postgres, moving, meta,
            metaReports, metaNotes, schedules, shopee, shopeeChanges, consent, networks, pancake,
            budgets, web, settings, syncPages, certificates, exports, accountPages, connections, server, notices,
            workOrders,
        ].flatMap { $0 })

    typealias Entries = [(String, String)]

    /// Names that stand alone.
    private static let single: Entries = [
        ("businesses", "doanh nghiệp"), ("accounts", "tài khoản"), ("campaigns", "chiến dịch"),
        ("adsets", "nhóm QC"), ("ads", "quảng cáo"), ("pages", "trang"), ("posts", "bài viết"),
        ("insights", "số liệu"), ("reports", "báo cáo"), ("account", "tài khoản"), ("app", "ứng dụng"),
        ("management", "quản lý"),
        ("appinsights", "số liệu của ứng dụng"), ("job", "lượt chạy"), ("recent", "gần đây"),
        ("history", "lịch sử"), ("synced", "đồng bộ"), ("parked", "tạm giữ"), ("waits", "chờ"),
        ("lacks", "thiếu"), ("ad_accounts", "tài khoản quảng cáo"), ("ad_sets", "nhóm quảng cáo"),
        ("campaign_insights", "số liệu chiến dịch"), ("ad_set_insights", "số liệu nhóm quảng cáo"),
        ("ad_insights", "số liệu quảng cáo"),
        ("not complete yet", "chưa đủ"), ("pending", "đang xếp hàng"), ("in_progress", "đang chạy"),
        ("waiting", "đang chờ"), ("completed", "đã xong"), ("failed", "bị lỗi"), ("cancelled", "đã huỷ"),
        ("quota", "hạn mức"), ("credential", "mã truy cập"), ("paused", "tạm dừng"), ("report", "báo cáo"),
        ("initial", "lần đầu"), ("incremental", "phần mới"), ("manual", "theo yêu cầu"),
        ("scheduled", "theo lịch"), ("quick", "nhanh"), ("backfill", "bổ sung"), ("ok", "tốt"), ("bad", "lỗi"),
    ]

    private static let help: Entries = [
        (
            "Keeps the marketing data of your business complete and current in a database that you own.",
            "Giữ dữ liệu marketing của doanh nghiệp bạn đủ và mới trong cơ sở dữ liệu của chính bạn."
        ),
        (
            "Check a credential, list the accounts that it reaches, and store it encrypted.",
            "Kiểm tra mã truy cập, liệt kê các tài khoản đọc được, và lưu mã đã mã hoá."
        ),
        (
            "Sync simulated platforms over real HTTP, a Meta account of two years first, prove that every row "
                + "arrived, then show it all on the web page.",
            "Đồng bộ các nền tảng mô phỏng qua HTTP thật, trước hết một tài khoản Meta hai năm, chứng minh không thiếu "
                + "dòng nào, rồi hiện tất cả trên trang web."
        ),
        (
            "All data is simulated. Run it again: of Meta it reads only what may have changed.",
            "Mọi dữ liệu đều là mô phỏng. Chạy lại thì với Meta chỉ đọc phần có thể đã thay đổi."
        ),
        ("The file to fill.", "Tệp cơ sở dữ liệu sẽ được ghi."),
        (
            "The port of the first sandbox on this machine; the others take those behind it, or a free one.",
            "Cổng của sandbox đầu tiên trên máy này; các sandbox khác dùng các cổng kế tiếp, hoặc một cổng trống."
        ),
        ("Most calls in flight.", "Số lượt gọi cùng lúc nhiều nhất."),
        ("Exit after the sync.", "Thoát sau khi đồng bộ."),
        (
            "Check the machine, the database and every stored connection, and say what to do.",
            "Kiểm tra máy, cơ sở dữ liệu và mọi kết nối đã lưu, rồi cho biết cần làm gì."
        ),
        (
            "Every account: how complete, how current, what it waits for.",
            "Mọi tài khoản: đủ đến đâu, mới đến đâu, đang chờ gì."
        ),
        ("One JSON object a line.", "Mỗi dòng một đối tượng JSON."),
        ("The latest jobs, newest first.", "Các lượt chạy gần đây, mới nhất trước."),
        ("How many.", "Bao nhiêu lượt."),
        (
            "Make the failed and cancelled chunks of a job pending again.",
            "Xếp hàng lại các phần bị lỗi và bị huỷ của một lượt chạy."
        ),
        (
            "The next `sluice sync` of the account, or a running one, works on them.",
            "Lần `sluice sync` tới của tài khoản, hoặc lần đang chạy, sẽ xử lý các phần đó."
        ),
        ("The job's number, from `sluice jobs`.", "Số của lượt chạy, xem bằng `sluice jobs`."),
        ("Stop a job; what it has read stays.", "Dừng một lượt chạy; những gì đã đọc vẫn còn."),
        (
            "A worker that runs one of its chunks stops within five seconds.",
            "Tiến trình đang chạy một phần của nó dừng trong năm giây."
        ),
        (
            "Serve a simulated platform over real HTTP on this machine, to try things without credentials.",
            "Chạy một nền tảng mô phỏng qua HTTP thật trên máy này, để thử mà không cần mã truy cập."
        ),
        (
            "Prints the base URL, the credential and the account, and runs until it is interrupted.",
            "In địa chỉ, mã truy cập và tài khoản, rồi chạy đến khi bị dừng."
        ),
        ("The platform: {1}.", "Nền tảng: {1}."),
        ("The port; 0 takes a free one.", "Cổng; 0 là cổng trống bất kỳ."),
        ("The world: demo, small or bench.", "Thế giới mô phỏng: demo, small hoặc bench."),
        ("A number that decides everything that is random.", "Số quyết định mọi thứ ngẫu nhiên."),
        ("A JSON file with what is different in this world.", "Tệp JSON ghi những gì khác đi trong thế giới này."),
        ("Counts of the bench world: ads=1000,days=100.", "Các số của thế giới bench: ads=1000,days=100."),
        (
            "There is no database at {1} yet. `sluice sync` makes one.",
            "Chưa có cơ sở dữ liệu ở {1}. `sluice sync` sẽ tạo."
        ),
        ("The platform's limit of calls is reached.", "Đã hết hạn mức gọi của nền tảng."),
        (
            "Print the documentation of all data tables.",
            "In tài liệu của mọi bảng dữ liệu."
        ),
        (
            "The database: an SQLite file. SLUICE_DATABASE stands for it when it is not given.",
            "Cơ sở dữ liệu: một tệp SQLite. Nếu không ghi thì lấy từ SLUICE_DATABASE."
        ),
        (
            "Stands for scheme and host of the platform's own address; may carry a path prefix.",
            "Thay cho giao thức và máy chủ của địa chỉ gốc của nền tảng; có thể kèm phần đầu đường dẫn."
        ),
        ("Custom reports: a JSON file.", "Báo cáo tự chọn: một tệp JSON."),
        (
            "Bring an account up to date and watch it; the same command again goes on where it stopped.",
            "Cập nhật một tài khoản và theo dõi; chạy lại cùng lệnh thì tiếp tục từ chỗ đã dừng."
        ),
        (
            "Without dates the last 90 days come first and everything older after them; later runs read what is "
                + "new and what may still change.",
            "Không ghi ngày thì 90 ngày gần nhất về trước, phần cũ hơn về sau; các lần sau đọc phần mới và phần còn "
                + "có thể thay đổi."
        ),
        (
            "The credential comes from the environment; where that holds none, from what `sluice connect` has "
                + "stored. Variables, those in brackets optional:",
            "Mã truy cập lấy từ biến môi trường; nếu ở đó không có thì dùng mã mà `sluice connect` đã lưu. Các biến, "
                + "phần trong ngoặc không bắt buộc:"
        ),
        (
            "Exit codes: 0 complete, 1 finished with failed chunks, 2 bad usage or configuration, "
                + "3 credentials rejected, 130 interrupted.",
            "Mã kết thúc: 0 đủ, 1 xong nhưng có phần bị lỗi, 2 lệnh hoặc cấu hình sai, 3 mã truy cập bị từ chối, "
                + "130 bị dừng."
        ),
        (
            "The account's id as `sluice connect` lists it: 1000001 or act_1000001 of Meta, me of Admitad and "
                + "Boostiny; all for every one that the credential reaches.",
            "Mã số tài khoản như `sluice connect` liệt kê: 1000001 hoặc act_1000001 của Meta, me của Admitad và "
                + "Boostiny; all là mọi tài khoản đọc được."
        ),
        (
            "The first day, 2026-01-31, in the account's time zone.",
            "Ngày đầu, dạng 2026-01-31, theo múi giờ của tài khoản."
        ),
        ("The last day, included.", "Ngày cuối, tính cả ngày đó."),
        ("Days by name: {1}.", "Khoảng ngày theo tên: {1}."),
        ("Only these streams, separated by commas.", "Chỉ các luồng này, cách nhau bằng dấu phẩy."),
        (
            "Most calls in flight; 0 leaves the work to other processes and only watches.",
            "Số lượt gọi cùng lúc nhiều nhất; 0 để tiến trình khác làm và chỉ theo dõi."
        ),
        (
            "A limit of the account that you know better: account=30/s:30 (family=points/period:burst; period s, m or "
                + "h). All workers keep to it until it is set again; account=default gives it back.",
            "Hạn mức của tài khoản mà bạn biết rõ hơn: account=30/s:30 (loại=điểm/kỳ:tối đa một lúc; kỳ là s, m hoặc "
                + "h). Mọi tiến trình theo hạn mức này cho đến khi đặt lại; account=default để trả về mặc định."
        ),
        ("Enqueue, print the job's id and return.", "Xếp hàng, in số của lượt chạy rồi thoát."),
        (
            "Print nothing but one JSON object as the last line of standard output.",
            "Không in gì ngoài một đối tượng JSON ở dòng cuối."
        ),
    ]

    /// Of the argument parser.
    private static let usage: Entries = [
        ("  See '{1}' for more information.", "  Xem thêm: '{1}'."),
        ("  See '{1}' for detailed help.", "  Xem chi tiết: '{1}'."),
        ("Unknown option '{1}'. Did you mean '{2}'?", "Không có tuỳ chọn '{1}'. Ý bạn là '{2}'?"),
        ("Unknown option '{1}'", "Không có tuỳ chọn '{1}'"),
        ("Missing value for '{1}'", "Thiếu giá trị của '{1}'"),
        (
            "The option '{1}' does not take any value, but '{2}' was specified.",
            "'{1}' không nhận giá trị, bạn ghi '{2}'."
        ),
        ("Unexpected argument '{1}'", "Thừa tham số '{1}'"),
        ("{1} unexpected arguments: '{2}'", "Thừa {1} tham số: '{2}'"),
        ("Missing expected argument '{1}'", "Thiếu '{1}'"),
        ("Missing one of: '{1}'", "Thiếu một trong: '{1}'"),
        (
            "The value '{1}' is invalid for '{2}'. Please provide one of the following:",
            "'{1}' không hợp lệ cho '{2}'. Chọn một trong các giá trị sau:"
        ),
        (
            "The value '{1}' is invalid for '{2}'. Please provide one of {3}.",
            "'{1}' không hợp lệ cho '{2}'. Chọn một trong: {3}."
        ),
        ("The value '{1}' is invalid for '{2}'", "'{1}' không hợp lệ cho '{2}'"),
        ("Value to be set with {1} had already been set with {2}", "{1} và {2} cùng đặt một giá trị"),
    ]

    private static let commands: Entries = [
        ("--workers takes 0 to 512.", "--workers nhận từ 0 đến 512."),
        ("--workers takes 1 to 512.", "--workers nhận từ 1 đến 512."),
        (
            "--setting takes a name and a value: time_zone=Asia/Riyadh.",
            "--setting nhận tên và giá trị: time_zone=Asia/Riyadh."
        ),
        (
            "A platform that the rows go on to, from now on: folkform; none ends that.",
            "Nền tảng nhận tiếp dữ liệu từ nay: folkform; none để thôi."
        ),
        ("With --into: keep no rows here.", "Cùng --into: không giữ dữ liệu ở đây."),
        ("--only-into belongs to --into.", "--only-into phải đi cùng --into."),
        ("Nothing can go on to {1}. Known: {2}, none.", "Không chuyển tiếp được sang {1}. Hiện có: {2}, none."),
        (
            "{1} begins with Bearer, which is no part of a credential.",
            "{1} bắt đầu bằng Bearer, vốn không thuộc mã truy cập."
        ),
        ("Give the credential alone.", "Chỉ ghi mã truy cập."),
        ("A setting of the platform: time_zone=Asia/Riyadh.", "Một thiết lập của nền tảng: time_zone=Asia/Riyadh."),
        ("--port takes 0 to 65535.", "--port nhận từ 0 đến 65535."),
        ("--limit takes 1 or more.", "--limit nhận từ 1 trở lên."),
        ("--size takes counts by name: ads=1000,days=100.", "--size nhận các số theo tên: ads=1000,days=100."),
        (
            "The first day is after the last. Did you mean --from {1} --to {2}?",
            "Ngày đầu sau ngày cuối. Ý bạn là --from {1} --to {2}?"
        ),
        ("Give either --range or --from and --to.", "Chỉ ghi --range, hoặc --from và --to."),
        ("--from and --to belong together.", "--from và --to phải đi cùng nhau."),
        (
            "--account is empty. Give the account's id: act_1000001.",
            "--account để trống. Ghi mã số tài khoản: act_1000001."
        ),
        (
            "--streams names no stream. Leave it out to sync all.",
            "--streams không nêu luồng nào. Bỏ tuỳ chọn này để đồng bộ tất cả."
        ),
        (
            "{1} is not a limit. Write it as account=30/s:30.",
            "{1} không phải là hạn mức. Ghi theo dạng account=30/s:30."
        ),
        ("The burst of {1} must be 1 or more.", "Số điểm tối đa một lúc của {1} phải từ 1 trở lên."),
        ("There is no quota {1}. Known: {2}.", "Không có hạn mức {1}. Hiện có: {2}."),
        (
            "{1} is in the future. --to takes today at the latest.",
            "{1} là ngày trong tương lai. --to muộn nhất là hôm nay."
        ),
        (
            "{1} is in the future: in {2} today is {3}.",
            "{1} là ngày trong tương lai: tại {2} hôm nay là {3}."
        ),
        (
            "This token works. It is kept encrypted in {1} and never shown again.",
            "Mã này dùng được. Mã được mã hoá trong {1} và không bao giờ hiện lại."
        ),
        (
            "{1} holds a space or a sign that no credential has. Copy it again, whole.",
            "{1} chứa dấu cách hoặc ký tự không thể có trong mã truy cập. Hãy sao chép lại trọn vẹn."
        ),
        ("It expires on {1}.", "Mã hết hạn lúc {1}."),
        ("The credential does not reach this account.", "Mã truy cập không đọc được tài khoản này."),
        (
            "It reaches no account. Ask the owner of one to give it access.",
            "Mã này không đọc được tài khoản nào. Hãy nhờ chủ của một tài khoản cấp quyền cho mã."
        ),
        ("Next: {1}", "Tiếp theo: {1}"),
        ("The sandbox did not start.", "Sandbox không khởi động được."),
        ("There is no sandbox of {1}. Known: {2}.", "Không có sandbox của {1}. Hiện có: {2}."),
        ("There is no world {1}. Known: {2}.", "Không có thế giới {1}. Hiện có: {2}."),
        ("{1} does not describe a world: {2}", "{1} không mô tả một thế giới: {2}"),
        ("There is no file {1}. Name another with {2}.", "Không có tệp {1}. Ghi tên tệp khác bằng {2}."),
        (
            "The file {1} cannot be read. Check its permissions, or name another with {2}.",
            "Không đọc được tệp {1}. Hãy kiểm tra quyền đọc, hoặc ghi tên tệp khác bằng {2}."
        ),
        (
            "The database {1} opens and its schema is known.",
            "Cơ sở dữ liệu {1} mở được và đúng cấu trúc."
        ),
        ("There is no database at {1} yet.", "Chưa có cơ sở dữ liệu tại {1}."),
        (
            "The key of the stored credential is missing. Put the key back (SLUICE_SECRET_KEY or the key file), "
                + "or connect again.",
            "Thiếu khoá của mã truy cập đã lưu. Hãy trả lại khoá (SLUICE_SECRET_KEY hoặc tệp khoá), hoặc kết nối lại."
        ),
        (
            "The clock says {1}, which is in the past. Set it: tokens and days depend on it.",
            "Đồng hồ chỉ {1}, là quá khứ. Hãy chỉnh lại: mã truy cập và ngày phụ thuộc vào nó."
        ),
        ("The clock says {1}.", "Đồng hồ chỉ {1}."),
        ("The limit of open files is not known.", "Không rõ giới hạn số tệp mở."),
        ("{1} files may be open.", "Được mở {1} tệp."),
        (
            "Only {1} files may be open. Raise it: ulimit -n 1024.",
            "Chỉ được mở {1} tệp. Hãy tăng lên: ulimit -n 1024."
        ),
        ("The folder {1} cannot be read.", "Không đọc được thư mục {1}."),
        ("{1} MB are free in {2}.", "Còn trống {1} MB trong {2}."),
        (
            "A year of a big account takes about 500 MB.",
            "Một năm của một tài khoản lớn cần khoảng 500 MB."
        ),
        (
            "No account is synced into {1} yet. Start with `sluice sync`.",
            "Chưa có tài khoản nào được đồng bộ vào {1}. Bắt đầu bằng `sluice sync`."
        ),
        ("No job ran in {1} yet.", "Chưa có lượt chạy nào trong {1}."),
        ("There is no job {1}.", "Không có lượt chạy {1}."),
        ("Job {1} has no failed chunk.", "Lượt chạy {1} không có phần nào bị lỗi."),
        (
            "Job {1} stays cancelled: a later job does the same.",
            "Lượt chạy {1} vẫn bị huỷ: một lượt chạy sau làm cùng việc đó."
        ),
        (
            "Job {1} goes on where it was cancelled. `sluice sync` works on it.",
            "Lượt chạy {1} tiếp tục từ chỗ bị huỷ. `sluice sync` sẽ xử lý."
        ),
        ("Job {1} is cancelled.", "Đã huỷ lượt chạy {1}."),
        ("Job {1} had ended before.", "Lượt chạy {1} đã kết thúc từ trước."),
        ("The output could not be written: {1}.", "Không ghi được kết quả: {1}."),
        ("Interrupted. The same command goes on from here.", "Đã dừng. Chạy lại cùng lệnh này để tiếp tục."),
    ]

    /// Where a database is to be, and its key.
    private static let places: Entries = [
        ("{1} is a folder. Name a file with --database.", "{1} là thư mục. Ghi tên một tệp bằng --database."),
        (
            "The folder {1} does not exist. Make it, or name another place with --database.",
            "Không có thư mục {1}. Hãy tạo thư mục đó, hoặc chọn chỗ khác bằng --database."
        ),
        (
            "The folder {1} cannot be written. Name another place with --database.",
            "Không ghi được vào thư mục {1}. Chọn chỗ khác bằng --database."
        ),
        ("--database is empty. Name a file.", "--database để trống. Ghi tên một tệp."),
        (
            "{1} is an address of a server. This version stores into an SQLite file.",
            "{1} là địa chỉ của một máy chủ. Phiên bản này lưu vào một tệp SQLite."
        ),
        (
            "SLUICE_SECRET_KEY must be 32 bytes in base64: `openssl rand -base64 32` makes one.",
            "SLUICE_SECRET_KEY phải là 32 byte dạng base64: `openssl rand -base64 32` tạo được khoá như vậy."
        ),
        (
            "The key file {1} cannot be read. Check its owner and its mode.",
            "Không đọc được tệp khoá {1}. Hãy kiểm tra chủ và quyền của tệp."
        ),
        (
            "{1} does not hold a key. Put the right file back, or connect anew after deleting it.",
            "{1} không chứa khoá. Hãy trả lại đúng tệp, hoặc xoá tệp rồi kết nối lại."
        ),
        ("The key file {1} cannot be written: {2}.", "Không ghi được tệp khoá {1}: {2}."),
    ]

    private static let store: Entries = [
        (
            "The database is in use by another sluice process ({1})",
            "Cơ sở dữ liệu đang được một tiến trình sluice khác dùng ({1})"
        ),
        (
            "The database is in use by another sluice process",
            "Cơ sở dữ liệu đang được một tiến trình sluice khác dùng"
        ),
        ("{1} is not a Sluice database", "{1} không phải là cơ sở dữ liệu của Sluice"),
        (
            "The database was written by a newer sluice (schema {1}, this program knows {2})",
            "Cơ sở dữ liệu do một bản sluice mới hơn ghi (cấu trúc {1}, bản này biết đến {2})"
        ),
        ("{1} cannot be written", "Không ghi được {1}"),
        ("The disk is full", "Ổ đĩa đã đầy"),
        ("The database does not answer: {1}", "Cơ sở dữ liệu không trả lời ({1})"),
        ("The database is damaged: {1}", "Cơ sở dữ liệu bị hỏng ({1})"),
        ("The table {1} holds something else: {2}", "Bảng {1} chứa dữ liệu khác: {2}"),
        ("its key is ({1}), not ({2})", "khoá của bảng là ({1}), không phải ({2})"),
        ("its column {1} is {2}, not {3}", "cột {1} của bảng là {2}, không phải {3}"),
        (
            "Nothing was changed. Give the report {1} another name.",
            "Không có gì thay đổi. Hãy đặt tên khác cho báo cáo {1}."
        ),
        (
            "Rename that table, or give Sluice a database or a schema of its own.",
            "Hãy đổi tên bảng đó, hoặc cho Sluice một cơ sở dữ liệu hay schema riêng."
        ),
        ("The database holds what cannot be: {1}", "Cơ sở dữ liệu chứa điều không thể có ({1})"),
        (
            "Watch it with `sluice status`, or hand it work with `sluice sync --detach`.",
            "Xem bằng `sluice status`, hoặc giao việc cho tiến trình đó bằng `sluice sync --detach`."
        ),
        (
            "Nothing was changed. Name another with --database.",
            "Không có gì thay đổi. Chọn cơ sở dữ liệu khác bằng --database."
        ),
        ("Nothing was changed. Use the newer program.", "Không có gì thay đổi. Hãy dùng bản sluice mới hơn."),
        (
            "Check the folder and its permissions, or name another file with --database.",
            "Hãy kiểm tra thư mục và quyền ghi, hoặc chọn tệp khác bằng --database."
        ),
        (
            "What was stored is safe. Free some space; the same command goes on from here.",
            "Những gì đã lưu vẫn an toàn. Hãy giải phóng chỗ trống rồi chạy lại cùng lệnh này để tiếp tục."
        ),
        (
            "What was stored is safe. Give the same command again.",
            "Những gì đã lưu vẫn an toàn. Chạy lại cùng lệnh này để tiếp tục."
        ),
        ("Restore a backup; the file was left as it is.", "Hãy khôi phục từ bản sao lưu; tệp được giữ nguyên."),
        (
            "This is a mistake in sluice. What was stored is safe.",
            "Đây là lỗi của sluice. Những gì đã lưu vẫn an toàn."
        ),
    ]

    /// What the engine says of platforms and credentials.
    private static let platform: Entries = [
        ("There is no platform {1}. Known: {2}.", "Không có nền tảng {1}. Hiện có: {2}."),
        ("There is no stream {1}. Known: {2}.", "Không có luồng {1}. Hiện có: {2}."),
        ("{1} needs {2}.", "{1} cần {2}."),
        ("The time zone {1} is unknown on this machine", "Máy này không biết múi giờ {1}"),
        (
            "The master key must be 32 bytes (SLUICE_SECRET_KEY, base64).",
            "Khoá chính phải là 32 byte (SLUICE_SECRET_KEY, base64)."
        ),
        ("The credential could not be sealed.", "Không mã hoá được mã truy cập."),
        (
            "The stored credential is damaged. Connect again to replace it.",
            "Mã truy cập đã lưu bị hỏng. Hãy kết nối lại để thay mã."
        ),
        (
            "The stored credential was sealed with another master key. "
                + "Start with the key that was in use (SLUICE_SECRET_KEY or the key file), or connect again.",
            "Mã truy cập đã lưu được mã hoá bằng khoá khác. Hãy dùng lại khoá cũ (SLUICE_SECRET_KEY hoặc tệp khoá), "
                + "hoặc kết nối lại."
        ),
        ("The platform's answer does not fit the question.", "Nền tảng trả lời không đúng câu hỏi."),
        ("The stream {1} is not configured any more.", "Luồng {1} không còn trong cấu hình."),
        (
            "The chunk is too big and cannot be cut any further.",
            "Phần này quá lớn và không chia nhỏ thêm được nữa."
        ),
    ]

    /// The network, and addresses that people wrote.
    private static let transport: Entries = [
        ("The platform refused the connection.", "Nền tảng từ chối kết nối."),
        ("Check the base URL.", "Hãy kiểm tra địa chỉ gốc."),
        ("The connection was cut before the answer was whole.", "Kết nối bị cắt trước khi nhận đủ câu trả lời."),
        ("The platform did not answer in time.", "Nền tảng không trả lời kịp."),
        ("The answer was larger than {1} bytes.", "Câu trả lời lớn hơn {1} byte."),
        ("The platform cannot be reached: {1}.", "Không kết nối được với nền tảng: {1}"),
        ("The platform cannot be reached: {1}", "Không kết nối được với nền tảng: {1}"),
        ("Check the network.", "Hãy kiểm tra mạng."),
        ("The call to {1} could not be made: {2}.", "Không gọi được {1}: {2}."),
        ("The host {1} is unknown: its name could not be looked up.", "Không tìm được địa chỉ của máy chủ {1}."),
        ("The host {1} is unknown: its name could not be looked up", "Không tìm được địa chỉ của máy chủ {1}."),
        ("No connection to {1} could be made.", "Không nối được đến {1}."),
        ("No connection to {1} could be made", "Không nối được đến {1}."),
        ("No connection to {1} came about in time.", "Không kết nối kịp đến {1}."),
        ("There is no route to {1}.", "Không có đường mạng đến {1}."),
        ("There is no route to {1}", "Không có đường mạng đến {1}."),
        (
            "The process has no file descriptor left for a connection to {1}.",
            "Tiến trình không còn mở thêm được kết nối đến {1}."
        ),
        (
            "The process has no file descriptor left for a connection to {1}",
            "Tiến trình không còn mở thêm được kết nối đến {1}."
        ),
        ("The certificate of {1} was refused.", "Chứng chỉ của {1} không được chấp nhận."),
        ("The certificate of {1} was refused", "Chứng chỉ của {1} không được chấp nhận."),
        ("No secure connection to {1} could be made.", "Không lập được kết nối an toàn đến {1}."),
        ("No secure connection to {1} could be made", "Không lập được kết nối an toàn đến {1}."),
        (
            "\"{1}\" is not a web address; write it like https://graph.facebook.com or http://127.0.0.1:8080.",
            "\"{1}\" không phải là địa chỉ web; hãy ghi như https://graph.facebook.com hoặc http://127.0.0.1:8080."
        ),
        ("\"{1}\" must begin with https:// or http://.", "\"{1}\" phải bắt đầu bằng https:// hoặc http://."),
        (
            "\"{1}\" names no host; write it like https://graph.facebook.com.",
            "\"{1}\" không có tên máy chủ; hãy ghi như https://graph.facebook.com."
        ),
        (
            "The base URL must not hold a user name or a password; give secrets through the environment.",
            "Địa chỉ gốc không được chứa tên người dùng hay mật khẩu; hãy ghi bí mật qua biến môi trường."
        ),
        (
            "The base URL must end with its host or path; remove everything from the \"?\" or \"#\" on.",
            "Địa chỉ gốc phải kết thúc bằng máy chủ hoặc đường dẫn; hãy bỏ phần từ \"?\" hoặc \"#\" trở đi."
        ),
    ]
}
