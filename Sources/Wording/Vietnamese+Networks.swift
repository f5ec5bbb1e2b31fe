// size: a table

/// What the connectors of Admitad, Boostiny and FolkForm say, in Vietnamese.
extension Words {
    static let networks: Entries = [
        ("coupons", "mã giảm giá"), ("purchases", "đơn hàng"), ("deliveries", "chuyển tiếp"), ("key", "khoá"),
        ("client", "máy khách"),
        ("Write --account me.", "Hãy ghi --account me."),
        ("Connect again.", "Hãy kết nối lại."),
        (
            "The platform refused the credential, and it cannot be renewed.",
            "Nền tảng từ chối mã truy cập, và mã này không gia hạn được."
        ),
        (
            "{1} has no setting {2}. Known: since, time_zone.",
            "{1} không có thiết lập {2}. Hiện có: since, time_zone."
        ),
        ("The setting since of {1} is a day: 2024-01-31.", "Thiết lập since của {1} là một ngày: 2024-01-31."),
        (
            "The time zone {1} is unknown. Write it as Asia/Ho_Chi_Minh.",
            "Không có múi giờ {1}. Hãy ghi như Asia/Ho_Chi_Minh."
        ),
        ("Admitad does not accept the request.", "Admitad không chấp nhận yêu cầu."),
        ("Admitad does not know the address that was asked for.", "Admitad không biết địa chỉ được gọi."),
        (
            "A list of Admitad has changed again and again while it was read.",
            "Một danh sách của Admitad cứ thay đổi trong lúc được đọc."
        ),
        ("Admitad gives this application no more tokens.", "Admitad không cấp thêm mã cho ứng dụng này."),
        ("Admitad had a passing error.", "Admitad gặp lỗi tạm thời."),
        ("Admitad has one account for each credential.", "Admitad có một tài khoản cho mỗi mã truy cập."),
        ("Admitad refuses the token that it gave.", "Admitad từ chối mã do chính nó cấp."),
        (
            "Admitad rejects the client id or the client secret.",
            "Admitad từ chối client id hoặc client secret."
        ),
        ("Admitad's answer ended too early.", "Câu trả lời của Admitad kết thúc quá sớm."),
        ("Admitad's answer holds no token.", "Câu trả lời của Admitad không có mã."),
        ("Admitad's limit of 600 calls a minute is reached.", "Đã chạm giới hạn 600 lượt gọi mỗi phút của Admitad."),
        (
            "Connect again; if it stays, ask Admitad's support.",
            "Hãy kết nối lại; nếu vẫn vậy, hãy hỏi bộ phận hỗ trợ của Admitad."
        ),
        (
            "Copy both again from Admitad, Settings, API (SLUICE_ADMITAD_CLIENT_ID, SLUICE_ADMITAD_CLIENT_SECRET).",
            "Hãy chép lại cả hai từ Admitad, Settings, API (SLUICE_ADMITAD_CLIENT_ID, SLUICE_ADMITAD_CLIENT_SECRET)."
        ),
        (
            "Give it the scope {1} in Admitad under Settings, API, then connect again.",
            "Hãy cấp quyền {1=} cho ứng dụng trong Admitad, mục Settings, API, rồi kết nối lại."
        ),
        (
            "Give it these scopes in Admitad under Settings, API, then connect again.",
            "Hãy cấp các quyền này cho ứng dụng trong Admitad, mục Settings, API, rồi kết nối lại."
        ),
        (
            "Revoke tokens that nobody uses in Admitad under Settings, API, then connect again.",
            "Hãy huỷ các mã không ai dùng trong Admitad, mục Settings, API, rồi kết nối lại."
        ),
        (
            "The application lacks the scope {1}: its rows cannot be read.",
            "Ứng dụng thiếu quyền {1=}: không đọc được dữ liệu của quyền đó."
        ),
        (
            "The application may not have all that it was asked for: {1}.",
            "Ứng dụng không được cấp đủ các quyền cần có: {1=}."
        ),
        ("The application may not read the {1} of Admitad.", "Ứng dụng không được đọc {1} của Admitad."),
        (
            "The id of an application; make one in Admitad under Settings, API.",
            "Mã của một ứng dụng; tạo trong Admitad, mục Settings, API."
        ),
        ("The secret of that application.", "Mã bí mật của ứng dụng đó."),
        ("Boostiny answered with something that is not data.", "Boostiny trả về thứ không phải dữ liệu."),
        ("Boostiny does not accept the request.", "Boostiny không chấp nhận yêu cầu."),
        ("Boostiny does not know the address that was asked for.", "Boostiny không biết địa chỉ được gọi."),
        (
            "{1} gave {2} rows of {3} and says that there are more; what is stored was kept.",
            "{1} trả về {2} dòng của {3} và nói rằng còn nữa; những gì đã lưu được giữ lại."
        ),
        (
            "A list of Boostiny has changed again and again while it was read.",
            "Một danh sách của Boostiny cứ thay đổi trong lúc được đọc."
        ),
        ("Boostiny had a passing error.", "Boostiny gặp lỗi tạm thời."),
        (
            "Boostiny has locked the key for a while, for too many calls.",
            "Boostiny tạm khoá khoá này vì gọi quá nhiều."
        ),
        ("Boostiny has one account for each credential.", "Boostiny có một tài khoản cho mỗi khoá."),
        ("Boostiny rejects the key.", "Boostiny từ chối khoá."),
        (
            "Copy the key again from Boostiny, without Bearer before it (SLUICE_BOOSTINY_KEY).",
            "Hãy chép lại khoá từ Boostiny, không có Bearer ở trước (SLUICE_BOOSTINY_KEY)."
        ),
        (
            "The API key of the publisher, as Boostiny shows it, without a word before it.",
            "Khoá API của nhà phát hành, đúng như Boostiny hiển thị, không có chữ nào ở trước."
        ),
        ("What goes on to FolkForm.", "Những gì được chuyển tiếp sang FolkForm."),
        ("Check SLUICE_FOLKFORM_URL.", "Hãy kiểm tra SLUICE_FOLKFORM_URL."),
        (
            "Choose a role that may update conversations and messages (SLUICE_FOLKFORM_ROLE).",
            "Hãy chọn vai trò được cập nhật hội thoại và tin nhắn (SLUICE_FOLKFORM_ROLE)."
        ),
        (
            "Copy the role's id from /auth/roles again, 24 hexadecimal digits (SLUICE_FOLKFORM_ROLE).",
            "Hãy chép lại mã vai trò từ /auth/roles, gồm 24 chữ số hệ 16 (SLUICE_FOLKFORM_ROLE)."
        ),
        ("FolkForm answered with something that is not data.", "FolkForm trả về thứ không phải dữ liệu."),
        ("FolkForm does not accept the request.", "FolkForm không chấp nhận yêu cầu."),
        ("FolkForm does not accept the role.", "FolkForm không chấp nhận vai trò."),
        ("FolkForm does not know the address that was asked for.", "FolkForm không biết địa chỉ được gọi."),
        ("FolkForm does not take one {1}: {2}.", "FolkForm không nhận một mục ({1}): {2}."),
        ("FolkForm does not take one conversation{1}", "FolkForm không nhận một cuộc trò chuyện{1}"),
        ("FolkForm does not take one {1}{2}", "FolkForm không nhận một mục ({1}){2}"),
        ("FolkForm does not take one {1}.", "FolkForm không nhận một mục ({1})."),
        ("{1} refused 1 item. {2}", "{1} không nhận 1 mục. {2}"),
        ("{1} refused {2} items. {3}", "{1} không nhận {2} mục. {3}"),
        (
            "All else was sent. When that is mended, retry the job; a newer state goes by itself.",
            "Mọi thứ khác đã được gửi. Sửa xong thì chạy lại lượt này; trạng thái mới hơn sẽ tự được gửi."
        ),
        ("goes on", "chuyển tiếp"), ("refused", "bị từ chối"),
        ("The address of your {1}, with https:// before it.", "Địa chỉ {1} của bạn, có https:// ở trước."),
        (
            "{1} has nothing that could go on to {2}. Leave out --into. These have: {3}.",
            "{1} không có gì để chuyển tiếp sang {2}. Hãy bỏ --into. Có: {3}."
        ),
        ("FolkForm finds one {1} too large.", "FolkForm cho rằng một mục ({1}) quá lớn."),
        ("FolkForm had a passing error.", "FolkForm gặp lỗi tạm thời."),
        ("FolkForm has no setting {1}.", "FolkForm không có thiết lập {1}."),
        ("FolkForm rejects the token.", "FolkForm từ chối mã truy cập."),
        ("FolkForm's limit of calls a minute is reached.", "Đã chạm giới hạn lượt gọi mỗi phút của FolkForm."),
        (
            "Log in to FolkForm again and give the new token in SLUICE_FOLKFORM_TOKEN.",
            "Hãy đăng nhập lại FolkForm và ghi mã mới vào SLUICE_FOLKFORM_TOKEN."
        ),
        (
            "Look at it in Pancake; the others went on.",
            "Hãy xem mục đó trong Pancake; các mục khác vẫn được chuyển."
        ),
        (
            "Somebody else wrote the same to FolkForm at the same moment.",
            "Có nơi khác ghi cùng mục đó vào FolkForm cùng lúc."
        ),
        ("The JWT that FolkForm gives an agent at its login.", "Mã JWT mà FolkForm cấp khi đăng nhập."),
        (
            "The id of the role that owns the data, 24 hexadecimal digits; FolkForm lists it under /auth/roles.",
            "Mã của vai trò sở hữu dữ liệu, 24 chữ số hệ 16; FolkForm liệt kê tại /auth/roles."
        ),
        (
            "The role may not write to FolkForm, or the user does not have it.",
            "Vai trò này không được ghi vào FolkForm, hoặc người dùng không có vai trò đó."
        ),
    ]
}
