/// What is said of work that stands still by order.
extension Words {
    static let workOrders: Entries = [
        ("Paused all work", "Đã tạm dừng mọi việc"), ("Let all work go on", "Đã cho mọi việc chạy tiếp"),
        ("Paused history", "Đã tạm dừng phần lịch sử"), ("Let history go on", "Đã cho phần lịch sử chạy tiếp"),
        ("Had an account's history run first", "Đã ưu tiên lịch sử của một tài khoản"),
        ("No history of this account is being filled in.", "Lịch sử của tài khoản này không có phần nào đang bổ sung."),
        (
            "More than this was paused, all work or history.",
            "Mọi việc hoặc phần lịch sử đang tạm dừng, không chỉ mục này."
        ),
        (
            "Let that go on first; it is told at the top of every page.",
            "Hãy cho chạy tiếp ở đó trước; đầu mỗi trang có ghi."
        ),
    ]
}
