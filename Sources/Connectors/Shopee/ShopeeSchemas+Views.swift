import SyncCore

/// What follows from stored rows of Shopee.
extension ShopeeSchemas {
    private static let metrics = [
        "impression", "clicks", "expense_micros", "broad_order", "broad_gmv_micros", "direct_order",
        "direct_gmv_micros",
    ]

    /// What GMV Max spends is in the totals of the shop, and in no product campaign (platforms.md 1.14).
    static let gms = DerivedView(
        "shopee_gms_daily", of: [ShopeeStream.campaigns, ShopeeStream.campaignDaily, ShopeeStream.shopDaily],
        columns: [
            Column(context: "account_id", .text), Column(context: campaignID, .text), Column(context: "date", .date),
        ] + metrics.map { Column(context: $0, $0.hasSuffix("_micros") ? .money : .integer) },
        select: gmsSelect,
        performance: StreamSchema.Performance(
            campaign: campaignID, impressions: "impression", clicks: "clicks", cost: "expense_micros",
            orders: "broad_order", revenue: "broad_gmv_micros"),
        summary: "What the shop's totals have beyond its product campaigns: GMV Max, under the campaign id `gms`. "
            + "Only days of which both were read whole.")

    private static var gmsSelect: String {
        let sums = metrics.map { "sum(\($0)) AS \($0)" }.joined(separator: ", ")
        let rest = metrics.map { "CAST(coalesce(s.\($0), 0) - coalesce(c.\($0), 0) AS BIGINT) AS \($0)" }
        let differs = metrics.map { "coalesce(s.\($0), 0) <> coalesce(c.\($0), 0)" }
        return """
            SELECT s.account_id, 'gms' AS campaign_id, s.date,
                \(rest.joined(separator: ",\n    "))
            FROM shopee_shop_daily AS s
            LEFT JOIN (
                SELECT account_id, date, \(sums) FROM shopee_campaign_daily GROUP BY account_id, date
            ) AS c ON c.account_id = s.account_id AND c.date = s.date
            WHERE (\(differs.joined(separator: " OR ")))
                AND EXISTS (
                    SELECT 1 FROM accounts AS a
                    JOIN coverage AS x ON x.account_id = a.id AND x.stream = 'shop_daily' AND x.date = s.date
                    LEFT JOIN coverage AS y
                        ON y.account_id = a.id AND y.stream = 'campaign_daily' AND y.date = s.date
                    WHERE a.platform = 'shopee' AND a.external_id = s.account_id
                        AND x.read_at IS NOT NULL AND (y.read_at IS NOT NULL OR (
                            NOT EXISTS (SELECT 1 FROM shopee_campaigns AS k WHERE k.account_id = s.account_id)
                            AND EXISTS (SELECT 1 FROM stream_states AS l
                                WHERE l.account_id = a.id AND l.stream = 'campaigns' AND l.swept_at IS NOT NULL))))
            """
    }

    /// How far the newest sync of each shop is, in the words of replaced.md R2.
    static let progress = DerivedView(
        "ads_sync_progress_status", of: [ShopeeStream.campaigns],
        columns: [
            Column(context: "shop_id", .text), Column(context: "shop_name", .text), Column(context: "stage", .text),
            Column(context: "current_chunk", .integer), Column(context: "total_chunks", .integer),
            Column(context: "percent", .integer), Column(context: "synced_campaigns", .integer),
            Column(context: "total_campaigns", .integer), Column(context: "minutes_since_last_chunk", .real),
            Column(context: "failed_chunks", .integer), Column(context: "job_id", .integer),
            Column(context: "started_at", .instant), Column(context: "last_chunk_at", .instant),
            Column(context: "completed_at", .instant), Column(context: "error_message", .text),
        ], select: progressSelect,
        summary: "How far the newest sync of each shop is. Stages: `idle`, `syncing_campaigns`, "
            + "`syncing_performance`, `completed`, `failed`.")

    private static let progressSelect = """
        SELECT p.shop_id, p.shop_name, p.stage, p.current_chunk, p.total_chunks, p.percent,
            CASE WHEN p.stage IN ('syncing_campaigns', 'syncing_performance') AND p.listed > 0
                THEN p.synced ELSE p.described END AS synced_campaigns,
            CASE WHEN p.stage IN ('syncing_campaigns', 'syncing_performance') AND p.listed > 0
                THEN p.listed ELSE p.stored END AS total_campaigns,
            CAST({minutes since p.last_chunk_at} AS DOUBLE PRECISION) AS minutes_since_last_chunk,
            p.failed_chunks, p.job_id, p.started_at, p.last_chunk_at, p.completed_at, p.error_message
        FROM (
            SELECT a.external_id AS shop_id, a.name AS shop_name,
                CASE
                    WHEN j.id IS NULL OR j.status = 'cancelled' THEN 'idle'
                    WHEN j.status IN ('completed', 'failed') THEN j.status
                    WHEN EXISTS (
                        SELECT 1 FROM sync_chunks AS c WHERE c.job_id = j.id AND c.stage = 'syncing_performance')
                        THEN 'syncing_performance'
                    ELSE 'syncing_campaigns'
                END AS stage,
                coalesce(j.completed_chunks + j.failed_chunks + j.cancelled_chunks, 0) AS current_chunk,
                coalesce(j.total_chunks, 0) AS total_chunks,
                coalesce(j.progress_percentage, 0) AS percent,
                coalesce(j.failed_chunks, 0) AS failed_chunks,
                (SELECT CAST(coalesce(sum(json_array_length(c.entities)), 0) AS BIGINT) FROM sync_chunks AS c
                    WHERE c.job_id = j.id AND c.stream = 'campaigns' AND c.mode = 'settings') AS listed,
                (SELECT CAST(coalesce(sum(json_array_length(c.entities)), 0) AS BIGINT) FROM sync_chunks AS c
                    WHERE c.job_id = j.id AND c.stream = 'campaigns' AND c.mode = 'settings'
                        AND c.status = 'completed') AS synced,
                (SELECT count(*) FROM shopee_campaigns AS k WHERE k.account_id = a.external_id) AS stored,
                (SELECT count(*) FROM shopee_campaigns AS k
                    WHERE k.account_id = a.external_id AND k.campaign_status IS NOT NULL) AS described,
                coalesce(
                    (SELECT max(c.finished_at) FROM sync_chunks AS c WHERE c.job_id = j.id),
                    j.finished_at, j.started_at) AS last_chunk_at,
                j.id AS job_id, j.started_at, j.finished_at AS completed_at, j.error_message
            FROM accounts AS a
            LEFT JOIN sync_jobs AS j
                ON j.id = (SELECT max(n.id) FROM sync_jobs AS n WHERE n.account_id = a.id)
            WHERE a.platform = 'shopee'
        ) AS p
        """
}
