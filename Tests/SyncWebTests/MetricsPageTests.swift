import SyncCore
import Testing

@testable import SyncWeb

@Suite("The page of metrics")
struct MetricsPageTests {
    @Test("is written as Prometheus reads it, with what is special in labels and help escaped")
    func format() {
        let text = MetricsPage.text([
            MetricFamily(
                name: "a_total", help: "Back\\slash and\nline.", kind: .counter,
                samples: [.init(labels: [.init(name: "x", value: "q\"b\\n\n")], value: 1.5)]),
            MetricFamily(name: "b", help: "None.", kind: .gauge, samples: []),
        ])

        #expect(
            text == """
                # HELP a_total Back\\\\slash and\\nline.
                # TYPE a_total counter
                a_total{x="q\\"b\\\\n\\n"} 1.5
                # HELP b None.
                # TYPE b gauge

                """)
    }

    @Test(
        "writes whole numbers without a point",
        arguments: [
            (0, "0"), (25, "25"), (-3, "-3"), (0.25, "0.25"), (1e20, "1e+20"), (.infinity, "+Inf"),
            (-.infinity, "-Inf"), (.nan, "NaN"),
        ] as [(Double, String)])
    func numbers(_ value: Double, _ text: String) {
        #expect(MetricsPage.number(value) == text)
    }

    @Test("holds every number of a worker under names of ours, and no name twice")
    func families() {
        let families = WorkerMetrics.families(.scene())

        #expect(Set(families.map(\.name)).count == families.count)
        #expect(families.allSatisfy { $0.name.hasPrefix("sluice_") && $0.help.hasSuffix(".") })
        #expect(families.allSatisfy { ($0.kind == .counter) == $0.name.hasSuffix("_total") })
        let text = MetricsPage.text(families)
        for line in [
            #"sluice_chunks{state="in_progress"} 2"#, "sluice_chunks_due 37", "sluice_oldest_due_chunk_seconds 12.5",
            "sluice_jobs_open 3", #"sluice_api_calls_total{platform="meta",outcome="ok"} 2"#,
            #"sluice_api_calls_total{platform="meta",outcome="error"} 0"#,
            #"sluice_chunk_outcomes_total{outcome="rescued"} 0"#, "sluice_permit_wait_seconds_total 1.5",
            #"sluice_claim_duration_seconds_bucket{le="0.005"} 1"#,
            #"sluice_claim_duration_seconds_bucket{le="+Inf"} 2"#, "sluice_claim_duration_seconds_count 2",
            #"sluice_quota_points_per_second{platform="meta",family="account",subject="1"} 30"#,
            #"sluice_quota_blocked_seconds{platform="meta",family="account",subject="1"} 60"#, "sluice_workers 16",
            "sluice_workers_busy 2", #"sluice_build_info{version="1.2.3"} 1"#, "sluice_database_up 1",
            #"sluice_price_error_ratio{quantile="0.5"} 1.5"#, #"sluice_price_error_ratio{quantile="1"} 4"#,
            "sluice_process_start_time_seconds 1795000000", "sluice_process_resident_memory_bytes 1048576",
        ] {
            #expect(text.contains("\n\(line)\n"), "no line \(line)")
        }
    }

    @Test("still tells what the process has done while the database is away, and no old numbers of work")
    func away() {
        var vitals = WorkerVitals.scene()
        vitals.depth = nil

        let text = MetricsPage.text(WorkerMetrics.families(vitals))

        #expect(text.contains("\nsluice_database_up 0\n"))
        #expect(!text.contains("sluice_chunks_due"))
        #expect(text.contains("sluice_api_calls_total"))
    }
}

extension WorkerVitals {
    /// A worker in the middle of its work.
    static func scene() -> WorkerVitals {
        let now = Instant(seconds: 1_795_000_000)
        let meta = PlatformID("meta")
        var tally = Tally()
        tally.called(meta, .ok)
        tally.called(meta, .ok)
        tally.stoodInLine(.milliseconds(1500))
        tally.claimed(in: .milliseconds(3))
        tally.claimed(in: .seconds(7))
        var quota = Quota(limit: QuotaLimit(points: 60, per: .seconds(1), burst: 60), at: now)
        quota.throttled(until: now + .seconds(60), least: .seconds(60), jitter: 0, at: now)
        var depth = QueueDepth(
            chunks: [.pending: 40, .inProgress: 2], due: 37, oldestDue: .milliseconds(12_500), openJobs: 3)
        depth.promises = [1, 0.25, 1.5]
        return WorkerVitals(
            depth: depth,
            quotas: [QuotaUse(QuotaKey(meta, "account", "1"), quota, at: now)], tally: tally, busyWorkers: 2,
            workers: 16, isDraining: false, startedAt: now, memory: 1 << 20, version: "1.2.3")
    }
}
