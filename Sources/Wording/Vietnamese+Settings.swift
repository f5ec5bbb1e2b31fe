/// What the pages of runs and settings say: what was done, and what is wrong about what was sent.
extension Words {
    static let settings: Entries = settingRecords + settingMessages

    private static let settingRecords: Entries = [
        ("Paused by {1}", "{1=} đã tạm dừng"), ("Resumed by {1}", "{1=} đã cho chạy tiếp"),
        ("Retried a run", "Chạy lại một lượt"), ("Stopped a run", "Dừng một lượt chạy"),
        ("Paused a run", "Tạm dừng một lượt chạy"), ("Resumed a run", "Cho một lượt chạy tiếp"),
        ("Changed a limit", "Đổi một hạn mức"), ("Started a backup", "Bắt đầu sao lưu"),
        ("Invited a person", "Mời một người"), ("Withdrew an invitation", "Rút một lời mời"),
        ("Changed a role", "Đổi vai trò"), ("Removed a person", "Gỡ một người"),
        ("Signed a person out", "Đăng xuất một người"),
        ("Made a link for a new password", "Tạo liên kết đặt mật khẩu mới"),
        ("Made an API token", "Tạo một mã API"), ("Revoked an API token", "Thu hồi một mã API"),
        ("Changed the own name", "Đổi tên của mình"), ("Changed the own password", "Đổi mật khẩu của mình"),
        ("Ended a session", "Kết thúc một phiên"), ("Ended the other sessions", "Kết thúc các phiên khác"),
        ("Made a workspace", "Tạo một không gian làm việc"),
        ("Renamed the workspace", "Đổi tên không gian làm việc"),
    ]

    private static let settingMessages: Entries = [
        ("This run has ended.", "Lượt chạy này đã kết thúc."),
        ("Start a new one, or retry what failed.", "Hãy chạy lượt mới, hoặc chạy lại phần bị lỗi."),
        ("No chunk of this run has failed.", "Lượt chạy này không có phần nào bị lỗi."),
        ("No chunk of this run failed for this cause.", "Lượt chạy này không có phần nào lỗi vì nguyên nhân đó."),
        ("Maybe they are tried again already. Nothing was changed.", "Có thể chúng đang chạy lại rồi. Chưa đổi gì."),
        ("There is nothing to retry.", "Không có gì để chạy lại."),
        ("A later run does the same work already.", "Một lượt chạy sau đang làm cùng việc này."),
        ("Look at that one.", "Hãy xem lượt đó."),
        ("It failed.", "Đã lỗi."),
        (
            "A day, like 2026-11-21, or a moment, like 2026-11-21T08:00.",
            "Một ngày, như 2026-11-21, hoặc một thời điểm, như 2026-11-21T08:00."
        ),
        (
            "`pending`, `in_progress`, `waiting`, `completed`, `failed` or `cancelled`.",
            "`pending`, `in_progress`, `waiting`, `completed`, `failed` hoặc `cancelled`."
        ),
        (
            "`initial`, `incremental`, `manual`, `scheduled`, `quick` or `backfill`.",
            "`initial`, `incremental`, `manual`, `scheduled`, `quick` hoặc `backfill`."
        ),
        ("Points and seconds are numbers above 0.", "Số lượt và số giây là các số lớn hơn 0."),
        ("This server has no place for backups.", "Máy chủ này không có chỗ cho bản sao lưu."),
        (
            "Start it with --backups FOLDER, or run `sluice backup` on a machine that reaches the database.",
            "Hãy khởi động với --backups THƯ_MỤC, hoặc chạy `sluice backup` trên máy truy cập được cơ sở dữ liệu."
        ),
        ("The program for it could not be started.", "Không khởi động được chương trình sao lưu."),
        ("Work does not move.", "Công việc không tiến triển."),
        ("This person is in the workspace already.", "Người này đã ở trong không gian làm việc."),
        ("`viewer`, `operator` or `owner`.", "`viewer`, `operator` hoặc `owner`."),
        ("A workspace keeps at least one owner.", "Không gian làm việc phải còn ít nhất một chủ sở hữu."),
        ("Make somebody else an owner first.", "Hãy giao quyền chủ sở hữu cho người khác trước."),
        (
            "This person also belongs to a workspace that is not yours.",
            "Người này còn thuộc một không gian làm việc không phải của bạn."
        ),
        (
            "They change their password under Settings, You.",
            "Họ tự đổi mật khẩu ở Cài đặt, mục Bạn."
        ),
        ("A name is needed: which program uses it?", "Cần một tên: chương trình nào dùng mã này?"),
        (
            "A token of this name exists. Say what this one is for.",
            "Đã có mã mang tên này. Hãy ghi mã này để làm gì."
        ),
        ("One or more of `read`, `run`, `admin`.", "Một hoặc nhiều trong `read`, `run`, `admin`."),
        ("A number of days, or `never`.", "Số ngày, hoặc `never`."),
        ("A token changes nothing of a person.", "Mã API không đổi được gì của một người."),
        ("Sign in with a browser.", "Hãy đăng nhập bằng trình duyệt."),
        ("This is not your present password.", "Đây không phải mật khẩu hiện tại của bạn."),
        ("Another workspace has this name.", "Một không gian làm việc khác đã có tên này."),
    ]
}
