/// What pages and the log of messages say of notices.
extension Words {
    static let notices: Entries = [
        ("Added a target for notices", "Thêm một nơi nhận thông báo"),
        ("Changed a target for notices", "Đổi một nơi nhận thông báo"),
        ("Deleted a target for notices", "Xoá một nơi nhận thông báo"),
        ("Turned a target for notices off", "Tắt một nơi nhận thông báo"),
        ("Turned a target for notices on", "Bật một nơi nhận thông báo"),
        ("Sent a test message", "Gửi một tin thử"), ("Sent a message once more", "Gửi lại một tin"),
        ("`mail`, `slack` or `webhook`.", "`mail`, `slack` hoặc `webhook`."),
        ("This message is on its way already.", "Tin này đang được gửi."),
        ("no answer", "không trả lời"), ("Interrupted.", "Bị ngắt giữa chừng."),
        ("Accepted by the mail server.", "Máy chủ thư đã nhận."),
        ("The mailbox was refused ({1}).", "Hộp thư bị từ chối ({1=})."),
        ("The name of the mail server is unknown.", "Không tìm thấy máy chủ thư."),
        ("The mail server was not reached.", "Không kết nối được máy chủ thư."),
        ("The mail server did not answer in time.", "Máy chủ thư không trả lời kịp."),
        ("The mail server refused user or password.", "Máy chủ thư từ chối tên hoặc mật khẩu."),
        ("Variables, those in brackets optional:", "Các biến, biến trong ngoặc là tuỳ chọn:"),
        ("the server that sends mail to people", "máy chủ gửi thư cho mọi người"),
        (
            "webhooks may lead into your own network, also without TLS",
            "webhook được dẫn vào mạng của bạn, kể cả không có TLS"
        ),
        ("people sign in at Meta on the page", "đăng nhập Meta ngay trên trang"),
        ("SLUICE_SMTP_TLS takes `on` or `off`.", "SLUICE_SMTP_TLS nhận `on` hoặc `off`."),
        ("The mail server offers no encryption.", "Máy chủ thư không hỗ trợ mã hoá."),
        ("The certificate of the mail server was refused.", "Chứng chỉ của máy chủ thư bị từ chối."),
        ("The mail server answered {1}.", "Máy chủ thư trả lời {1=}."),
        ("The mail server broke off.", "Máy chủ thư ngắt kết nối."),
        ("No mail server is set.", "Chưa đặt máy chủ thư."),
        ("The address cannot be read.", "Không đọc được địa chỉ."),
        ("{1}, a redirect is not followed", "{1=}, không đi theo chuyển hướng"),
        ("The connection was refused.", "Kết nối bị từ chối."), ("The connection broke.", "Kết nối bị đứt."),
        ("No answer in time.", "Không trả lời kịp."), ("The answer is too large.", "Câu trả lời quá lớn."),
        ("The address was not reached.", "Không kết nối được địa chỉ."),
        ("The address leads into a private network.", "Địa chỉ dẫn vào mạng riêng."),
        (
            "SLUICE_SMTP_URL takes smtp://HOST:PORT or smtps://HOST:PORT, without user or path.",
            "SLUICE_SMTP_URL nhận smtp://HOST:PORT hoặc smtps://HOST:PORT, không kèm tên hay đường dẫn."
        ),
        (
            "SLUICE_SMTP_FROM takes the mailbox that sends: sluice@example.com.",
            "SLUICE_SMTP_FROM nhận hộp thư gửi: sluice@example.com."
        ),
        (
            "SLUICE_SMTP_USER and SLUICE_SMTP_PASSWORD are set together or not at all.",
            "SLUICE_SMTP_USER và SLUICE_SMTP_PASSWORD phải đặt cùng nhau hoặc bỏ cả hai."
        ),
    ]
}
