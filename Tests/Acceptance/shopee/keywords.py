"""Edits of keywords, which fail one by one (platforms.md 1.13, 1.16.9)."""
from checks import check, control, equal, filled

from .client import LITTLE, fresh, refused, shape
from .writes import DUPLICATE, SETTINGS, Editor, created, error, setting

KEYWORDS = "ads/edit_manual_product_ad_keywords"


class WordEditor(Editor):
    def keywords(self, *edits):
        self.count += 1
        return self.shop.post(KEYWORDS, reference_id=f"{self.campaign}/{self.count}", campaign_id=self.campaign,
                              selected_keywords=list(edits))


def word(action, keyword, **other):
    return {"edit_action": action, "keyword": keyword} | other


def with_words(shop):
    words = [{"keyword": name, "match_type": "exact", "bid_price_per_click": 900} for name in ("ao gio", "ao khoac")]
    return WordEditor(shop, created(shop, bidding_method="manual", roas_target=None, selected_keywords=words))


def words_of(edit):
    found = setting(edit.shop, edit.campaign)["manual_bidding_info"]["selected_keywords"]
    return {row["keyword"]: (row["status"], row["match_type"], row["bid_price_per_click"]) for row in found}


@check("keywords are added, deleted, restored and changed")
def keywords():
    edit = with_words(fresh())
    got = edit.keywords(
        word("add", "vay", match_type="broad", bid_price_per_click=1000),
        word("change_bid_price", "ao gio", bid_price_per_click=1500), word("delete", "ao khoac")).response
    shape(got, {"campaign_id": int, "failed_edits": list})
    equal((got["campaign_id"], got["failed_edits"]), (edit.campaign, []))
    equal(words_of(edit), {"ao gio": ("normal", "exact", 1500), "ao khoac": ("deleted", "exact", 900),
                           "vay": ("normal", "broad", 1000)})
    edit.keywords(word("restore", "ao khoac"), word("change_match_type", "vay", match_type="exact")).response
    equal(words_of(edit), {"ao gio": ("normal", "exact", 1500), "ao khoac": ("normal", "exact", 900),
                           "vay": ("normal", "exact", 1000)})


@check("keywords fail one by one, with an empty error around them; the others are applied")
def partial():
    edit = with_words(fresh())
    answer = edit.keywords(
        word("add", "ao gio", match_type="exact", bid_price_per_click=900),
        word("add", "dat", match_type="exact", bid_price_per_click=10 ** 9),
        word("add", "re", match_type="exact", bid_price_per_click=1),
        word("delete", "nobody"), word("change_bid_price", "ao khoac", bid_price_per_click=900),
        word("change_bid_price", "ao gio", bid_price_per_click=1100))
    equal((answer.status, answer.json["error"]), (200, ""))
    failed = answer.response["failed_edits"]
    for row in filled(failed):
        shape(row, {"keyword": str, "error": str, "message": str})
    equal([(row["keyword"], row["error"]) for row in failed], [
        ("ao gio", "ads.keyword.already_exists"), ("dat", "ads.keyword.price_too_high"),
        ("re", "ads.keyword.price_too_low"), ("nobody", "ads.keyword.not_found"),
        ("ao khoac", "ads.keyword.no_update")])
    equal(words_of(edit)["ao gio"], ("normal", "exact", 1100))
    equal(sorted(words_of(edit)), ["ao gio", "ao khoac"])


@check("reserved and blacklisted keywords cannot be bought")
def forbidden_words():
    shop = fresh()
    seen = {}
    ids = sorted(map(int, control("ids")))
    for at in range(0, len(ids), 100):
        page = shop.get(SETTINGS, campaign_id_list=ids[at:at + 100], info_type_list="2").response["campaign_list"]
        for row in page:
            for found in (row.get("manual_bidding_info") or {}).get("selected_keywords", []):
                seen.setdefault(found["status"], found["keyword"])
    equal({"reserved", "blacklist"} <= set(seen), True)
    failed = with_words(shop).keywords(*(
        word("add", seen[kind], match_type="exact", bid_price_per_click=900) for kind in ("reserved", "blacklist")
    )).response["failed_edits"]
    equal([row["error"] for row in failed], ["ads.keyword.is_reserved", "ads.keyword.is_blacklisted"])


@check("keyword edits are guarded like others: reference ids, campaigns, and campaigns of automatic bids")
def keyword_guards():
    shop = fresh()
    edit = with_words(shop)
    body = {"reference_id": "k", "campaign_id": edit.campaign, "selected_keywords": [word("delete", "ao gio")]}
    equal(error(shop.post(KEYWORDS, **body)), "")
    equal(shop.post(KEYWORDS, **body).refusal, DUPLICATE)
    other = int(control(f"ids?account={LITTLE}")[0])
    equal(error(shop.post(KEYWORDS, **body | {"reference_id": "k2", "campaign_id": other})),
          "ads.shop.campaign_not_match")
    refused(shop.post(KEYWORDS, reference_id="k3", campaign_id=edit.campaign), 400, "error_param")
    refused(shop.post(KEYWORDS, reference_id="k4", campaign_id=edit.campaign, selected_keywords=[]), 400, "error_param")
