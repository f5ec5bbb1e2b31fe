// size: a table

/// What the connector of Meta says, in Vietnamese.
extension Words {
    static let meta: Entries = [
        (
            "An access token of a system user or a user, with the permission ads_read; "
                + "make one in the business settings of Meta.",
            "Mã truy cập của người dùng hệ thống hoặc của một người, có quyền ads_read; "
                + "tạo mã trong phần cài đặt doanh nghiệp của Meta."
        ),
        (
            "The secret of the app that the token belongs to; with it every call is signed.",
            "Khoá bí mật của ứng dụng mà mã truy cập thuộc về; có nó thì mọi lượt gọi đều được ký."
        ),
        ("Meta needs {1}.", "Meta cần {1}."),
        (
            "Meta cannot combine the fields and breakdowns of this report.",
            "Meta không kết hợp được các trường và cách chia của báo cáo này."
        ),
        ("Change the report.", "Hãy sửa báo cáo."),
        ("Meta has no stream {1}.", "Meta không có luồng {1}."),
        ("Meta does not serve {1} of its API any more.", "Meta không còn phục vụ bản {1} của API."),
        ("Update sluice.", "Hãy cập nhật sluice."),
        (
            "Meta blocks this app or user for a while, against abuse.",
            "Meta tạm chặn ứng dụng hoặc người dùng này để chống lạm dụng."
        ),
        ("Meta cannot answer so much at once.", "Meta không trả lời được nhiều như vậy một lúc."),
        (
            "Meta does not offer days that are older than 37 months.",
            "Meta không cung cấp ngày cũ hơn 37 tháng."
        ),
        (
            "The object does not exist at Meta, or the token may not see it.",
            "Đối tượng này không có trên Meta, hoặc mã truy cập không được xem."
        ),
        ("Check the id and the roles of the token.", "Hãy kiểm tra mã số và vai trò của mã truy cập."),
        ("Meta does not know the address that was asked for.", "Meta không biết địa chỉ đã hỏi."),
        ("Wait; sluice goes on by itself.", "Hãy chờ; sluice tự chạy tiếp."),
        ("Meta does not accept the request.", "Meta không chấp nhận yêu cầu."),
        (
            "Look for a newer sluice; if there is none, report it.",
            "Hãy tìm bản sluice mới hơn; nếu không có, hãy báo lỗi này."
        ),
        ("Meta lost its place in a listing.", "Meta mất vị trí trong một danh sách."),
        (
            "Meta cannot show a page because of one damaged row.",
            "Meta không hiện được một trang vì một dòng bị hỏng."
        ),
        ("Meta's report cannot be read yet.", "Chưa đọc được báo cáo của Meta."),
        ("Meta did not finish the batch in time.", "Meta không xử lý kịp một loạt lượt gọi."),
        ("Meta's answer ended too early.", "Câu trả lời của Meta bị cắt giữa chừng."),
        (
            "Meta answered with something that is not data.",
            "Meta trả lời bằng thứ không phải dữ liệu."
        ),
        ("Meta had a passing error.", "Meta gặp lỗi nhất thời."),
        (
            "Meta's limit of calls for this ad account is reached.",
            "Đã hết hạn mức lượt gọi của Meta cho tài khoản quảng cáo này."
        ),
        ("Meta's limit of calls for the app is reached.", "Đã hết hạn mức lượt gọi của Meta cho ứng dụng."),
        (
            "Meta's hourly limit of insights for this ad account is reached.",
            "Đã hết hạn mức số liệu theo giờ của Meta cho tài khoản quảng cáo này."
        ),
        (
            "Meta's hourly limit of reads for this ad account is reached.",
            "Đã hết hạn mức đọc theo giờ của Meta cho tài khoản quảng cáo này."
        ),
        ("Meta's limit of calls for pages is reached.", "Đã hết hạn mức lượt gọi của Meta cho trang."),
        (
            "Meta's insights are overloaded for the app.",
            "Phần số liệu của Meta đang quá tải với ứng dụng này."
        ),
        ("Meta stops the app for calling too much.", "Meta chặn ứng dụng vì gọi quá nhiều."),
        (
            "Look at the app's rate limits in its dashboard.",
            "Hãy xem hạn mức của ứng dụng trong trang quản lý ứng dụng."
        ),
        (
            "The token lacks a permission that this needs.",
            "Mã truy cập thiếu một quyền cần cho việc này."
        ),
        (
            "Give the token {1}, and its user a role on the ad account.",
            "Hãy cấp quyền {1} cho mã, và cho người dùng của mã một vai trò trên tài khoản quảng cáo."
        ),
        (
            "The token may not read the {1} of this ad account.",
            "Mã truy cập không được đọc {1} của tài khoản quảng cáo này."
        ),
        (
            "Meta does not accept the signature of the app secret.",
            "Meta không chấp nhận chữ ký bằng khoá bí mật của ứng dụng."
        ),
        (
            "Set SLUICE_META_APP_SECRET to the secret of the app that made the token.",
            "Hãy đặt SLUICE_META_APP_SECRET là khoá bí mật của ứng dụng đã tạo mã truy cập."
        ),
        (
            "Make a new token and give it in SLUICE_META_TOKEN.",
            "Hãy tạo mã mới và đặt vào SLUICE_META_TOKEN."
        ),
        (
            "The app was removed from the account behind the token.",
            "Ứng dụng đã bị gỡ khỏi tài khoản của mã truy cập."
        ),
        ("Allow the app again. {1}", "Hãy cho phép lại ứng dụng. {1}"),
        (
            "Meta asks the person behind the token for a security check.",
            "Meta yêu cầu người dùng của mã truy cập qua một bước kiểm tra bảo mật."
        ),
        (
            "Log in at facebook.com, pass the check, and start again.",
            "Hãy đăng nhập facebook.com, qua bước kiểm tra, rồi chạy lại."
        ),
        ("The password behind the token was changed.", "Mật khẩu của tài khoản tạo mã truy cập đã đổi."),
        ("The token has expired.", "Mã truy cập đã hết hạn."),
        (
            "The person behind the token is not confirmed.",
            "Người dùng của mã truy cập chưa được xác nhận."
        ),
        (
            "Log in at facebook.com, confirm, and start again.",
            "Hãy đăng nhập facebook.com, xác nhận, rồi chạy lại."
        ),
        ("The token was revoked.", "Mã truy cập đã bị thu hồi."),
        (
            "The person behind the token lost the role that it was made with.",
            "Người dùng của mã truy cập không còn vai trò lúc tạo mã."
        ),
        ("The session of the token has ended.", "Phiên của mã truy cập đã kết thúc."),
        ("Meta rejects the token.", "Meta từ chối mã truy cập."),
        ("Meta refuses the token of the page {1}.", "Meta từ chối mã truy cập của trang {1}."),
        (
            "Give the token's user a role on the page, then retry the job.",
            "Hãy cho người dùng của mã truy cập một vai trò trên trang, rồi chạy lại lượt này."
        ),
        (
            "Meta did not say the currency and the time zone of the account.",
            "Meta không cho biết tiền tệ và múi giờ của tài khoản."
        ),
        ("Meta has disabled this account.", "Meta đã vô hiệu hoá tài khoản này."),
        ("This account has unsettled bills.", "Tài khoản này còn hoá đơn chưa thanh toán."),
        ("Meta reviews this account for risks.", "Meta đang xét rủi ro của tài khoản này."),
        (
            "This account has a payment to be settled.",
            "Tài khoản này có một khoản đang chờ thanh toán."
        ),
        (
            "This account is in its grace period for a payment.",
            "Tài khoản này đang trong thời gian gia hạn thanh toán."
        ),
        ("This account is about to be closed.", "Tài khoản này sắp đóng."),
        ("This account is closed.", "Tài khoản này đã đóng."),
        ("This account is not in a normal state ({1}).", "Tài khoản này ở trạng thái bất thường ({1})."),
        (
            "Meta does not list the permissions of this token ({1}).",
            "Meta không liệt kê quyền của mã truy cập này ({1})."
        ),
        (
            "The token lacks ads_read: campaigns, ad sets, ads and insights cannot be read.",
            "Mã thiếu quyền ads_read: không đọc được chiến dịch, nhóm quảng cáo, quảng cáo và số liệu."
        ),
        (
            "The token lacks business_management: businesses and some account fields stay empty.",
            "Mã thiếu quyền business_management: bảng doanh nghiệp và vài trường của tài khoản sẽ trống."
        ),
        (
            "The token lacks pages_show_list: pages and posts stay empty.",
            "Mã thiếu quyền pages_show_list: bảng trang và bài viết sẽ trống."
        ),
        (
            "The token lacks pages_read_engagement: posts stay empty.",
            "Mã thiếu quyền pages_read_engagement: bảng bài viết sẽ trống."
        ),
        (
            "Meta announced a next page without saying where it is.",
            "Meta báo có trang tiếp theo mà không cho biết ở đâu."
        ),
        ("Meta's next page leads back to itself.", "Trang tiếp theo của Meta dẫn về chính nó."),
        ("Meta cannot give even the keys of these rows.", "Meta không đưa được cả khoá của các dòng này."),
    ]

    static let metaReports: Entries = [
        ("Meta has no setting {1}. Known: app_id, reports.", "Meta không có thiết lập {1}. Hiện có: app_id, reports."),
        ("The app_id of Meta is a number.", "app_id của Meta phải là số."),
        (
            "The setting reports of Meta is not a JSON list of reports.",
            "Thiết lập reports của Meta không phải là danh sách báo cáo dạng JSON."
        ),
        (
            "The name {1} is taken already; give the report another one.",
            "Đã có luồng {1}; hãy đặt tên khác cho báo cáo."
        ),
        (
            "A custom report needs a name of 2 to 48 small letters, digits and underscores, not \"{1}\".",
            "Báo cáo tự chọn cần tên gồm 2 đến 48 chữ thường, chữ số và gạch dưới, không phải \"{1}\"."
        ),
        (
            "The report {1} needs a level: account, campaign, adset or ad.",
            "Báo cáo {1} cần một cấp (level): account, campaign, adset hoặc ad."
        ),
        (
            "The report {1} can only be by day: time_increment 1.",
            "Báo cáo {1} chỉ có thể theo ngày: time_increment 1."
        ),
        ("The report {1} has a member {2}. Known: {3}.", "Báo cáo {1} có mục {2}. Hiện có: {3}."),
        ("In the report {1}, {2} is not a list of names.", "Trong báo cáo {1}, {2} không phải là danh sách tên."),
        (
            "The report {1} asks for the breakdown {2}, which Meta removed; use {3}.",
            "Báo cáo {1} dùng cách chia {2} mà Meta đã bỏ; hãy dùng {3}."
        ),
        (
            "The report {1} asks for {2}, which is not a breakdown of Meta.",
            "Báo cáo {1} dùng {2}, không phải là cách chia của Meta."
        ),
        (
            "In the report {1}, impression_device needs the breakdown publisher_platform beside it.",
            "Trong báo cáo {1}, impression_device phải đi cùng cách chia publisher_platform."
        ),
        (
            "The report {1} asks for the window {2}, which Meta removed and answers with zeros.",
            "Báo cáo {1} dùng cửa sổ {2} mà Meta đã bỏ và chỉ trả về số 0."
        ),
        (
            "The report {1} asks for {2}, which is not an attribution window.",
            "Báo cáo {1} dùng {2}, không phải là cửa sổ phân bổ."
        ),
        ("The report {1} asks for no fields.", "Báo cáo {1} không yêu cầu trường nào."),
        ("The report {1} asks for the field {2}, {3}.", "Báo cáo {1} yêu cầu trường {2}, {3}."),
        ("which is a breakdown: name it under breakdowns", "là một cách chia: hãy ghi trong breakdowns"),
        ("which is not a field of Meta's insights", "không phải là trường số liệu của Meta"),
    ]

    /// What happened by the way.
    static let metaNotes: Entries = [
        (
            "Meta cannot compute {1}; these cells stay as they are.",
            "Meta không tính được {1}; các ô đó được giữ nguyên."
        ),
        (
            "Meta does not list the {1} of archived and deleted entities ({2}).",
            "Meta không liệt kê {1} của các mục đã lưu trữ và đã xoá ({2})."
        ),
        ("{1} has no days of {2} before {3}.", "{1} không có số liệu {2} trước ngày {3}."),
        (
            "{1} has no days before {2} any more: they are left out.",
            "{1} không còn số liệu trước ngày {2}: các ngày đó bị bỏ qua."
        ),
        ("Meta does not offer {1} of {2} any more.", "Meta không còn cung cấp {1} của {2}."),
        ("Meta cannot show the whole row {1} of {2}; {3}.", "Meta không hiện được trọn dòng {1} của {2}; {3}."),
        ("only its id is stored", "chỉ lưu mã số"),
        ("its name, state and dates are stored", "đã lưu tên, trạng thái và ngày"),
        (
            "Meta cannot show one post of the page {1}; only its id is stored.",
            "Meta không hiện được một bài viết của trang {1}; chỉ lưu mã số."
        ),
        ("No posts are read: the pages cannot be listed ({1}).", "Không đọc bài viết: không liệt kê được trang ({1})."),
        ("No {1} are read: {2} ({3}).", "Không đọc {1}: {2} ({3})."),
        ("Meta does not offer it to this token", "Meta không cung cấp cho mã truy cập này"),
        ("the token lacks {1}", "mã truy cập thiếu quyền {1}"),
        (
            "The posts of the page {1} cannot be read: the token lacks pages_read_engagement ({2}).",
            "Không đọc được bài viết của trang {1}: mã truy cập thiếu quyền pages_read_engagement ({2})."
        ),
        ("The posts of the page {1} cannot be read ({2}).", "Không đọc được bài viết của trang {1} ({2})."),
        ("{1} of the {2} do not exist at Meta any more.", "{1} dòng của {2} không còn trên Meta."),
        (
            "Meta answered with version {1} instead of {2}; update sluice.",
            "Meta trả lời bằng bản {1} thay vì {2}; hãy cập nhật sluice."
        ),
        (
            "{1} rows of {2} had no key and were left out.",
            "{1} dòng của {2} không có khoá và bị bỏ qua."
        ),
        (
            "Some values of {1} could not be read and are kept in extra: {2}.",
            "Vài giá trị của {1} không đọc được và được giữ trong extra: {2}."
        ),
        (
            "{1} gives {2} fields that are new here, kept in extra: {3}.",
            "{1} trả về trường mới của {2}, được giữ trong extra: {3}."
        ),
        (
            "Meta does not give the field {1} of {2} to this token ({3}); the column stays empty.",
            "Meta không đưa trường {1} của {2} cho mã truy cập này ({3}); cột đó sẽ trống."
        ),
        (
            "Meta does not give the fields {1} of {2} to this token ({3}); the columns stay empty.",
            "Meta không đưa các trường {1} của {2} cho mã truy cập này ({3}); các cột đó sẽ trống."
        ),
        ("Ask for it in the app's App Review.", "Hãy xin quyền này trong phần Xét duyệt ứng dụng (App Review)."),
        (
            "The app of this token may not use Meta's Marketing API.",
            "Ứng dụng của mã truy cập này không được dùng Marketing API của Meta."
        ),
        (
            "Meta did not list the ad accounts of all businesses in time.",
            "Meta không kịp liệt kê tài khoản quảng cáo của mọi doanh nghiệp."
        ),
        ("The ad accounts of {1} cannot be listed ({2}).", "Không liệt kê được tài khoản quảng cáo của {1} ({2})."),
        ("a business", "một doanh nghiệp"),
        (
            "The token ends in {1} days: make a new one before.",
            "Mã truy cập hết hạn sau {1} ngày: hãy tạo mã mới trước đó."
        ),
        (
            "The token's access to data ends in {1} days: its user has to log in again before.",
            "Quyền đọc dữ liệu của mã truy cập hết sau {1} ngày: người dùng của mã phải đăng nhập lại trước đó."
        ),
        (
            "The token's access to data has ended: its user has to log in again.",
            "Quyền đọc dữ liệu của mã truy cập đã hết: người dùng của mã phải đăng nhập lại."
        ),
        (
            "{1} pieces of text in {2} were not UTF-8 and were repaired.",
            "{1} đoạn chữ trong {2} không phải UTF-8 và đã được sửa."
        ),
    ]
}
