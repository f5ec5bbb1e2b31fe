// size: a table

/// What the connector of Shopee says, and what is said of a consent, in Vietnamese.
extension Words {
    static let shopee: Entries = [
        ("syncing_campaigns", "đồng bộ chiến dịch"), ("syncing_performance", "đồng bộ số liệu"),
        ("shop", "cửa hàng"), ("endpoint", "loại lượt gọi"),
        (
            "The id of your partner app with the Ads module; it is a number in the console of the Open Platform.",
            "Mã ứng dụng đối tác có mô-đun Ads; là một số trong trang quản lý của Open Platform."
        ),
        (
            "The live key of the same app; with it every call is signed.",
            "Khoá chính thức (live key) của ứng dụng đó; mọi lượt gọi đều được ký bằng khoá này."
        ),
        (
            "A token of the shop for this app; sluice connect shopee gets one by itself.",
            "Mã truy cập của cửa hàng cho ứng dụng này; sluice connect shopee tự lấy mã."
        ),
        (
            "The token that renews it, once; sluice keeps what comes in its place.",
            "Mã dùng một lần để làm mới mã truy cập; sluice tự giữ mã thay thế."
        ),
        ("Shopee has no setting {1}.", "Shopee không có thiết lập {1}."),
        ("Shopee has no stream {1}.", "Shopee không có luồng {1}."),
        (
            "Shopee does not accept the access token of the shop.",
            "Shopee không chấp nhận mã truy cập của cửa hàng."
        ),
        ("Connect the shop again: sluice connect shopee.", "Hãy kết nối lại cửa hàng: sluice connect shopee."),
        ("Shopee cannot answer so much at once.", "Shopee không trả lời được nhiều như vậy một lúc."),
        ("What was asked for does not exist at Shopee.", "Mục được hỏi không có trên Shopee."),
        ("Check the id of the shop.", "Hãy kiểm tra mã cửa hàng."),
        ("The campaign is not one of this shop.", "Chiến dịch này không thuộc cửa hàng."),
        (
            "Sync the shop again: campaigns are listed anew.",
            "Hãy đồng bộ lại cửa hàng: danh sách chiến dịch sẽ được đọc lại."
        ),
        ("Shopee does not offer this call any more.", "Shopee không còn cung cấp lượt gọi này."),
        ("Look for a newer sluice.", "Hãy tìm bản sluice mới hơn."),
        ("Shopee does not accept the request.", "Shopee không chấp nhận yêu cầu."),
        (
            "Shopee answered with something that is not data.",
            "Shopee trả lời bằng thứ không phải dữ liệu."
        ),
        ("Shopee had a passing error.", "Shopee gặp lỗi nhất thời."),
        ("Shopee's ads are closed to calls for a while.", "Phần quảng cáo của Shopee tạm không nhận lượt gọi."),
        ("Shopee's limit of calls for the app is reached.", "Đã hết hạn mức lượt gọi của Shopee cho ứng dụng."),
        (
            "Shopee's limit of calls for this shop is reached.",
            "Đã hết hạn mức lượt gọi của Shopee cho cửa hàng này."
        ),
        (
            "Shopee's limit of calls for one campaign is reached.",
            "Đã hết hạn mức lượt gọi của Shopee cho một chiến dịch."
        ),
        (
            "Shopee's limit for this kind of call is reached.",
            "Đã hết hạn mức của Shopee cho loại lượt gọi này."
        ),
        ("Shopee's limit of calls in a second is reached.", "Đã hết hạn mức lượt gọi trong một giây của Shopee."),
        ("Shopee's limit of calls is reached.", "Đã hết hạn mức lượt gọi của Shopee."),
        (
            "The refresh token of the shop was used already, or belongs to another shop.",
            "Mã làm mới của cửa hàng đã được dùng, hoặc là của cửa hàng khác."
        ),
        (
            "The refresh token of the shop has ended after 30 days.",
            "Mã làm mới của cửa hàng đã hết hạn sau 30 ngày."
        ),
        (
            "The year for which the shop was opened to the app has ended.",
            "Thời hạn một năm cho phép ứng dụng đọc cửa hàng đã hết."
        ),
        (
            "The code of the consent was used already or has ended.",
            "Mã cho phép đã được dùng hoặc đã hết hạn."
        ),
        ("Shopee does not know the partner id.", "Shopee không biết mã đối tác này."),
        (
            "Set SLUICE_SHOPEE_PARTNER_ID to the live id of the app, and connect again.",
            "Hãy đặt SLUICE_SHOPEE_PARTNER_ID là mã chính thức của ứng dụng, rồi kết nối lại."
        ),
        (
            "The shop is not linked to the app any more.",
            "Cửa hàng không còn liên kết với ứng dụng."
        ),
        ("Shopee has banned the shop.", "Shopee đã cấm cửa hàng."),
        ("Ask Shopee's support; then connect again.", "Hãy hỏi bộ phận hỗ trợ của Shopee, rồi kết nối lại."),
        ("Shopee restricts the calls of the app.", "Shopee hạn chế lượt gọi của ứng dụng."),
        (
            "Look at the app in the console of the Open Platform; then connect again.",
            "Hãy xem ứng dụng trong trang quản lý của Open Platform, rồi kết nối lại."
        ),
        ("The app may not use Shopee's Ads module.", "Ứng dụng không được dùng mô-đun Ads của Shopee."),
        (
            "Use an app of the kind Ads Service, Marketing or Seller In-House, and connect the shop with it.",
            "Hãy dùng ứng dụng loại Ads Service, Marketing hoặc Seller In-House, và kết nối cửa hàng với ứng dụng đó."
        ),
        (
            "Shopee does not know the internet address that the calls come from.",
            "Shopee không biết địa chỉ IP của nơi gọi."
        ),
        (
            "Add it to the app's IP addresses in the console of the Open Platform; then connect again.",
            "Hãy thêm vào danh sách IP của ứng dụng trong trang quản lý của Open Platform, rồi kết nối lại."
        ),
        (
            "The clock of this machine is wrong by {1} minutes, so that Shopee rejects its signatures.",
            "Đồng hồ của máy này lệch {1} phút nên Shopee từ chối chữ ký."
        ),
        ("Set the clock; then start again.", "Hãy chỉnh đồng hồ, rồi chạy lại."),
        (
            "Shopee rejects the signature: the partner key does not fit the partner id, both are of another "
                + "environment, or this machine's clock is wrong.",
            "Shopee từ chối chữ ký: khoá đối tác không khớp với mã đối tác, cả hai thuộc môi trường khác, hoặc đồng hồ "
                + "của máy này sai."
        ),
        (
            "Check the clock, set SLUICE_SHOPEE_PARTNER_KEY to the live key of the app, and connect again.",
            "Hãy kiểm tra đồng hồ, đặt SLUICE_SHOPEE_PARTNER_KEY là khoá chính thức của ứng dụng, rồi kết nối lại."
        ),
        (
            "Shopee's list of campaigns breaks off: it promises more and gives nothing.",
            "Danh sách chiến dịch của Shopee bị ngắt: báo còn nữa nhưng không đưa gì."
        ),
        ("Shopee's list of campaigns does not end.", "Danh sách chiến dịch của Shopee không có điểm cuối."),
        ("Sync again later.", "Hãy đồng bộ lại sau."),
        (
            "SLUICE_SHOPEE_PARTNER_ID is no number. Copy the live id of the app from the console.",
            "SLUICE_SHOPEE_PARTNER_ID không phải là số. Hãy sao chép mã chính thức của ứng dụng từ trang quản lý."
        ),
        (
            "The id of a shop is a number, and {1} is none.",
            "Mã cửa hàng là một số, còn {1} thì không phải."
        ),
        ("The shop is in holiday mode.", "Cửa hàng đang ở chế độ nghỉ."),
        (
            "End it in Shopee's Seller Centre; then retry the job.",
            "Hãy tắt chế độ này trong Kênh Người Bán của Shopee, rồi chạy lại lượt này."
        ),
        ("The shop is not in a normal state.", "Cửa hàng ở trạng thái bất thường."),
        (
            "Look at it in Shopee's Seller Centre; then retry the job.",
            "Hãy xem trong Kênh Người Bán của Shopee, rồi chạy lại lượt này."
        ),
        (
            "The shop's ads account is not in a normal state.",
            "Tài khoản quảng cáo của cửa hàng ở trạng thái bất thường."
        ),
        ("For Shopee one of the days is in the future.", "Với Shopee, một trong các ngày nằm ở tương lai."),
        ("Check the clock of this machine.", "Hãy kiểm tra đồng hồ của máy này."),
        (
            "Shopee does not offer days that are older than 6 months.",
            "Shopee không cung cấp ngày cũ hơn 6 tháng."
        ),
        ("Ask for newer days.", "Hãy chọn ngày mới hơn."),
        (
            "Shopee does not answer for more than a month at once.",
            "Shopee không trả lời quá một tháng trong một lượt."
        ),
        ("Ask for fewer days.", "Hãy chọn ít ngày hơn."),
        ("Shopee does not accept the days.", "Shopee không chấp nhận các ngày này."),
        ("Ask for other days.", "Hãy chọn ngày khác."),
    ]

    /// Why Shopee refuses a change, and what happened by the way.
    static let shopeeChanges: Entries = [
        ("Shopee does not accept the change.", "Shopee không chấp nhận thay đổi."),
        (
            "Look at the campaign in Shopee's Seller Centre.",
            "Hãy xem chiến dịch trong Kênh Người Bán của Shopee."
        ),
        (
            "The daily budget is outside of what Shopee allows.",
            "Ngân sách ngày nằm ngoài mức Shopee cho phép."
        ),
        ("The budget is outside of what Shopee allows.", "Ngân sách nằm ngoài mức Shopee cho phép."),
        (
            "Choose one within the bounds, or 0 for no limit.",
            "Hãy chọn mức trong giới hạn, hoặc 0 để không giới hạn."
        ),
        (
            "Shopee does not accept the dates of the campaign.",
            "Shopee không chấp nhận ngày của chiến dịch."
        ),
        ("Choose other dates.", "Hãy chọn ngày khác."),
        (
            "A campaign without an end has to begin today.",
            "Chiến dịch không có ngày kết thúc phải bắt đầu từ hôm nay."
        ),
        ("Let it begin today, or give it an end.", "Hãy bắt đầu từ hôm nay, hoặc đặt ngày kết thúc."),
        (
            "The campaign's state does not allow the change.",
            "Trạng thái của chiến dịch không cho phép thay đổi này."
        ),
        (
            "The item is for adults, so it cannot be advertised.",
            "Sản phẩm dành cho người lớn nên không quảng cáo được."
        ),
        ("Choose another item.", "Hãy chọn sản phẩm khác."),
        ("Shopee blocks the item from being advertised.", "Shopee không cho quảng cáo sản phẩm này."),
        (
            "The item's state does not allow advertising it.",
            "Trạng thái của sản phẩm không cho phép quảng cáo."
        ),
        ("The item is sold out.", "Sản phẩm đã hết hàng."),
        ("Fill up its stock, or choose another item.", "Hãy nhập thêm hàng, hoặc chọn sản phẩm khác."),
        ("The campaign has the keyword already.", "Chiến dịch đã có từ khoá này."),
        ("Change its bid instead.", "Hãy đổi giá thầu của từ khoá đó."),
        ("Shopee does not allow the keyword.", "Shopee không cho phép từ khoá này."),
        ("Choose another keyword.", "Hãy chọn từ khoá khác."),
        ("The keyword is reserved at Shopee.", "Shopee giữ riêng từ khoá này."),
        ("The keyword does not fit the item.", "Từ khoá không hợp với sản phẩm."),
        ("The keyword is as it is to be already.", "Từ khoá đã đúng như yêu cầu."),
        ("Nothing needs doing.", "Không cần làm gì."),
        ("The campaign does not have the keyword.", "Chiến dịch không có từ khoá này."),
        ("Look at the campaign's keywords.", "Hãy xem các từ khoá của chiến dịch."),
        ("The bid is higher than Shopee allows.", "Giá thầu cao hơn mức Shopee cho phép."),
        ("Choose a lower bid.", "Hãy chọn giá thầu thấp hơn."),
        ("The bid is lower than Shopee allows.", "Giá thầu thấp hơn mức Shopee cho phép."),
        ("Choose a higher bid.", "Hãy chọn giá thầu cao hơn."),
        ("Shopee does not accept the ROAS target.", "Shopee không chấp nhận mục tiêu ROAS."),
        ("Choose another target.", "Hãy chọn mục tiêu khác."),
        ("Shopee does not offer GMV Max to this shop.", "Shopee chưa mở GMV Max cho cửa hàng này."),
        ("Ask Shopee's support for it.", "Hãy hỏi bộ phận hỗ trợ của Shopee."),
        ("The shop has no GMV Max campaign.", "Cửa hàng không có chiến dịch GMV Max."),
        ("Make one in Shopee's Seller Centre.", "Hãy tạo chiến dịch trong Kênh Người Bán của Shopee."),
        (
            "Shopee's list of campaigns changes faster than it can be read; some may be missing until later.",
            "Danh sách chiến dịch của Shopee đổi nhanh hơn tốc độ đọc; vài chiến dịch có thể thiếu đến lần sau."
        ),
        (
            "Shopee lists the campaign {1} and does not show it.",
            "Shopee liệt kê chiến dịch {1} nhưng không hiện nội dung."
        ),
        (
            "Shopee says that the campaign {1} is none of this shop; its numbers stay.",
            "Shopee báo chiến dịch {1} không thuộc cửa hàng này; số liệu đã lưu được giữ nguyên."
        ),
        ("Shopee does not offer {1} any more.", "Shopee không còn cung cấp {1}."),
        ("The answer is too large.", "Câu trả lời quá lớn."),
        (
            "Shopee does not answer for so many days at once.",
            "Shopee không trả lời nhiều ngày như vậy một lúc."
        ),
        (
            "Shopee does not offer all of the days any more.",
            "Shopee không còn cung cấp đủ các ngày này."
        ),
        (
            "Sluice does not know the region {1}: its days are counted in UTC and its amounts as USD.",
            "Sluice không biết khu vực {1}: ngày được tính theo UTC và tiền được tính là USD."
        ),
        ("Shopee has banned this shop.", "Shopee đã cấm cửa hàng này."),
        ("Shopee has frozen this shop.", "Shopee đã đóng băng cửa hàng này."),
        ("This shop is not in a normal state.", "Cửa hàng này ở trạng thái bất thường."),
        (
            "The year for which the shop was opened to the app has ended: connect it again.",
            "Thời hạn một năm cho phép ứng dụng đọc cửa hàng đã hết: hãy kết nối lại."
        ),
        (
            "The shop is open to the app for {1} more days: connect it again before.",
            "Ứng dụng còn được đọc cửa hàng {1} ngày nữa: hãy kết nối lại trước đó."
        ),
    ]

    static let consent: Entries = [
        ("Connect again.", "Hãy kết nối lại."),
        (
            "The platform refused the credential, and it cannot be renewed.",
            "Nền tảng từ chối thông tin đăng nhập, và không làm mới được."
        ),
        ("The consent opened no shop to the app.", "Lần cho phép này không mở cửa hàng nào cho ứng dụng."),
        (
            "Choose a shop on the page of the consent: sluice connect shopee.",
            "Hãy chọn cửa hàng trên trang cho phép: sluice connect shopee."
        ),
        (
            "The credential comes from the environment; it is never an argument. Where a platform wants a person to "
                + "allow the app in the browser, the address of that page is printed, and the one that "
                + "the browser came "
                + "back to is taken from the terminal.",
            "Mã truy cập lấy từ biến môi trường, không bao giờ là tham số của lệnh. Nếu nền tảng "
                + "cần người dùng cho phép "
                + "ứng dụng trong trình duyệt, lệnh in địa chỉ trang đó và nhận từ màn hình lệnh địa "
                + "chỉ mà trình duyệt "
                + "quay về."
        ),
        (
            "The account that the tokens in the environment are of, where each has its own.",
            "Tài khoản của các mã trong biến môi trường, khi mỗi tài khoản có mã riêng."
        ),
        (
            "Where the browser comes back to when a person has allowed the app: an address that is entered for the app "
                + "at the platform.",
            "Nơi trình duyệt quay về sau khi người dùng cho phép ứng dụng: địa chỉ đã khai cho ứng dụng ở nền tảng."
        ),
        (
            "The address that the browser came back to, whole; nothing is asked then. It holds a code that works once.",
            "Trọn địa chỉ mà trình duyệt quay về; khi đó lệnh không hỏi gì. Địa chỉ chứa mã chỉ dùng được một lần."
        ),
        (
            "Give --account, the account that the tokens are of, or leave the tokens out to open accounts anew.",
            "Hãy thêm --account, tài khoản của các mã này, hoặc bỏ các mã ra để cho phép lại từ đầu."
        ),
        (
            "--redirect is an address that begins with https:// and has no # in it.",
            "--redirect là địa chỉ bắt đầu bằng https:// và không có dấu #."
        ),
        (
            "This address does not belong to a consent that was begun here within the last hour. Begin anew: sluice "
                + "connect {1}.",
            "Địa chỉ này không thuộc lần cho phép nào bắt đầu ở đây trong một giờ qua. Hãy làm lại: sluice connect {1}."
        ),
        ("There is nothing to allow at this platform.", "Nền tảng này không có gì để cho phép."),
        (
            "Open this address in a browser within {1} minutes, choose the shop and allow the app:",
            "Hãy mở địa chỉ này trong trình duyệt trong vòng {1} phút, chọn cửa hàng và cho phép ứng dụng:"
        ),
        (
            "Then paste the address that the browser came back to, even if its page does not open, and press Enter:",
            "Sau đó dán địa chỉ mà trình duyệt quay về, kể cả khi trang đó không mở được, rồi nhấn Enter:"
        ),
        (
            "No address came. Give it with --callback, within ten minutes: its code does not work for longer.",
            "Chưa nhận được địa chỉ. Hãy đưa vào bằng --callback trong vòng mười phút: mã trong "
                + "đó chỉ dùng được chừng ấy."
        ),
        (
            "The address lacks what a consent brings. Copy all of it, from the first sign to the last.",
            "Địa chỉ thiếu phần mà lần cho phép mang lại. Hãy chép trọn địa chỉ, từ ký tự đầu đến ký tự cuối."
        ),
        (
            "{1} has not opened {2} to the app yet. Connect it first: sluice connect {3}.",
            "{1} chưa mở {2} cho ứng dụng. Hãy kết nối trước: sluice connect {3}."
        ),
    ]
}
