"""Who opened or clicked: a human, a machine, or nobody can tell (TR3).

Mail scanners open and click everything within seconds, and mail services fetch pictures on behalf
of people or of nobody. The raw hit is kept beside the answer, so it can be judged again later.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

HUMAN, MACHINE, UNKNOWN = "human", "machine", "unknown"

TOO_QUICK_SECONDS = 2.0
"""Nobody reads a message this soon after it was handed over."""

_MACHINES: Mapping[str, str] = {
    "scanner": (
        r"barracuda|proofpoint|mimecast|safelinks|messagelabs|symantec|forcepoint|trendmicro|fireeye"
        r"|fortiguard|sophos|virustotal|urlscan|netcraft|cloudmark|censys|expanse|zgrab|masscan|nmap"
        r"|nikto|nessus|qualys|nuclei|sqlmap|wpscan|detectify|acunetix|security[ _-]?(?:check|scan)"
    ),
    "preview": (
        r"facebookexternalhit|facebookcatalog|meta-external|slackbot|slack-imgproxy|whatsapp/"
        r"|telegrambot|skypeuripreview|discordbot|linkedinbot|bitlybot|embedly|iframely"
        r"|vkshare|viber|linepoker|google-read-aloud|snap url preview|microsoftpreview|bingpreview"
        r"|prefetch proxy|url ?preview|link ?preview|previewbot|thumb(?:nail|shots|sniper)"
    ),
    "crawler": (
        r"bots?\b|bot[/_0-9-]|robot|crawl|spider|slurp|archiver|archive\.org|heritrix|scrap(?:er|y)"
        r"|indexer|search(?:engine|express)|mediapartners|adsbot|google(?:other|-inspection|-safety"
        r"|-extended|-site-verification|producer|docs|webLight| web preview|-structured|-adwords"
        r"|-cloudvertex|imageproxy-test)|feedfetcher|yandex(?:direct|metrika|images|favicons)|yahoo!|ia_archiver"
        r"|sogou (?:web|inst|pic|news)|baidu(?:spider|-)|360spider|bytespider|petalbot|ask jeeves"
        r"|chatgpt|gptbot|oai-search|claude(?:bot|-)|anthropic|perplexity|cohere-ai|ai2bot|mistralai"
        r"|gemini-deep|duckassist|tiktokspider|mj12|ahrefs|semrush|screaming frog|sistrix|seokicks"
        r"|dotbot|nutch|lighthouse|pagespeed|gtmetrix|webpagetest|wappalyzer|builtwith|zoominfo"
        r"|domain(?:s|stats|crawl|tools)|whois|dataprovider|netestate|research|survey|analy[sz]er"
    ),
    "monitor": (
        r"monitor|uptime|pingdom|statuscake|site24x7|newrelic|datadog|dynatrace|zabbix|nagios"
        r"|check_http|healthcheck|kube-probe|elb-health|googlehc|prometheus|blackbox|catchpoint"
        r"|apex ?ping|hetrix|better ?stack|checkly|freshping|jetpack|ruxit|alertra|synthetic"
        r"|validat(?:or|ion)|w3c_|link ?(?:check|sleuth)|checklink|checker|probe|scan(?:ner|\b)"
        r"|cloudflare-|ssl ?labs|letsencrypt|let's encrypt|certif"
    ),
    "feed": (
        r"feed|rss(?!i)|syndication|newsblur|inoreader|netvibes|miniflux|freshrss|tiny tiny"
        r"|\bfetch(?:er)?\b|fetcher|pocketparser|instapaper|flipboard"
        r"|superfeedr|ifttt|zapier|pipedream|integromat|make\.com|n8n"
    ),
    "program": (
        r"^curl/|libcurl|^wget|python-|python/|aiohttp|httpx|urllib|requests/|go-http-client|okhttp"
        r"|^java/|apache-http|jakarta|httpclient|http_request|node-fetch|^node|undici|axios|got/|guzzle"
        r"|^php|libwww|lwp::|perl|^ruby|faraday|mechanize|winhttp|postman|insomnia|^dart|reqwest|^rust"
        r"|restsharp|powershell|httpie|scrapy|colly|^axel|aria2|^http|wordpress/|drupal|magpie"
    ),
    "automation": (
        r"headlesschrome|phantomjs|slimerjs|puppeteer|playwright|selenium|webdriver|cypress|htmlunit"
        r"|electron-fetch|splash|chrome-lighthouse|nightmare"
    ),
    # Whoever names a page or an address in the user agent wants to be recognised as a program.
    "named_program": r"https?://|www\.|mailto:|@[a-z]|compatible; ?(?!msie|konqueror)[a-z]",
}
_MACHINE = re.compile("|".join(f"(?P<{k}>{v})" for k, v in _MACHINES.items()), re.IGNORECASE)

# The families that open pages and run what stands in them.
_LOOKERS = ("scanner", "preview", "crawler", "automation")
_LOOKER = re.compile("|".join(_MACHINES[family] for family in _LOOKERS), re.IGNORECASE)

_IMAGE_PROXY = re.compile(
    r"GoogleImageProxy|YahooMailProxy|ymailproxy|ggpht\.com|^Mozilla/5\.0$|Outlook-iOS-Proxy"
    r"|QQMailImageProxy|MailRuImageProxy|FastMailImageProxy",
    re.IGNORECASE,
)


def classify(
    method: str, headers: Mapping[str, str], seconds_since_sent: float | None
) -> tuple[str, list[str]]:
    """The actor (human, machine or unknown) behind a hit, and every reason for saying so.

    Header names are lower case; `seconds_since_sent` is None when no message is behind the hit.
    """
    agent = headers.get("user-agent", "").strip()
    reasons = []
    proxy = _IMAGE_PROXY.search(agent)
    if method == "HEAD":
        reasons.append("head")
    if seconds_since_sent is not None and seconds_since_sent < TOO_QUICK_SECONDS:
        reasons.append("too_quick")
    if _is_prefetch(headers):
        reasons.append("prefetch")
    if not proxy and (found := machine_family(agent)):
        reasons.append(found)
    if reasons:
        return MACHINE, reasons
    if proxy:
        return UNKNOWN, ["image_proxy"]
    if not agent:
        return UNKNOWN, ["no_user_agent"]
    return HUMAN, []


def machine_family(user_agent: str) -> str | None:
    """The family of machines that the user agent belongs to, or None if a person may sit there."""
    found = _MACHINE.search(user_agent)
    return found.lastgroup if found else None


def looks_at_pages(user_agent: str) -> bool:
    """Whether it belongs to a program that opens pages; libraries, by which servers ask, do not."""
    return _LOOKER.search(user_agent) is not None


def _is_prefetch(headers: Mapping[str, str]) -> bool:
    said = (headers.get(name, "") for name in ("purpose", "sec-purpose", "x-purpose", "x-moz"))
    return any("prefetch" in value.lower() or "preview" in value.lower() for value in said)
