/// What the server says before it is ready, and what the record holds of ways in.
extension Words {
    static let server: Entries = [
        ("Sluice is not ready yet.", "Sluice chưa sẵn sàng."),
        (
            "It waits for its database. This page tries again by itself.",
            "Đang chờ cơ sở dữ liệu. Trang này tự thử lại."
        ),
        ("The database cannot be used as it is.", "Không dùng được cơ sở dữ liệu ở trạng thái hiện tại."),
        (
            "Nothing is lost. The log of the server tells more.",
            "Không mất gì. Nhật ký của máy chủ cho biết thêm."
        ),
        ("Failed to sign in", "Đăng nhập không thành công"),
        ("Signed out", "Đăng xuất"),
        ("Set Sluice up", "Thiết lập Sluice"),
        ("Joined by an invitation", "Tham gia bằng lời mời"),
        ("Chose a new password by a link", "Đặt mật khẩu mới bằng liên kết"),
    ]
}
