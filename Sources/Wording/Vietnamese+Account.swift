/// What the pages of one account say.
extension Words {
    static let accountPages: Entries = [
        ("Exported data", "Đã xuất dữ liệu"), ("Paused an account", "Đã tạm dừng một tài khoản"),
        ("Let an account go on", "Đã cho một tài khoản chạy tiếp"),
        ("There is no such column.", "Không có cột này."), ("A number.", "Một con số."),
        ("Only numbers are more or less.", "Chỉ số mới so được nhiều hay ít."),
        ("A column that is shown.", "Một cột đang hiện."),
        ("`entities`, `days` or `rows`.", "`entities`, `days` hoặc `rows`."),
        ("A named range, like last_30_days, or all.", "Một khoảng có tên, như last_30_days, hoặc all."),
        ("`csv`, `jsonl` or `xlsx`.", "`csv`, `jsonl` hoặc `xlsx`."),
        (
            "More than 10,000 runs match: choose fewer days.",
            "Hơn 10.000 lượt chạy khớp: hãy chọn ít ngày hơn."
        ),
        ("At most 20 at once.", "Tối đa 20 khoảng một lần."),
        (
            "These are too many rows to sort at once: choose fewer days, or export them.",
            "Quá nhiều dòng để sắp xếp một lúc: hãy chọn ít ngày hơn, hoặc xuất ra tệp."
        ),
    ]
}
