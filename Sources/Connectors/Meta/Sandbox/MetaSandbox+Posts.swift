import SyncCore

extension MetaSandbox {
    /// Posts of pages. Post `n` of a page was written `n` steps after the first, so that the later ones
    /// appear as time goes on.
    struct Posts: Sendable {
        let model: Model
        let now: Int64

        private var knobs: MetaWorld.Pages { model.world.pages }
        private var anchor: Int64 { Int64(model.world.anchor.daysSince1970) * 86_400 }
        private var step: Int64 { max(600, Int64(knobs.days) * 86_400 / Int64(max(1, knobs.postsEach))) }
        private var start: Int64 { anchor - step * Int64(knobs.postsEach) }

        /// Posts of a page until now, those of visitors included, which come after all others.
        func count(of page: Int) -> Int { own(of: page) + knobs.visitorPosts }

        private func own(of page: Int) -> Int {
            knobs.postsEach == 0 ? 0 : max(0, Int((now - start) / step))
        }

        func isVisitor(_ post: Int, of page: Int) -> Bool { post >= own(of: page) }

        func created(_ post: Int, of page: Int) -> Int64 {
            if isVisitor(post, of: page) { return start + Int64(post - own(of: page) + 1) * 86_400 }
            return start + Int64(post) * step + Int64(Mix.below(Int(step / 2), seed(post, of: page)))
        }

        func updated(_ post: Int, of page: Int) -> Int64 {
            let made = created(post, of: page)
            return min(now, made + Int64(Mix.below(5 * 86_400, Mix.hash(seed(post, of: page), 1))))
        }

        func seed(_ post: Int, of page: Int) -> UInt64 { Mix.hash(model.pageSeeds[page], post) }

        /// Indexes that an edge lists, newest first: at most the yearly cap of each year, best-ranked first
        /// to stay (meta.md 2.7).
        func listed(of page: Int, edge: String, since: Int64?, until: Int64?) -> [Int] {
            let all = (0..<(edge == "feed" ? count(of: page) : own(of: page))).filter { created($0, of: page) <= now }
            var perYear: [Int: [Int]] = [:]
            for post in all {
                let day = Int32(truncatingIfNeeded: created(post, of: page) / 86_400)
                perYear[CivilDate(daysSince1970: day).parts.year, default: []].append(post)
            }
            var kept: [Int] = []
            for year in perYear.keys.sorted() {
                let posts = perYear[year] ?? []
                let ranked = posts.sorted { seed($0, of: page) < seed($1, of: page) }
                kept += posts.count > knobs.yearlyCap ? Array(ranked.prefix(knobs.yearlyCap)) : posts
            }
            return kept.filter { post in
                let made = created(post, of: page)
                return made >= since ?? .min && made < until ?? .max
            }.sorted { created($0, of: page) > created($1, of: page) }
        }
    }
}
