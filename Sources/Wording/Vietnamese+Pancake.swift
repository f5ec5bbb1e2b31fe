// size: a table

/// What the connector of Pancake says, in Vietnamese.
extension Words {
    static let pancake: Entries = [
        ("conversations", "hội thoại"), ("conversation_details", "chi tiết hội thoại"),
        ("messages", "tin nhắn"), ("page", "trang"), ("user", "người dùng"),
        (
            "The access token of a user who is admin of the pages; copy it from Pancake under Account, "
                + "Personal Settings.",
            "Mã truy cập của một người dùng là quản trị viên của các trang; chép từ Pancake, mục Tài khoản, "
                + "Cài đặt cá nhân."
        ),
        (
            "Pancake has no setting {1}. Known: time_zone, phones.",
            "Pancake không có thiết lập {1}. Có: time_zone, phones."
        ),
        ("The setting phones is keep, hash or drop.", "Thiết lập phones là keep, hash hoặc drop."),
        ("This page is not active in Pancake.", "Trang này không hoạt động trong Pancake."),
        (
            "Pancake does not list this page for the user of this token.",
            "Pancake không liệt kê trang này cho người dùng của mã truy cập này."
        ),
        (
            "Ask an admin of the page in Pancake to add that user.",
            "Hãy nhờ quản trị viên của trang trong Pancake thêm người dùng đó."
        ),
        (
            "Pancake does not list this page for this user any more.",
            "Pancake không còn liệt kê trang này cho người dùng này."
        ),
        (
            "This credential reaches no account that can be synced.",
            "Mã truy cập này không đọc được tài khoản nào có thể đồng bộ."
        ),
        ("The account {1} is left out.", "Bỏ qua tài khoản {1}."),
        ("Pancake's answer holds no pages.", "Câu trả lời của Pancake không có trang nào."),
        ("Pancake's answer holds no conversations.", "Câu trả lời của Pancake không có cuộc trò chuyện nào."),
        ("Pancake's answer holds no messages.", "Câu trả lời của Pancake không có tin nhắn nào."),
        ("Pancake's answer holds no token.", "Câu trả lời của Pancake không có mã truy cập."),
        ("Pancake's answer ended too early.", "Câu trả lời của Pancake bị cắt giữa chừng."),
        ("Pancake had a passing error.", "Pancake gặp lỗi nhất thời."),
        (
            "Pancake refuses the call and does not say why.",
            "Pancake từ chối lượt gọi mà không nói lý do."
        ),
        ("Pancake does not know the address that was asked for.", "Pancake không biết địa chỉ đã hỏi."),
        (
            "Pancake's limit of 5 calls a second for a page is reached.",
            "Đã chạm giới hạn 5 lượt gọi mỗi giây cho một trang của Pancake."
        ),
        (
            "Pancake's limit of calls for this user is reached.",
            "Đã chạm giới hạn lượt gọi của Pancake cho người dùng này."
        ),
        ("The access token of Pancake has expired.", "Mã truy cập Pancake đã hết hạn."),
        (
            "Copy a new one from Pancake under Account, Personal Settings (SLUICE_PANCAKE_TOKEN).",
            "Hãy chép mã mới từ Pancake, mục Tài khoản, Cài đặt cá nhân (SLUICE_PANCAKE_TOKEN)."
        ),
        ("Pancake rejects the access token.", "Pancake không nhận mã truy cập."),
        (
            "Copy it again from Pancake under Account, Personal Settings (SLUICE_PANCAKE_TOKEN).",
            "Hãy chép lại mã từ Pancake, mục Tài khoản, Cài đặt cá nhân (SLUICE_PANCAKE_TOKEN)."
        ),
        (
            "The user of this token has no admin right on the page.",
            "Người dùng của mã truy cập này không có quyền quản trị trang."
        ),
        (
            "Ask an admin of the page in Pancake to give that right, then sync the page again.",
            "Hãy nhờ quản trị viên của trang trong Pancake cấp quyền đó, rồi đồng bộ lại trang."
        ),
        ("Pancake refuses the token of the page.", "Pancake từ chối mã truy cập của trang."),
        ("Sync the page again.", "Hãy đồng bộ lại trang."),
        (
            "Another program has made a new token for this page; it is left in peace for a while.",
            "Một chương trình khác vừa tạo mã mới cho trang này; tạm để yên trang một lúc."
        ),
        (
            "Another program makes new tokens for this page again and again, and each ends the one before.",
            "Một chương trình khác liên tục tạo mã mới cho trang này, mỗi mã mới làm mã trước mất hiệu lực."
        ),
        (
            "Let one program only make tokens for the page, then sync it again in an hour.",
            "Chỉ để một chương trình tạo mã cho trang, rồi đồng bộ lại sau một giờ."
        ),
        (
            "Pancake repeats its list of conversations: older ones could not be read.",
            "Pancake lặp lại danh sách cuộc trò chuyện: chưa đọc được các cuộc cũ hơn."
        ),
        (
            "Pancake gives the same messages again and again.",
            "Pancake trả lại mãi những tin nhắn giống nhau."
        ),
        (
            "Some conversations are not at Pancake any more.",
            "Một số cuộc trò chuyện không còn ở Pancake."
        ),
    ]
}
