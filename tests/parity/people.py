"""A small market, simulated from a seed: what its people did, as lines of the event log.

It holds what engines disagree on: text in several scripts, empty text, numbers as text, zeros in
front, nothing beside null, moments of the same instant, other currencies, machines, and people who
were merged, parted and erased.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

from muster.events import names
from muster.events.shape import event, identify, iso
from muster.events.spool import SpoolWriter, lines

NOW = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)
CHANNELS = ("email", "sms", "wecom", "search", "social")
CITIES = ("上海", "München", "", "Zürich", "北京", "aachen", "Aachen", "100% Stadt_")
PATHS = ("/", "/shop", "/shop/tee", "/blog?a=1", "/%E4%B8%8A%E6%B5%B7", "/cart")
REFERRERS = (
    "",
    "https://www.google.com/",
    "https://www.baidu.com/s?wd=%E8%8C%B6",
    "https://news.example/a/b",
    "https://m.facebook.com/x",
)
TAGS = (
    "",
    "?utm_source=edm&utm_medium=email&utm_campaign=spring+sale",
    "?gclid=abc",
    "?q=50%25",
    "?utm_source=%ff&utm_medium=%E4%B8",
)
PARTS = 4
"""The log is loaded in so many steps, so that later ones change what earlier ones wrote."""
_RECEIVED = [iso(NOW + timedelta(minutes=part)) for part in range(PARTS)]
_BLOCK_BYTES = 16 * 1024 * 1024


class Market:
    """Everything that happened, in a file of lines for each step of loading."""

    def __init__(self, people: int, folder: Path, seed: int = 7) -> None:
        self._random = random.Random(seed)
        self._count = 0
        self.people = people
        self.events = 0
        self.parts = [folder / f"part{part}.ndjson" for part in range(PARTS)]
        folder.mkdir(parents=True, exist_ok=True)
        with ExitStack() as stack:
            self._files = [stack.enter_context(path.open("wb")) for path in self.parts]
            for number in range(1, people + 1):
                self._live(number)
            self._bring_together()

    def write(self, spool: SpoolWriter, part: int) -> None:
        """Append one part to the log."""
        with self.parts[part].open("rb") as file:
            while block := file.readlines(_BLOCK_BYTES):
                spool.append_lines(b"".join(block))

    def _live(self, number: int) -> None:
        draw, user = self._random, f"u{number}"
        first = draw.random() * 700
        if number % 3 == 0:
            # A visitor, whose name is learnt in the next step of loading.
            for moment in self._moments(draw.randint(1, 4), first):
                self._visit(0, moment, anonymous_id=f"a{number}")
        self._said(
            draw.choice((0, 1)),
            identify(
                self._traits(number),
                user_id=user,
                anonymous_id=f"a{number}" if number % 3 == 0 else None,
                at=self._at(first),
                message_id=self._id(),
            ),
        )
        for moment in self._moments(draw.randint(0, 5), first):
            self._visit(draw.randrange(PARTS), moment, user_id=user)
        for moment in self._moments(draw.randint(0, 4), first):
            self._order(user, moment)
        for send in range(draw.randint(0, 4)):
            self._message(number, user, send)
        self._words(user)

    def _traits(self, number: int) -> dict[str, object]:
        draw = self._random
        traits: dict[str, object] = {
            "email": f"p{number}@{draw.choice(('shop.example', 'firma.example', 'qq.com'))}",
            "level": draw.choice(("L1", "L2", "L3", "007")),
            "city": draw.choice(CITIES),
            "age": draw.choice((18, 25, 25.5, 40, 61)),
            "vip": draw.random() < 0.3,
            "birthday": f"19{draw.randint(50, 99)}-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}",
            "size": draw.choice((38, 40, "M", "1e2", None)),
            "joined": iso(self._at(draw.random() * 400)),
        }
        if draw.random() < 0.5:
            traits["phone"] = draw.choice(("+49", "+86", "+1")) + f"17{number:09}"
        for name in ("city", "age", "vip", "birthday"):
            if draw.random() < 0.2:
                del traits[name]
        return traits

    def _visit(self, part: int, moment: datetime, **who: str) -> None:
        draw = self._random
        referrer, tag = draw.choice(REFERRERS), draw.choice(TAGS)
        for look in range(draw.randint(1, 4)):
            url = f"https://shop.example{draw.choice(PATHS)}" + (tag if look == 0 else "")
            properties = {
                "url": url.replace("?a=1?", "?a=1&"),
                "view": self._id(),
                "screen": [draw.choice((390, 800, 1440)), 800],
            }
            if look == 0 and referrer:
                properties["referrer"] = referrer
            machine = "machine" if draw.random() < 0.05 else ""
            self._said(
                part,
                event("Page Viewed", properties=properties, at=moment, **self._named(who)),
                "key:web",
                machine,
            )
            left = {
                **properties,
                "seconds": draw.choice((3, 12.5, 4000)),
                "depth": draw.randint(0, 120),
            }
            if draw.random() < 0.6:
                self._said(
                    part,
                    event(
                        "Page Left",
                        properties=left,
                        at=moment + timedelta(seconds=5),
                        **self._named(who),
                    ),
                    "key:web",
                )
            moment += timedelta(
                seconds=draw.choice((20, 600, 1799, 1801, 5000)), microseconds=draw.randrange(1000)
            )
        if draw.random() < 0.2:
            form = {"form": draw.choice(("price list", "newsletter")), "note": 'a"b\\c\u4e2d\n'}
            self._said(
                part,
                event("Form Submitted", properties=form, at=moment, **self._named(who)),
                "key:web",
            )

    def _order(self, user: str, moment: datetime) -> None:
        draw, part = self._random, self._random.randrange(PARTS)
        properties: dict[str, object] = {
            "order_id": f"o{self._count}",
            "currency": draw.choice(("CNY", "cny", "EUR")),
            "colour": draw.choice(("red", "RED", "rot", "紅")),
            "items": draw.choice((1, 2, "3", 4.5, "many", None)),
            "shipping": {"city": draw.choice(CITIES), "to": None},
        }
        properties[draw.choice(("total", "revenue"))] = draw.choice((12, "99.50", 0.1, 1234.5678))
        if draw.random() < 0.3:
            properties["discount"] = draw.choice((1, "2.50"))
        channel = draw.choice((*CHANNELS, None))
        if channel:
            # A touch of the very instant of the order counts for it.
            context = {"campaign": {"channel": channel, "name": draw.choice(("Spring", "春"))}}
            at = moment - timedelta(seconds=draw.choice((0, 60, 86_400)))
            self._said(
                part,
                event(
                    "Product Viewed",
                    user_id=user,
                    properties={"sku": "A1"},
                    context=context,
                    at=at,
                    message_id=self._id(),
                ),
                "key:web",
            )
        self._said(
            part,
            event(
                names.ORDER_COMPLETED,
                user_id=user,
                properties=properties,
                at=moment,
                message_id=self._id(),
            ),
            "key:shop",
        )
        if draw.random() < 0.1:
            again = {**properties, "revenue": draw.choice((None, 12, "98.00"))}
            later = timedelta(hours=draw.choice((-3, 0, 30)))
            self._said(
                draw.randrange(PARTS),
                event(
                    names.ORDER_COMPLETED,
                    user_id=user,
                    properties=again,
                    at=moment + later,
                    message_id=self._id(),
                ),
                "key:web",
            )
        if draw.random() < 0.15:
            back = {
                "order_id": properties["order_id"],
                "currency": properties["currency"],
                "revenue": 5,
            }
            self._said(
                part,
                event(
                    names.ORDER_REFUNDED,
                    user_id=user,
                    properties=back,
                    at=moment + timedelta(days=2),
                    message_id=self._id(),
                ),
                "key:shop",
            )

    def _message(self, number: int, user: str, send: int) -> None:
        draw, part = self._random, self._random.randrange(PARTS)
        sent = self._at(draw.random() * 60)
        campaign = {
            "channel": draw.choice(("email", "sms")),
            "campaign_id": f"c{send % 2}",
            "send_id": f"s{send}",
            "message_id": f"m{number}-{send}",
            "variant": draw.choice("AB"),
        }

        def about(name: str, after: float, **properties: object) -> None:
            self._said(
                part,
                event(
                    name,
                    user_id=user,
                    properties=properties,
                    context={"campaign": campaign},
                    at=sent + timedelta(seconds=after),
                    message_id=self._id(),
                ),
            )

        about(names.MESSAGE_SENT, 0)
        fate = draw.random()
        if fate < 0.1:
            about(names.MESSAGE_BOUNCED, 5)
            return
        if fate < 0.8:
            about(names.MESSAGE_DELIVERED, 3)
        if draw.random() < 0.6:
            about(names.MESSAGE_OPENED, 100, actor=draw.choice(("human", "machine", "unknown")))
        if draw.random() < 0.3:
            about(names.MESSAGE_CLICKED, 130.000_5)
        if draw.random() < 0.05:
            about(names.UNSUBSCRIBED, 200, purpose="marketing")

    def _words(self, user: str) -> None:
        draw = self._random
        for channel in ("email", "sms"):
            if draw.random() < 0.7:
                said = draw.choice((names.CONSENT_GIVEN, names.CONSENT_WITHDRAWN))
                properties = {"channel": channel, "source": draw.choice(("form", "double_opt_in"))}
                if draw.random() < 0.2:
                    properties["expires_at"] = iso(NOW - timedelta(days=draw.randint(-50, 50)))
                self._said(
                    draw.randrange(PARTS),
                    event(
                        said,
                        user_id=user,
                        properties=properties,
                        at=self._at(draw.random() * 900),
                        message_id=self._id(),
                    ),
                )
        for tag in ("vip", "早鸟"):
            if draw.random() < 0.3:
                name = draw.choice(
                    (names.PERSON_TAGGED, names.PERSON_TAGGED, names.PERSON_UNTAGGED)
                )
                self._said(
                    draw.randrange(PARTS),
                    event(
                        name,
                        user_id=user,
                        properties={"tag": tag},
                        at=self._at(draw.random() * 90),
                        message_id=self._id(),
                    ),
                )

    def _bring_together(self) -> None:
        """Some are merged, one of these is parted again, and some are erased."""
        for number in range(5, self.people, 29):
            self._moved(2, names.PERSON_MERGED, number, number + 1)
        self._moved(3, names.PERSON_UNMERGED, 5, 5)
        for number in range(11, self.people, 37):
            self._said(
                3, event(names.PERSON_ERASED, person_id=number, at=NOW, message_id=self._id())
            )

    def _moved(self, part: int, name: str, alias: int, into: int) -> None:
        self._said(
            part,
            event(
                name,
                person_id=into,
                properties={"moves": [[alias, into]], "facts": []},
                at=NOW,
                message_id=self._id(),
            ),
        )

    def _named(self, who: dict[str, str]) -> dict[str, str]:
        return {**who, "message_id": self._id()}

    def _said(self, part: int, one: bytes, source: str = "muster", actor: str = "") -> None:
        self._files[part].write(lines(_RECEIVED[part], source, [one], actor))
        self.events += 1

    def _id(self) -> str:
        self._count += 1
        return f"e{self._count}"

    def _at(self, days: float) -> datetime:
        return NOW - timedelta(days=days, microseconds=self._random.randrange(1_000_000))

    def _moments(self, count: int, first: float) -> Iterator[datetime]:
        for _ in range(count):
            yield self._at(self._random.random() * first)
