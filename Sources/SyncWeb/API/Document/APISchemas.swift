import SyncCore

/// What answers are made of. A test compares each with what its route really answers.
enum APISchemas {
    static let all: [String: Node] = {
        var all: [String: Node] = [:]
        for (name, text) in texts { all[name] = SchemaText.object(text) }
        all["CoverageDays"] = SchemaText.type("[CoverageDay]")
        all["Row"] = SchemaText.type("{any}")
        all["Scope"] = SchemaText.type(TokenScope.words)
        all["Topic"] = SchemaText.type(NoticeTopic.words)
        // The number that a thing has here, or the platform's own id.
        all["Reference"] = ["anyOf": [SchemaText.type("id"), SchemaText.type("filled")]]
        return all
    }()

    private static let states = WorkState.words
    private static let reasons = WaitReason.words

    static let texts: [(String, String)] = [
        // MARK: Common
        ("Error", "success:false error:ErrorBody"),
        ("ErrorBody", "code:text message:text advice:text? fields:{text}?"),
        ("Done", "success:true"),
        ("DoneWithMessage", "success:true message:text"),
        ("Health", "status:text reason:text"),
        ("SignedIn", "success:true user:text workspace:text"),
        // MARK: Accounts
        (
            "Account",
            """
            id:id connection_id:id platform:text external_id:text name:text currency:text time_zone:text
            created_on:day?
            health:\(AccountBody.Health.allCases.map(\.rawValue).joined(separator: "|"))
            last_synced_at:moment? next_run_at:moment? phase_1_completed_at:moment? phase_2_completed_at:moment?
            days_complete:count days_total:count open_jobs:[id]
            """
        ),
        ("Accounts", "success:true accounts:[Account]"),
        ("OneAccount", "success:true account:Account"),
        ("Coverage", "success:true account_id:id from:day to:day streams:{CoverageDays}"),
        (
            "CoverageDay",
            "date:day state:\(CoverageState.words) rows:count read_at:moment?"
        ),
        ("Figures", "success:true account_id:id days:[DayFigures]"),
        (
            "DayFigures",
            "date:day currency:text cost_micros:int? revenue_micros:int? impressions:int? clicks:int? orders:int?"
        ),
        ("Quotas", "success:true quotas:[Quota]"),
        (
            "Quota",
            """
            key:text family:text points:number period_seconds:number points_per_second:number used:number
            state:open|slowed|blocked blocked_until:moment?
            """
        ),
        (
            "Progress",
            """
            success:true job_id:id account_id:id kind:\(JobKind.words) status:\(states) wait_reason:\(reasons)?
            phase:\(Phase.words) percent:count
            total_chunks:count completed_chunks:count failed_chunks:count rows:count requests:count throttled:count
            retries:count started_at:moment? finished_at:moment? seconds_left:SecondsLeft? stages:[Stage]
            """
        ),
        (
            "Rows",
            """
            success:true stream:text table:text view:\(DataQuery.View.words) from:day? to:day? page:count has_more:flag
            count:count? rows:[Row]
            """
        ),
        ("AccountRuns", "success:true logs:[Run] next:id?"),
        (
            "Certificates",
            "success:true days:count equal:count gaps:count checked_at:moment? certificates:[Certificate] next:day?"
        ),
        (
            "Certificate",
            """
            date:day stream:text currency:text? state:\(Certificate.State.words) rows:count
            stored:{int} source:{int} difference:{int} job_id:id? checked_at:moment?
            """
        ),
        ("AccountSettings", "success:true account:Account streams:[KeptStream]"),
        ("KeptStream", "stream:text table:text grain:\(StreamSchema.Grain.words) settled_after_days:count?"),
        ("AccountChanged", "success:true message:text jobs:[id]"),
        ("SecondsLeft", "low:count likely:count high:count"),
        (
            "Stage",
            """
            stage:text phase:\(Phase.words) total:count completed:count failed:count running:count waiting:count
            rows:count requests:count
            """
        ),
        // MARK: Syncs
        ("Started", "success:true message:text sync_id:text status:queued jobs:[id]"),
        ("StartedWithPrice", "success:true message:text sync_id:text status:queued jobs:[id] price:Price"),
        ("Stopped", "success:true message:text stopped:count"),
        (
            "Price",
            """
            known:flag points:count? calls:count? points_low:count? points_high:count? calls_low:count?
            calls_high:count? ready_in_seconds:number? ready_at:moment? accounts:[PricePart]
            delays:[PriceDelay]
            """
        ),
        (
            "PricePart",
            "account_id:id points:count? calls:count? low:count? high:count? seconds:number? waits_until:moment?"
        ),
        ("PriceDelay", "job_id:id account_id:id sync_type:\(JobKind.words) seconds:number"),
        ("Priced", "success:true price:Price"),
        ("QuickSyncs", "success:true syncs:[QuickSync]"),
        ("OneQuickSync", "success:true sync:QuickSync"),
        (
            "QuickSync",
            """
            sync_id:text kind:\(SyncRequest.Kind.words) actor:text date_range:text
            status:queued|running|completed|failed|cancelled progress:count rows:count requests:count
            created_at:moment finished_at:moment? promised:Promise? jobs:[QuickJob]
            """
        ),
        ("Promise", "points:count until:moment"),
        (
            "QuickJob",
            """
            id:id account_id:id account_name:text network:text status:\(states) progress:count rows:count requests:count
            failed_chunks:count error:text?
            """
        ),
        ("FacebookStatus", "success:true status:FacebookState"),
        (
            "FacebookState",
            """
            status:idle|queued|running|completed|failed|cancelled started_at:momentornull finished_at:momentornull
            progress:count message:text
            """
        ),
        ("FacebookProgress", "success:true progress:FacebookStage counts:{count}"),
        ("FacebookStage", "stage:text percent:number message:text current_step:count total_steps:count"),
        // MARK: Logs
        ("Runs", "success:true logs:[Run] next:id? histogram:Histogram?"),
        ("Histogram", "from:moment runs:[count] failed:[count] throttled:[count]"),
        (
            "Run",
            """
            id:id platform:text account_id:id account:text time_zone:text
            sync_type:\(JobKind.words) status:\(states) wait_reason:\(reasons)? phase:\(Phase.words)
            start_date:day? end_date:day? schedule_id:id? schedule_name:text? total_chunks:count completed_chunks:count
            failed_chunks:count percent:count counts:RunCounts error_class:text? error_message:text?
            created_at:moment started_at:moment? finished_at:moment? actual_duration_seconds:number?
            """
        ),
        (
            "RunCounts",
            "rows_received:count rows_written:count requests:count throttled:count retries:count splits:count"
        ),
        (
            "OneRun",
            """
            success:true log:Run stages:[Stage] chunks:[Chunk] causes:[Cause] notes:[text] requested_by:text?
            request_id:text?
            """
        ),
        (
            "Chunk",
            """
            id:id stream:text phase:\(Phase.words) status:\(states) wait_reason:\(reasons)? start_date:day?
            end_date:day? entities:count? rows:count requests:count retry_count:count splits:count error_class:text?
            error_code:text? error_message:text? advice:text? request_id:text? started_at:moment? finished_at:moment?
            actual_duration_seconds:number
            """
        ),
        (
            "Cause",
            """
            cause:text error_class:text error_code:text error_message:text advice:text streams:[text]
            failed_chunks:count
            """
        ),
        ("RunChanged", "success:true message:text job_id:id status:\(states) chunks:count?"),
        // MARK: Schedules
        ("Schedules", "success:true schedules:[Schedule]"),
        ("OneSchedule", "success:true message:text? schedule:Schedule runs:[ScheduleRun]?"),
        (
            "Schedule",
            """
            id:id name:text task:\(ScheduleTask.words) networks:[text] accounts:[id] targets:[text]
            sync_type:\((ScheduleAnswers.syncTypes + ["custom"]).joined(separator: "|")) streams:[text]
            interval:\(Recurrence.Interval.texts)? times:[text]? weekdays:[\(Weekday.words)]? cron:text?
            recurrence:text time_zone:text date_range:due|custom|\(NamedRange.words)
            date_from:day? date_to:day? max_runs_per_day:count? runs_today:count missed_policy:\(MissedPolicy.words)
            is_active:flag next_run_at:moment? next_runs:[moment] last_run:ScheduleRun? version:count
            created_at:moment
            """
        ),
        (
            "ScheduleRun",
            "id:id planned_at:moment started_at:moment finished_at:moment? status:\(states) is_manual:flag jobs:[id]"
        ),
        ("ScheduleStarted", "success:true message:text status:queued run:ScheduleRun jobs:[id]"),
        (
            "ScheduleOptions",
            """
            success:true intervals:[\(Recurrence.Interval.texts)] weekdays:[\(Weekday.words)] sync_types:[text]
            date_ranges:[due|custom|\(NamedRange.words)] missed_policies:[\(MissedPolicy.words)]
            time_zone:text targets:[ScheduleTarget] streams:[text]
            """
        ),
        ("ScheduleTarget", "target:text name:text network:text"),
        ("SchedulePreview", "success:true is_valid:flag fields:{text}? words:text next_runs:[moment] price:Price?"),
        // MARK: Connections
        ("Platforms", "success:true platforms:[Platform]"),
        ("OnePlatform", "success:true platform:Platform"),
        ("Platform", "id:text name:text fields:[PlatformField] asks_address:flag ways:[text]"),
        ("PlatformField", "name:text label:text hint:text is_required:flag is_secret:flag"),
        ("Connections", "success:true connections:[Connection]"),
        ("OneConnection", "success:true connection:Connection"),
        (
            "Connection",
            "id:id platform:text name:text base_url:text state:working|parked|removed cause:Parked? accounts:count"
        ),
        ("Parked", "code:text message:text advice:text"),
        ("Connected", "success:true connection:Connection credential:CredentialFacts accounts:[ReachedAccount]"),
        ("CredentialFacts", "valid:flag expires_at:moment? scopes:[text] warnings:[text] calls:count"),
        (
            "ReachedAccount",
            """
            external_id:text name:text currency:text? time_zone:text created_on:day? is_active:flag warning:text?
            account_id:id? is_elsewhere:flag?
            """
        ),
        ("ReachedAccounts", "success:true connections:[id] accounts:[ReachedAccount]"),
        ("PassedOn", "success:true account_id:id sources:[PassedAccount]"),
        ("PassedAccount", "account_id:id name:text destination_id:id?"),
        ("Begun", "success:true accounts:[BegunAccount] schedule_id:id?"),
        ("BegunAccount", "account_id:id external_id:text job_id:id? is_new:flag"),
        ("Reconnected", "success:true cancelled_jobs:count? page:text?"),
        ("Removed", "success:true cancelled_jobs:count?"),
        // MARK: Settings
        (
            "System",
            """
            success:true version:text status:text reason:text? paused:WorkPause? queue:Queue completed_last_hour:count
            chunks_per_minute:[count] workers:count busy_workers:count machines:[Machine] database:Database
            quotas:[Limit] learned:[LearnedSize]
            """
        ),
        ("WorkOrders", "success:true paused:WorkPause? history_paused:WorkPause? first_account:id?"),
        ("WorkPause", "by:text since:moment"),
        (
            "Queue",
            """
            pending:count in_progress:count waiting:count completed:count failed:count cancelled:count due:count
            oldest_due_seconds:numberornull open_jobs:count
            """
        ),
        ("Machine", "name:text in_flight:count heard_at:moment? leads:[text]"),
        ("LearnedSize", "account_id:id stream:text size:number is_fixed:flag seconds:number?"),
        ("Database", "engine:text version:text bytes:count schema:count"),
        ("Limits", "success:true quotas:[Limit]"),
        (
            "Limit",
            """
            key:text platform:text family:text accounts:[id] state:open|slowed|blocked used:number points:number
            seconds:number granted_per_second:number blocked_until:moment? is_set:flag waiting_chunks:count
            """
        ),
        ("Backups", "success:true status:idle|running|failed error:text? backups:[Backup]"),
        ("Backup", "name:text created_at:moment bytes:count is_verified:flag"),
        ("People", "success:true people:[Person] invitations:[Invitation]"),
        ("Person", "id:id name:text email:text role:\(Role.words) last_seen_at:moment?"),
        (
            "Invitation",
            "id:text email:text role:\(Role.words) expires_at:moment link:text? success:true?"
        ),
        ("PasswordLink", "success:true email:text link:text expires_at:moment"),
        ("Tokens", "success:true tokens:[Token]"),
        (
            "Token",
            """
            id:id name:text prefix:text scopes:[Scope] created_at:moment expires_at:moment? last_used_at:moment?
            token:text? success:true?
            """
        ),
        ("Notices", "success:true unread:count notices:[Notice]"),
        ("NoticesRead", "success:true unread:count"),
        (
            "Notice",
            """
            id:id kind:rejected|expiring|failed|late|stuck|history event:Topic title:text message:text advice:text
            path:text accounts:[text] account_count:count chunks:count? code:text? is_open:flag is_new:flag
            opened_at:moment closed_at:moment?
            """
        ),
        ("Targets", "success:true targets:[Target] deliveries:[Delivery]"),
        (
            "Target",
            """
            id:id kind:\(NoticeTarget.Kind.words) name:text address:text events:[Topic] language:en|vi is_on:flag
            off_reason:text? secret:text? success:true?
            """
        ),
        (
            "Delivery",
            """
            id:id target_id:id notice_id:id? message_id:text status:\(NoticeDelivery.State.words)
            attempts:count next_at:moment? answer:text? took_seconds:number? created_at:moment tried_at:moment?
            success:true?
            """
        ),
        ("Records", "success:true records:[Record] next:id? chain:Chain"),
        ("Record", "id:id at:moment actor:text action:text subject:text detail:text hash:text"),
        ("Chain", "count:count is_intact:flag broken_at:id? missing:count verified_at:moment"),
        (
            "Own",
            """
            success:true id:id name:text email:text role:\(Role.words) workspace:Workspace
            workspaces:[Workspace] sessions:[Session]
            """
        ),
        ("Workspace", "id:id name:text role:\(Role.words)"),
        ("OneWorkspace", "success:true workspace:Workspace"),
        (
            "Session",
            "id:text agent:text address:text created_at:moment last_seen_at:moment expires_at:moment is_current:flag"
        ),
        // MARK: Events
        ("Events", "success:true events:[Event] next:count"),
        ("Event", "id:id at:moment kind:text account_id:id? job_id:id? message:text"),
    ]
}
