/// Of schedules and syncs as the web page and its routes tell them: names of streams, messages beside fields, and what
/// is recorded.
extension Words {
    static let syncPages: Entries = streamNames + syncMessages + syncRecords

    private static let streamNames: Entries = [
        ("programs", "chương trình"), ("coupons", "mã giảm giá"), ("actions", "hành động"),
        ("action_history", "lịch sử hành động"), ("performance", "hiệu quả"), ("purchases", "đơn mua"),
        ("shops", "gian hàng"), ("campaign_daily", "số liệu chiến dịch theo ngày"),
        ("campaign_hourly", "số liệu chiến dịch theo giờ"), ("shop_daily", "số liệu gian hàng theo ngày"),
        ("shop_hourly", "số liệu gian hàng theo giờ"), ("daily", "số liệu theo ngày"),
        ("hourly", "số liệu theo giờ"), ("budgets", "ngân sách"), ("budget_changes", "thay đổi ngân sách"),
        ("conversations", "hội thoại"), ("conversation_details", "chi tiết hội thoại"), ("messages", "tin nhắn"),
        ("deliveries", "phần chuyển đi"),
    ]

    private static let syncMessages: Entries = [
        (
            "A schedule needs a name; logs and messages use it.",
            "Lịch chạy cần có tên; nhật ký và thông báo dùng tên này."
        ),
        (
            "A name has at most {1} signs and is no number.",
            "Tên dài nhất {1=} ký tự và không phải là một con số."
        ),
        ("Pick at least one account.", "Hãy chọn ít nhất một tài khoản."),
        ("Pick at least one stream.", "Hãy chọn ít nhất một luồng."),
        ("Pick at least one day of the week.", "Hãy chọn ít nhất một thứ trong tuần."),
        ("Name at least one time.", "Hãy nhập ít nhất một giờ."),
        ("One of every, at and cron.", "Một trong các kiểu every, at và cron."),
        ("{1} and {2} do not go together.", "{1=} và {2=} không đi cùng nhau."),
        ("One of skip, once and all.", "Một trong các cách skip, once và all."),
        (
            "A number from 1 to 1440, or nothing for no limit.",
            "Một số từ 1 đến 1440, hoặc để trống nếu không giới hạn."
        ),
        (
            "The first day is after the last. Did you mean {1} to {2}?",
            "Ngày đầu sau ngày cuối. Ý bạn là {1=} đến {2=}?"
        ),
        ("There is no account {1}.", "Không có tài khoản {1=}."),
        (
            "{1} is signed out. Connect it again first.",
            "{1=} đã mất đăng nhập. Hãy kết nối lại trước."
        ),
        ("No account is connected yet.", "Chưa có tài khoản nào được kết nối."),
        ("Nothing was started.", "Chưa có gì được bắt đầu."),
        (
            "Somebody else has changed this schedule meanwhile. Save once more to replace it by what stands here.",
            "Người khác vừa sửa lịch chạy này. Lưu lần nữa để thay bằng nội dung đang ở đây."
        ),
        (
            "Somebody else has changed this schedule meanwhile.",
            "Người khác vừa sửa lịch chạy này."
        ),
        (
            "Open it again to see what it is now.",
            "Hãy mở lại để xem lịch hiện giờ thế nào."
        ),
    ]

    private static let syncRecords: Entries = [
        ("Made a schedule", "Đã tạo lịch chạy"), ("Changed a schedule", "Đã sửa lịch chạy"),
        ("Turned a schedule on", "Đã bật lịch chạy"), ("Paused a schedule", "Đã tạm dừng lịch chạy"),
        ("Deleted a schedule", "Đã xoá lịch chạy"), ("Ran a schedule now", "Đã chạy ngay lịch chạy"),
        ("Started a quick sync", "Đã bắt đầu đồng bộ nhanh"), ("Started a sync", "Đã bắt đầu đồng bộ"),
        ("Stopped a quick sync", "Đã dừng đồng bộ nhanh"),
    ]
}
