/// Of `sluice worker`: its help, what its probes answer, where it listens.
extension Words {
    static let worker: Entries = [
        (
            "Work on whatever jobs there are, for ever; a server or another process hands them over.",
            "Làm mọi lượt chạy hiện có, không dừng; máy chủ hoặc tiến trình khác giao việc."
        ),
        (
            "Takes the jobs of all connections that are stored in the database, as `sluice sync --detach` leaves "
                + "them there, and waits when there are none. A database that goes away is waited for.",
            "Nhận lượt chạy của mọi kết nối đã lưu trong cơ sở dữ liệu, như `sluice sync --detach` để lại, và chờ khi "
                + "chưa có việc. Cơ sở dữ liệu mất kết nối thì chờ đến khi có lại."
        ),
        (
            "One process works an SQLite file: beside another one this ends with exit code 2 and names it. Any "
                + "number work on a PostgreSQL database.",
            "Mỗi tệp SQLite chỉ do một tiến trình làm việc: khi đã có tiến trình khác, lệnh này kết thúc với mã 2 và "
                + "nêu tiến trình đó. Cơ sở dữ liệu PostgreSQL thì bao nhiêu tiến trình cũng được."
        ),
        (
            "SIGTERM or Ctrl-C: running chunks are handed back and the program ends, with exit code 0 after a "
                + "SIGTERM. A second signal ends it at once.",
            "SIGTERM hoặc Ctrl-C: các phần đang chạy được trả về rồi chương trình kết thúc, mã kết thúc 0 sau SIGTERM. "
                + "Tín hiệu thứ hai thì dừng ngay."
        ),
        (
            "Where /healthz, /readyz, /flowing and /metrics answer: 127.0.0.1:9464; port 0 takes a free one.",
            "Nơi trả lời /healthz, /readyz, /flowing và /metrics: 127.0.0.1:9464; cổng 0 để lấy một cổng trống."
        ),
        (
            "How long work may stand still before /flowing says so, in seconds.",
            "Công việc đứng yên bao lâu thì /flowing báo, tính bằng giây."
        ),
        (
            "Go on showing what every machine does, until interrupted.",
            "Tiếp tục hiện việc của mọi máy cho đến khi bị ngắt."
        ),
        ("{1}: 1 row read", "{1}: đã đọc 1 dòng"),
        ("{1}: {2} rows read", "{1}: đã đọc {2} dòng"),
        ("{1}: split into {2}, {3}", "{1}: chia thành {2}, {3}"),
        (
            "{1}: rows have moved while they were read",
            "{1}: các dòng đã đổi chỗ trong lúc đọc, nên đọc lại từ đầu"
        ),
        ("{1} days were too much at once", "{1} ngày một lúc là quá nhiều"),
        ("{1} entities were too many for one report", "{1} đối tượng là quá nhiều cho một báo cáo"),
        ("{1} fields were too many for one report", "{1} trường là quá nhiều cho một báo cáo"),
        ("part of the days is older than 37 months", "một phần các ngày đã quá 37 tháng"),
        (
            "Its worker ended {1} times in a row while it was at this chunk; it is set aside",
            "Tiến trình đã dừng {1} lần liên tiếp ở phần này nên phần này bị để riêng"
        ),
        ("{1} asks to wait until {2}", "{1} yêu cầu chờ đến {2}"),
        ("The {1} sync has started", "Lượt {1} đã bắt đầu"),
        ("1 chunk is tried again", "Đang chạy lại 1 phần"),
        ("{1} chunks are tried again", "Đang chạy lại {1} phần"),
        ("The history is in", "Lịch sử đã về đủ"),
        ("Recent data is ready", "Dữ liệu gần đây đã sẵn sàng"),
        ("Recent data is ready, {1} chunks failed", "Dữ liệu gần đây đã sẵn sàng, {1} phần bị lỗi"),
        ("Finished: {1} of {2} chunks, {3} rows", "Đã xong: {1}/{2} phần, {3} dòng"),
        ("Finished with failures: {1} of {2} chunks, {3} rows", "Kết thúc có lỗi: {1}/{2} phần, {3} dòng"),
        ("Cancelled by {1}", "Đã huỷ từ {1}"),
        ("command line", "dòng lệnh"),
        ("The connection {1} works again", "Kết nối {1} hoạt động trở lại"),
        (
            "No chunk is in hand at this moment. If no worker runs, start `sluice worker`, or the sync again.",
            "Lúc này không phần nào đang được làm. Nếu chưa có tiến trình nào chạy, hãy chạy `sluice worker` hoặc chạy "
                + "lại lượt đồng bộ."
        ),
        ("Nobody works.", "Chưa có tiến trình nào đang làm."),
        ("Chunks in hand: {1}", "Số phần đang làm: {1}"),
        ("--stalled-after takes 1 or more.", "--stalled-after nhận từ 1 trở lên."),
        ("Interrupted. Any worker goes on from here.", "Đã dừng. Tiến trình nào cũng chạy tiếp được từ đây."),
        (
            "Ended at once. Leases run out, then others go on.",
            "Đã dừng ngay. Quyền giữ phần việc sẽ hết hạn, rồi tiến trình khác chạy tiếp."
        ),
        (
            "Draining took too long. Leases run out, then others go on.",
            "Trả việc mất quá lâu. Quyền giữ phần việc sẽ hết hạn, rồi tiến trình khác chạy tiếp."
        ),
        ("The database is being opened.", "Đang mở cơ sở dữ liệu."),
        ("The worker hands its work back and ends.", "Tiến trình đang trả việc về và sắp dừng."),
        ("The database has not answered for 2 seconds.", "Cơ sở dữ liệu không trả lời trong 2 giây."),
        ("Nothing is due.", "Không có việc đến hạn."),
        ("Work moves.", "Công việc đang tiến triển."),
        (
            "Another process does the work; its own /flowing tells how it goes.",
            "Một tiến trình khác làm việc; /flowing của tiến trình đó cho biết tình hình."
        ),
        ("1 chunk is due and has not got on for {1}.", "1 phần đến hạn và không tiến triển trong {1}."),
        ("{1} chunks are due and none got on for {2}.", "{1} phần đến hạn và không phần nào tiến triển trong {2}."),
        ("1 chunk is in hand and has not got on for {1}.", "1 phần đang chạy và không tiến triển trong {1}."),
        (
            "{1} chunks are in hand and none got on for {2}.",
            "{1} phần đang chạy và không phần nào tiến triển trong {2}."
        ),
        ("{1} seconds", "{1} giây"), ("{1} minutes", "{1} phút"),
        (
            "The log of the database tells more; it is tried again.",
            "Nhật ký của cơ sở dữ liệu cho biết thêm; sẽ thử lại."
        ),
        (
            "\"{1}\" is no address to listen on; write it like 127.0.0.1:9464.",
            "\"{1}\" không phải là địa chỉ để lắng nghe; hãy ghi như 127.0.0.1:9464."
        ),
        (
            "Another program listens on {1} already; name another port, or 0 for a free one.",
            "Đã có chương trình khác dùng {1}; hãy ghi cổng khác, hoặc 0 để lấy một cổng trống."
        ),
        (
            "This user may not listen on {1}; take a port above 1023.",
            "Người dùng này không được lắng nghe tại {1}; hãy dùng cổng trên 1023."
        ),
        (
            "{1} is no address of this machine; 0.0.0.0 stands for all of them.",
            "{1} không phải là địa chỉ của máy này; 0.0.0.0 là mọi địa chỉ."
        ),
        ("The server cannot listen on {1}: {2}.", "Máy chủ không lắng nghe được tại {1}: {2}."),
    ]
}
