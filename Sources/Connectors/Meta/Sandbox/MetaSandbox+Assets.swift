import SyncCore

extension MetaSandbox.Reader {
    /// Fields of an ad account; gated ones are refused, as the platform does with fields that need another
    /// permission or task (meta.md 2.2).
    func account(_ name: String, _ index: Int) throws(GraphError) -> JSON? {
        let account = view.account(index)
        let spec = account.spec
        if spec.gatedFields.contains(name) {
            let field = world.reading.namesGatedField ? "field '\(name)'" : "object"
            throw GraphError(
                200, nil, "(#200) Requires business_management permission to access the \(field)", status: 403)
        }
        switch name {
        case "account_id": return .text(spec.id)
        case "name": return .text(spec.name)
        case "account_status": return .int(Int64(spec.status))
        case "disable_reason": return .int(spec.status == 2 ? 1 : 0)
        case "currency": return .text(spec.currency)
        case "timezone_name": return .text(spec.zone)
        case "timezone_id": return .int(Int64(account.seed % 200))
        case "timezone_offset_hours_utc": return .int(account.zone.offset(at: view.now) / 3600)
        case "created_time": return time(account.created, index)
        case "amount_spent": return .text(String(Int64(account.seed % 900_000_000)))
        case "balance": return .text(String(Int64(account.seed % 70_000)))
        case "spend_cap": return .text("0")
        case "min_daily_budget": return .int(account.places == 0 ? 25_000 : 100)
        case "min_campaign_group_spend_cap": return .text(account.places == 0 ? "2500000" : "10000")
        case "owner": return .text(spec.business.map { world.businesses[$0].id } ?? grant.userID)
        case "age": return .number("\((view.now - account.created) / 86_400).5")
        case "is_prepay_account": return .bool(false)
        case "is_personal": return .int(spec.relation == .personal ? 1 : 0)
        case "funding_source": return .text("2\(account.seed % 1_000_000_000)")
        case "funding_source_details":
            return .object([("id", .text("2\(account.seed % 1_000_000_000)")), ("type", .int(1))])
        case "user_tasks": return .list(["DRAFT", "ANALYZE", "ADVERTISE", "MANAGE"].map { .text($0) })
        case "capabilities": return .list([.text("CAN_USE_REACH_AND_FREQUENCY")])
        case "business_name": return spec.business.map { .text(world.businesses[$0].name) }
        case "tos_accepted": return .object([("web_custom_audience_tos", .int(1))])
        default: return nil
        }
    }

    func business(_ name: String, _ index: Int) -> JSON? {
        let made = Int64(world.anchor.daysSince1970 - 900) * 86_400
        return switch name {
        case "name": .text(world.businesses[index].name)
        case "created_time": time(made, nil)
        case "updated_time": time(made + 40 * 86_400, nil)
        case "timezone_id": .int(145)
        case "vertical": .text("RETAIL")
        case "verification_status": .text("verified")
        case "two_factor_type": .text("admin_required")
        case "link": .text("https://www.facebook.com/\(world.businesses[index].id)")
        case "is_hidden": .bool(false)
        case "primary_page":
            world.pages.count > 0 ? .object([("id", .text(id(.page(0)))), ("name", .text("Trang 1"))]) : nil
        default: nil
        }
    }

    func page(_ name: String, _ index: Int) -> JSON? {
        let seed = view.model.pageSeeds[index]
        switch name {
        case "name": return .text("Trang \(index + 1) – Cửa hàng")
        case "access_token":
            return grant.scopes.contains("pages_show_list")
                ? .text(MetaSandbox.AuthState.pageToken(index, of: grant, world)) : nil
        case "category": return .text("Clothing (Brand)")
        case "category_list":
            return .list([.object([("id", .text("2209")), ("name", .text("Clothing (Brand)"))])])
        case "tasks": return .list(["ANALYZE", "ADVERTISE", "CREATE_CONTENT", "MANAGE"].map { .text($0) })
        case "username": return .text("trang.\(index + 1)")
        case "link": return .text("https://www.facebook.com/\(id(.page(index)))")
        case "fan_count", "followers_count": return .int(Int64(seed % 90_000))
        case "verification_status": return .text("not_verified")
        case "is_published": return .bool(true)
        case "talking_about_count": return .int(Int64(seed % 900))
        case "rating_count": return .int(Int64(seed % 70))
        case "overall_star_rating": return .number("4.\(seed % 10)")
        case "website": return .text("https://shop.example/\(index + 1)")
        case "about": return .text("Thời trang \"mỗi ngày\"")
        case "business":
            guard let first = world.businesses.first else { return nil }
            return .object([("id", .text(first.id)), ("name", .text(first.name))])
        case "picture":
            return .object([("data", .object([("url", .text("https://scontent.example/p/\(index).jpg"))]))])
        case "instagram_business_account":
            return index == 0 ? .object([("id", .text("17841400000000001"))]) : nil
        default: return nil
        }
    }

    func post(_ field: Field, _ page: Int, _ post: Int) -> JSON? {
        let posts = view.posts
        let seed = posts.seed(post, of: page)
        let isVisitor = posts.isVisitor(post, of: page)
        switch field.name {
        case "message": return seed % 20 == 0 ? nil : .text("Bài viết \(post + 1) 👗 #sale")
        case "story": return seed % 20 == 0 ? .text("Trang \(page + 1) updated their cover photo.") : nil
        case "created_time": return time(posts.created(post, of: page), nil)
        case "updated_time": return time(posts.updated(post, of: page), nil)
        case "permalink_url": return .text("https://www.facebook.com/\(id(.post(page, post)))")
        case "full_picture", "picture": return .text("https://scontent.example/f/\(String(seed, radix: 36)).jpg")
        case "status_type": return .text(isVisitor ? "wall_post" : "added_photos")
        case "is_published": return .bool(true)
        case "is_hidden", "is_expired": return .bool(false)
        case "is_eligible_for_promotion": return .bool(seed % 3 > 0)
        case "promotable_id": return .text(id(.post(page, post)))
        case "promotion_status": return .text("inactive")
        case "from":
            let author = isVisitor ? ("77\(seed % 100_000)", "Khách") : (id(.page(page)), "Trang \(page + 1)")
            return .object([("id", .text(author.0)), ("name", .text(author.1))])
        case "shares": return seed % 4 == 0 ? nil : .object([("count", .int(Int64(seed % 90)))])
        case "comments", "reactions", "likes":
            let total = Int64((seed >> (field.name == "comments" ? 8 : 16)) % 400)
            let summary: [(key: String, value: JSON)] = [
                ("total_count", .int(total)), ("can_comment", .bool(true)),
            ]
            var members: [(key: String, value: JSON)] = [("data", .list([]))]
            if field.arguments["summary"] != nil { members.append(("summary", .object(summary))) }
            return .object(members)
        case "attachments":
            let item: [(key: String, value: JSON)] = [
                ("media_type", .text("photo")), ("title", .text("Ảnh")),
                ("url", .text("https://www.facebook.com/photo/\(seed % 1_000_000)")),
            ]
            return .object([("data", .list([.object(item)]))])
        default: return nil
        }
    }
}
