/// Of certificates: what the platforms' own totals say of the stored rows.
extension Words {
    static let certificates: Entries = [
        ("totals", "đối soát"), ("impressions", "lượt hiển thị"), ("clicks", "lượt nhấp"), ("orders", "đơn hàng"),
        ("cost", "chi phí"), ("revenue", "doanh thu"), ("rows", "dòng"),
        ("equal", "khớp"), ("changing", "còn thay đổi"), ("checking", "đang kiểm tra"),
        ("repairing", "đang sửa"), ("repaired", "đã sửa"), ("gap", "lệch"), ("not_comparable", "không đối soát được"),
        ("proven", "đối soát"),
        ("{1} of {2} days equal the totals of {3}.", "{1} trên {2} ngày khớp số tổng của {3}."),
        (
            "{1} lacks {2} of {3}: it is searched and read again.",
            "{1} thiếu {2} ({3}): đang dò và đọc lại."
        ),
        (
            "{1} has {2} of {3} too much: it is searched and read again.",
            "{1} thừa {2} ({3}): đang dò và đọc lại."
        ),
        (
            "{1} lacks {2} of {3}: reading it again did not change that.",
            "{1} thiếu {2} ({3}): đọc lại vẫn vậy."
        ),
        (
            "{1} has {2} of {3} too much: reading it again did not change that.",
            "{1} thừa {2} ({3}): đọc lại vẫn vậy."
        ),
        ("{1} equals the totals of {2} again.", "{1} đã khớp lại số tổng của {2}."),
        (
            "Meta's totals break off: a next page leads nowhere.",
            "Số tổng của Meta bị ngắt: trang sau không dẫn đến đâu."
        ),
        (
            "{1} does not give its own totals ({2}): days cannot be proven.",
            "{1} không cho số tổng ({2}): không đối soát được các ngày."
        ),
        ("Shopee's totals came without their list.", "Số tổng của Shopee đến mà không có danh sách."),
        ("Shopee does not answer for all of these days.", "Shopee không trả lời cho tất cả các ngày này."),
        (
            "What the platforms' own totals say of the stored days.",
            "Số tổng của chính các nền tảng so với các ngày đã lưu."
        ),
        (
            "A day is equal when the stored rows add up to what the platform says of the whole account. A day that "
                + "differs is searched and read again by itself.",
            "Một ngày là khớp khi các dòng đã lưu cộng lại bằng số của cả tài khoản theo nền tảng. Ngày nào lệch "
                + "thì tự dò và đọc lại."
        ),
        (
            "One account, like meta/act_1000001; all where none is given.",
            "Một tài khoản, như meta/act_1000001; bỏ trống là tất cả."
        ),
        ("How many days to show, the newest first.", "Hiện bao nhiêu ngày, mới nhất trước."),
        ("--days takes 1 or more.", "--days nhận từ 1 trở lên."),
        ("Nothing was proven of it yet.", "Chưa đối soát lần nào."),
    ]
}
