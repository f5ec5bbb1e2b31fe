extension Words {
    /// Of connecting on the page, and of signing in at platforms.
    static let connections: Entries = [
        (
            "The address {1} leads into a network of its own, not into the internet.",
            "Địa chỉ {1=} dẫn vào mạng nội bộ, không ra internet."
        ),
        (
            "Give the public address, or have the operator of Sluice allow this one.",
            "Hãy nhập địa chỉ công khai, hoặc nhờ người vận hành Sluice cho phép địa chỉ này."
        ),
        (
            "Another workspace of this server has {1} of {2} already. Rows of an account are kept once, so that two "
                + "workspaces would read and change the same ones. Ask to be invited into that workspace, or use a "
                + "database of your own.",
            "Một không gian làm việc khác trên máy chủ này đã có {1=} của {2=}. Dòng của một tài khoản chỉ được lưu "
                + "một lần, nên hai không gian làm việc sẽ đọc và thay đổi cùng dữ liệu. Hãy xin lời mời vào không "
                + "gian làm việc đó, hoặc dùng cơ sở dữ liệu riêng."
        ),
        ("The connection was removed.", "Kết nối đã bị gỡ."),
        ("Connect again to go on.", "Kết nối lại để tiếp tục."),
        (
            "{1} has nothing that could go on to another platform.", "{1=} không có gì để chuyển sang nền tảng khác."
        ),
        ("{1} does not receive anything.", "{1=} không nhận dữ liệu."),
        (
            "The id of your app at Meta; with it people can sign in instead of pasting a token.",
            "Mã ứng dụng của bạn ở Meta; nhờ đó người dùng đăng nhập thay vì dán mã truy cập."
        ),
        ("The secret of the same app.", "Khoá bí mật của chính ứng dụng đó."),
        ("Meta was not allowed to give Sluice access.", "Meta chưa được phép cấp quyền cho Sluice."),
        ("Sign in again and agree, or paste a token.", "Đăng nhập lại và đồng ý, hoặc dán mã truy cập."),
        ("Meta sent no code back.", "Meta không gửi lại mã."),
        (
            "Sign in again. The app's settings at Meta must name the address of Sluice.",
            "Đăng nhập lại. Cài đặt ứng dụng ở Meta phải có địa chỉ của Sluice."
        ),
        ("The code of this sign-in is used up.", "Mã của lần đăng nhập này đã dùng rồi."),
        ("Sign in again.", "Đăng nhập lại."),
        (
            "Meta does not take the address that it sent the browser back to.",
            "Meta không nhận địa chỉ mà trình duyệt quay về."
        ),
        (
            "Enter the address of Sluice in the app's settings at Meta.",
            "Nhập địa chỉ của Sluice trong cài đặt ứng dụng ở Meta."
        ),
        (
            "Meta does not know the app, or its secret is another.",
            "Meta không nhận ra ứng dụng, hoặc khoá bí mật không đúng."
        ),
        (
            "Correct SLUICE_META_APP_ID and SLUICE_META_APP_SECRET.",
            "Sửa SLUICE_META_APP_ID và SLUICE_META_APP_SECRET."
        ),
        ("This platform knows no consent.", "Nền tảng này không có bước cho phép ứng dụng."),
        ("Nothing of this credential can be renewed.", "Không gì của mã này gia hạn được."),
        (
            "This answer belongs to no sign-in that was begun here within the last hour.",
            "Câu trả lời này không thuộc lần đăng nhập nào bắt đầu ở đây trong một giờ qua."
        ),
        (
            "Begin again: Connect account. Nothing was stored.",
            "Hãy bắt đầu lại: Kết nối tài khoản. Chưa lưu gì cả."
        ),
        (
            "The accounts of this platform are opened in the browser: begin at the page.",
            "Tài khoản của nền tảng này được mở trong trình duyệt: hãy bắt đầu từ trang web."
        ),
        (
            "Pick an account that is reached and not connected yet.",
            "Hãy chọn tài khoản đọc được và chưa kết nối."
        ),
        ("This connection reaches no account {1}.", "Kết nối này không đọc được tài khoản {1=}."),
        ("The number of a connection.", "Số của một kết nối."),
        ("An account, or `none`.", "Một tài khoản, hoặc `none`."),
        (
            "People may give the address of any platform on the page, also one in your own network, and webhooks may "
                + "lead there. For tests.",
            "Người dùng được nhập địa chỉ của mọi nền tảng trên trang, kể cả trong mạng của bạn; webhook cũng được dẫn "
                + "vào đó. Để thử nghiệm."
        ),
        ("{1} is no address:", "{1=} không phải là địa chỉ:"),
        ("{1} is set, {2} is missing.", "Đã có {1=}, còn thiếu {2=}."),
        // Records of what people did.
        ("Connected a platform", "Kết nối nền tảng"), ("Opened an account to the app", "Mở tài khoản cho ứng dụng"),
        ("Tested a connection", "Kiểm tra kết nối"), ("Reconnected", "Kết nối lại"),
        ("Removed a connection", "Gỡ kết nối"), ("Started the first sync", "Bắt đầu lần đồng bộ đầu"),
        ("Passes an account on", "Chuyển tiếp tài khoản"), ("Ended passing on", "Ngừng chuyển tiếp"),
    ]
}
