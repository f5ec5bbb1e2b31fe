import SyncCore

/// What is measured of a worker, by name. Labels are words of ours, platforms and the ids of limits: no name of an
/// account, no address, nothing secret.
enum WorkerMetrics {
    static func families(_ vitals: WorkerVitals) -> [MetricFamily] {
        work(vitals) + done(vitals.tally) + quotas(vitals.quotas) + process(vitals)
    }

    // MARK: Gauges of the database

    private static func work(_ vitals: WorkerVitals) -> [MetricFamily] {
        let up = one(
            "sluice_database_up", .gauge, "Whether the database answers, 1 or 0; else work is not counted.",
            vitals.depth == nil ? 0 : 1)
        guard let depth = vitals.depth else { return [up] }
        return [
            up,
            each(
                "sluice_chunks", .gauge, "Chunks in the database by state.", "state",
                WorkState.allCases.map { ($0.rawValue, depth.chunks[$0] ?? 0) }),
            one(
                "sluice_chunks_due", .gauge, "Chunks that a worker should have in hand and none has.",
                Double(depth.due)),
            one(
                "sluice_oldest_due_chunk_seconds", .gauge, "How long the oldest due chunk has been there, else 0.",
                depth.oldestDue?.inSeconds ?? 0),
            one("sluice_jobs_open", .gauge, "Jobs that are not at their end.", Double(depth.openJobs)),
        ] + promises(depth.promises)
    }

    /// How far prices were off: 1 is right, 2 is half or twice of it.
    private static func promises(_ ratios: [Double]) -> [MetricFamily] {
        let factors = ratios.map { max($0, 1 / max($0, 0.001)) }.sorted()
        guard let worst = factors.last else { return [] }
        return [
            MetricFamily(
                name: "sluice_price_error_ratio",
                help: "By which factor the calls of finished syncs differ from what was promised, of the last hundred.",
                kind: .gauge,
                samples: [("0.5", factors[factors.count / 2]), ("1", worst)].map {
                    .init(labels: [label("quantile", $0.0)], value: $0.1)
                })
        ]
    }

    // MARK: Counters of this process

    private static func done(_ tally: Tally) -> [MetricFamily] {
        [
            each(
                "sluice_chunk_outcomes_total", .counter, "What became of chunks in this process's hands.", "outcome",
                Tally.ChunkEnd.allCases.map { ($0.rawValue, tally.chunks[$0] ?? 0) }),
            MetricFamily(
                name: "sluice_api_calls_total", help: "Calls to platforms and how they ended.", kind: .counter,
                samples: calls(tally)),
            one("sluice_rows_received_total", .counter, "Rows in answers of platforms.", Double(tally.rowsReceived)),
            one("sluice_rows_written_total", .counter, "Rows stored new or changed.", Double(tally.rowsWritten)),
            one(
                "sluice_rows_deleted_total", .counter, "Rows that a platform has no more.", Double(tally.rowsDeleted)),
            one(
                "sluice_received_bytes_total", .counter, "Bytes of answers whose rows were stored.",
                Double(tally.bytesReceived)),
            one(
                "sluice_permit_wait_seconds_total", .counter, "Time that chunks stood in line for permits to call.",
                tally.permitWait.inSeconds),
            histogram("sluice_claim_duration_seconds", "How long a look for due chunks took.", tally.claims),
            histogram(
                "sluice_batch_write_duration_seconds", "How long it took to commit a batch, its tries again included.",
                tally.writes),
        ]
    }

    /// All outcomes of a platform that was called, so that a rate exists before the first error.
    private static func calls(_ tally: Tally) -> [MetricFamily.Sample] {
        let platforms = Set(tally.calls.keys.map(\.platform.rawValue)).sorted()
        return platforms.flatMap { platform in
            Tally.CallOutcome.allCases.map { outcome in
                MetricFamily.Sample(
                    labels: [label("platform", platform), label("outcome", outcome.rawValue)],
                    value: Double(tally.calls[Tally.Call(PlatformID(platform), outcome)] ?? 0))
            }
        }
    }

    // MARK: Quotas

    private static func quotas(_ uses: [QuotaUse]) -> [MetricFamily] {
        let uses = uses.sorted { $0.key < $1.key }
        func family(_ name: String, _ help: String, _ value: (QuotaUse) -> Double) -> MetricFamily {
            MetricFamily(
                name: name, help: help, kind: .gauge,
                samples: uses.map { use in
                    let labels = [
                        label("platform", use.key.platform), label("family", use.key.family),
                        label("subject", use.key.subject),
                    ]
                    return MetricFamily.Sample(labels: labels, value: value(use))
                })
        }
        return [
            family("sluice_quota_points_per_second", "Points that a limit allows now.") { $0.perSecond },
            family("sluice_quota_used_ratio", "The used part of what a limit allows at once.") { $0.used },
            family("sluice_quota_blocked_seconds", "What is left of a block by the platform.") {
                $0.blockedFor.inSeconds
            },
        ]
    }

    // MARK: The process

    private static func process(_ vitals: WorkerVitals) -> [MetricFamily] {
        let memory = vitals.memory.map { bytes in
            one("sluice_process_resident_memory_bytes", .gauge, "Resident memory of this process.", Double(bytes))
        }
        return [
            one("sluice_workers", .gauge, "Most chunks in hand at once.", Double(vitals.workers)),
            one("sluice_workers_busy", .gauge, "Chunks in hand.", Double(vitals.busyWorkers)),
            one("sluice_draining", .gauge, "Whether this process is about to end: 1 or 0.", vitals.isDraining ? 1 : 0),
            MetricFamily(
                name: "sluice_build_info", help: "The program's version.", kind: .gauge,
                samples: [.init(labels: [label("version", vitals.version)], value: 1)]),
            one(
                "sluice_process_start_time_seconds", .gauge, "When this process began, in seconds since 1970.",
                Double(vitals.startedAt.microseconds) / 1_000_000),
        ] + [memory].compactMap { $0 }
    }

    // MARK: Forms

    private static func label(_ name: String, _ value: String) -> MetricFamily.Label { .init(name: name, value: value) }

    private static func one(
        _ name: String, _ kind: MetricFamily.Kind, _ help: String, _ value: Double
    ) -> MetricFamily {
        MetricFamily(name: name, help: help, kind: kind, samples: [.init(value: value)])
    }

    private static func each(
        _ name: String, _ kind: MetricFamily.Kind, _ help: String, _ by: String, _ values: [(String, Int)]
    ) -> MetricFamily {
        MetricFamily(
            name: name, help: help, kind: kind,
            samples: values.map { .init(labels: [label(by, $0.0)], value: Double($0.1)) })
    }

    private static func histogram(_ name: String, _ help: String, _ values: Histogram) -> MetricFamily {
        var samples = values.cumulative.map { bound, count in
            MetricFamily.Sample(
                suffix: "_bucket", labels: [label("le", MetricsPage.number(bound))], value: Double(count))
        }
        samples.append(.init(suffix: "_bucket", labels: [label("le", "+Inf")], value: Double(values.count)))
        samples.append(.init(suffix: "_sum", value: values.sum))
        samples.append(.init(suffix: "_count", value: Double(values.count)))
        return MetricFamily(name: name, help: help, kind: .histogram, samples: samples)
    }
}
