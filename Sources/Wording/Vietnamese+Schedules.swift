/// Of schedules: help, complaints, and what the journal tells.
extension Words {
    static let schedules: Entries = scheduleWords + scheduleHelp + scheduleOptions + scheduleComplaints + scheduleNews

    private static let scheduleWords: Entries = [
        ("off", "đang tắt"), ("when", "lúc"), ("does", "làm"), ("limit", "giới hạn"), ("missed", "nếu lỡ"),
        ("last run", "lượt cuối"), ("next run", "lượt tới"), ("by hand", "chạy tay"),
    ]

    private static let scheduleHelp: Entries = [
        ("What runs when: list, make and change schedules.", "Việc gì chạy lúc nào: xem, tạo và sửa lịch chạy."),
        (
            "`sluice worker` starts what is due. A run makes a job for each account; of one schedule no two runs go on "
                + "at once.",
            "`sluice worker` bắt đầu việc đến hạn. Mỗi tài khoản một lượt chạy; một lịch không bao giờ chạy hai lượt "
                + "cùng lúc."
        ),
        (
            "Every schedule: what it is for, when it runs, how its last run ended.",
            "Mọi lịch chạy: để làm gì, chạy lúc nào, lượt cuối ra sao."
        ),
        (
            "Also all that was decided, and the next five runs.",
            "Cả mọi điều đã chọn và năm lượt chạy tới."
        ),
        ("One schedule, with its next five runs.", "Một lịch chạy, với năm lượt chạy tới."),
        ("Make a schedule, and show its next five runs.", "Tạo một lịch chạy và hiện năm lượt chạy tới."),
        ("Change a schedule; what is not named stays.", "Sửa một lịch chạy; điều không nêu thì giữ nguyên."),
        (
            "Delete a schedule. No data is deleted, and jobs that run go on.",
            "Xoá một lịch chạy. Không dữ liệu nào bị xoá, lượt đang chạy vẫn chạy tiếp."
        ),
        ("Turn a schedule on; it runs when it is due next.", "Bật một lịch chạy; lịch chạy khi đến hạn lần tới."),
        (
            "Turn a schedule off; a run that goes on comes to its end.",
            "Tắt một lịch chạy; lượt đang chạy vẫn chạy đến hết."
        ),
        (
            "Start a run now, beside the plan, and print its jobs.",
            "Chạy ngay một lượt ngoài kế hoạch và in ra các lượt chạy."
        ),
        (
            "`sluice worker` does the jobs. A run by hand does not count for --max-runs-per-day.",
            "`sluice worker` sẽ làm. Lượt chạy tay không tính vào --max-runs-per-day."
        ),
        (
            "The schedule's name or number, from `sluice schedules list`.",
            "Tên hoặc số của lịch chạy, xem bằng `sluice schedules list`."
        ),
    ]

    private static let scheduleOptions: Entries = [
        (
            "What it is called; no other schedule may have that name.",
            "Tên của lịch; không lịch nào khác được trùng tên."
        ),
        ("Another name.", "Tên khác."),
        (
            "A stored account, like meta/act_1000001, or meta/all for all accounts of a platform, later ones too. May "
                + "be given again.",
            "Một tài khoản đã lưu, như meta/act_1000001, hoặc meta/all cho mọi tài khoản của nền tảng, kể cả tài khoản "
                + "về sau. Có thể ghi nhiều lần."
        ),
        (
            "Only these streams, with commas between; all for all.",
            "Chỉ các luồng này, cách nhau bằng dấu phẩy; all là tất cả."
        ),
        (
            "Another word for --streams: all, campaigns, coupons, purchases.",
            "Cách gọi khác của --streams: all, campaigns, coupons, purchases."
        ),
        (
            "Again and again: 10m, 15m, 30m, 1h, 2h, 6h, 12h, 24h, counted from midnight.",
            "Lặp lại: 10m, 15m, 30m, 1h, 2h, 6h, 12h, 24h, tính từ nửa đêm."
        ),
        ("At times of the day: 08:00,14:30.", "Vào các giờ trong ngày: 08:00,14:30."),
        ("With --at: only on these days of the week, mon,fri.", "Cùng --at: chỉ vào các thứ này, mon,fri."),
        (
            "A cron expression of five fields: minute, hour, day of month (L is the last), month, day of week.",
            "Một biểu thức cron năm trường: phút, giờ, ngày trong tháng (L là ngày cuối), tháng, thứ."
        ),
        (
            "The time zone of all this, like Asia/Ho_Chi_Minh; that of the first account when it is not given.",
            "Múi giờ của tất cả các giờ này, như Asia/Ho_Chi_Minh; nếu không ghi thì theo tài khoản đầu tiên."
        ),
        (
            "Days that a run reads: today, yesterday, last_7_days, last_30_days, last_90_days, current_month, "
                + "previous_month, or due for all that is due.",
            "Các ngày mỗi lượt đọc: today, yesterday, last_7_days, last_30_days, last_90_days, current_month, "
                + "previous_month, hoặc due cho mọi phần đến hạn."
        ),
        ("First day that a run reads.", "Ngày đầu mỗi lượt đọc."),
        ("Last day that a run reads.", "Ngày cuối mỗi lượt đọc."),
        (
            "At most so many runs in a day of its zone; none for no limit.",
            "Nhiều nhất bấy nhiêu lượt trong một ngày theo múi giờ của lịch; none là không giới hạn."
        ),
        ("What becomes of runs that were missed: skip, once, all.", "Nếu lỡ lượt chạy: skip, once, all."),
        (
            "What it does: sync, rescue (of what stuck), prune (of what is long done).",
            "Việc của lịch: sync, rescue (nhận lại phần bị kẹt), prune (dọn phần đã xong từ lâu)."
        ),
    ]

    private static let scheduleComplaints: Entries = [
        (
            "There is no schedule in {1} yet. `sluice schedules create` makes one.",
            "Chưa có lịch chạy nào trong {1}. `sluice schedules create` để tạo."
        ),
        (
            "There is no schedule {1}. `sluice schedules list` shows all.",
            "Không có lịch chạy {1}. `sluice schedules list` cho xem tất cả."
        ),
        ("A schedule needs --every, --at or --cron.", "Lịch chạy cần --every, --at hoặc --cron."),
        ("Give one of --every, --at and --cron.", "Chỉ ghi một trong --every, --at và --cron."),
        ("--on belongs to --at.", "--on đi cùng --at."),
        ("Give either --streams or --type.", "Chỉ ghi --streams hoặc --type."),
        ("--max-runs-per-day takes 1 or more, or none.", "--max-runs-per-day nhận từ 1 trở lên, hoặc none."),
        ("There is no range {1}. Known: {2}.", "Không có khoảng {1}. Có: {2}."),
        (
            "\"{1}\" is no account; write it like meta/act_1000001 or meta/all.",
            "\"{1}\" không phải là tài khoản; hãy ghi như meta/act_1000001 hoặc meta/all."
        ),
        (
            "No connection to {1} is stored. `sluice connect {2}` makes one.",
            "Chưa lưu kết nối nào tới {1}. `sluice connect {2}` để tạo."
        ),
        (
            "The account {1} is not stored. Sync it once: `sluice sync {2} --account {3}`.",
            "Chưa lưu tài khoản {1}. Hãy đồng bộ một lần: `sluice sync {2} --account {3}`."
        ),
        ("The schedule {1} is deleted. No data was deleted.", "Đã xoá lịch chạy {1}. Không dữ liệu nào bị xoá."),
        (
            "The schedule {1} is for accounts that are not stored yet. Sync one of them first.",
            "Lịch chạy {1} dành cho các tài khoản chưa lưu. Hãy đồng bộ một tài khoản trước."
        ),
        (
            "Every connection of the schedule {1} is parked. Connect again.",
            "Mọi kết nối của lịch chạy {1} đang tạm giữ. Hãy kết nối lại."
        ),
        (
            "The last run of the schedule {1} still goes on: job {2}.",
            "Lượt trước của lịch chạy {1} chưa xong: lượt chạy {2}."
        ),
        (
            "There is a schedule {1} already. Give this one another name.",
            "Đã có lịch chạy {1}. Hãy đặt tên khác."
        ),
        (
            "The name of a schedule has 1 to {1} signs and is no number.",
            "Tên lịch chạy có 1 đến {1=} ký tự và không phải là số."
        ),
        (
            "There is no time zone {1}. Write it like Asia/Ho_Chi_Minh.",
            "Không có múi giờ {1}. Hãy ghi như Asia/Ho_Chi_Minh."
        ),
        (
            "A schedule runs at least once a day, or has no limit.",
            "Lịch chạy ít nhất một lần mỗi ngày, hoặc không giới hạn."
        ),
        (
            "The task {1} is about no account, no stream and no days.",
            "Việc {1} không gắn với tài khoản, luồng hay ngày nào."
        ),
        ("A schedule needs at least one account.", "Lịch chạy cần ít nhất một tài khoản."),
        ("Nothing is stored of {1}. Connect it first.", "Chưa lưu gì của {1}. Hãy kết nối trước."),
        ("{1} has none of the streams {2}.", "{1} không có luồng nào trong số {2}."),
        ("No platform is asked here.", "Ở đây không hỏi nền tảng nào."),
        ("\"{1}\" is no interval. There are {2}.", "\"{1}\" không phải là khoảng lặp. Có: {2}."),
        ("\"{1}\" is no time of day; write it like 08:00.", "\"{1}\" không phải là giờ trong ngày; hãy ghi như 08:00."),
        ("\"{1}\" is no day of the week. There are {2}.", "\"{1}\" không phải là thứ trong tuần. Có: {2}."),
        (
            "A cron expression has five fields (minute, hour, day of month, month, day of week), and this has {1}.",
            "Biểu thức cron có năm trường (phút, giờ, ngày trong tháng, tháng, thứ), còn đây có {1}."
        ),
        (
            "The {1} of the cron expression cannot be \"{2}\"; it takes {3}.",
            "Trường {1} của biểu thức cron không thể là \"{2}\"; trường này nhận {3}."
        ),
        ("minute", "phút"), ("hour", "giờ"), ("day of month", "ngày trong tháng"), ("month", "tháng"),
        ("day of week", "thứ"),
        (
            "The cron expression \"{1}\" is never due: no month has that day.",
            "Biểu thức cron \"{1}\" không bao giờ đến hạn: không tháng nào có ngày đó."
        ),
    ]

    private static let scheduleNews: Entries = [
        ("The schedule {1} has started by hand", "Lịch {1} được chạy tay"),
        ("The schedule {1} has started", "Lịch {1} đã bắt đầu"),
        ("The schedule {1} leaves out a run: {2}", "Lịch {1} bỏ qua một lượt: {2}"),
        ("The schedule {1} leaves out {2} runs: {3}", "Lịch {1} bỏ qua {2} lượt: {3}"),
        ("its last run still goes on", "lượt trước chưa xong"),
        ("nobody worked at its time", "lúc đó không có tiến trình nào làm việc"),
        ("The schedule {1} has missed a run and makes up for it now", "Lịch {1} lỡ một lượt và đang chạy bù"),
        (
            "The schedule {1} has missed {2} runs and makes up for them with one now",
            "Lịch {1} lỡ {2} lượt và đang chạy bù bằng một lượt"
        ),
        (
            "The schedule {1} has run once today, as often as it may",
            "Lịch {1} đã chạy một lần hôm nay, hết mức cho phép"
        ),
        (
            "The schedule {1} has run {2} times today, as often as it may",
            "Lịch {1} đã chạy {2} lần hôm nay, hết mức cho phép"
        ),
        (
            "The schedule {1} goes on without the connection {2}, which is parked",
            "Lịch {1} chạy tiếp không có kết nối {2} vì kết nối đang tạm giữ"
        ),
        ("The schedule {1} cannot do all of its work: {2}", "Lịch {1} không làm được hết việc: {2}"),
        ("The schedule {1} was made by {2}", "Lịch {1} được tạo từ {2}"),
        ("The schedule {1} was changed by {2}", "Lịch {1} được sửa từ {2}"),
        ("The schedule {1} was deleted by {2}", "Lịch {1} bị xoá từ {2}"),
        ("{1} or more", "{1} hoặc nhiều hơn"),
    ]
}
