"""The classes that what is known of a run is made of. Pure."""

import msgspec

from karn_view.cache.codec import Codec, Known
from karn_view.formats.axis import Choice, Chooser
from karn_view.formats.bulk import Bulk
from karn_view.formats.counts import Counts
from karn_view.formats.course import Course, Last
from karn_view.formats.document import Document
from karn_view.formats.envelope import Envelopes
from karn_view.formats.foreign import ForeignDialect
from karn_view.formats.head import Head
from karn_view.formats.karn.dialect import KarnDialect
from karn_view.formats.karn.epochs import EpochAxis
from karn_view.formats.lap import Lap
from karn_view.formats.looks import Elements, Spelling, Statistics
from karn_view.formats.namespace import Namespace
from karn_view.formats.origin import Origin
from karn_view.formats.place import Place
from karn_view.formats.points import Points
from karn_view.formats.reader import Reader
from karn_view.formats.rows import Mark, Overrides, Progress, Row
from karn_view.formats.shape import Shape, taker
from karn_view.formats.shapes import Shapes
from karn_view.formats.steps import StepName
from karn_view.formats.tally import Tally
from karn_view.formats.track import Track
from karn_view.generation import Generation
from karn_view.lines import Line
from karn_view.rules import trouble
from karn_view.rules.built_in import Tuning
from karn_view.rules.trouble import Trouble
from karn_view.rules.watch import Kept, Laps, Watch
from karn_view.store import Store
from karn_view.store.climbs import Climbs
from karn_view.store.measured import Measured
from karn_view.store.pyramid import Extremes, Pyramid
from karn_view.store.series import Series
from karn_view.tail import Bookmark, Skipped
from karn_view.tail.prefix import Prefix
from karn_view.views import Dashboard

# fmt: off
_AS_THEY_ARE = (
    Bookmark, Choice, Chooser, Climbs, Counts, Course, Document, Elements, Envelopes,
    EpochAxis, Extremes, ForeignDialect, Head, KarnDialect, Lap, Laps, Last, Line, Mark, Namespace,
    Origin, Overrides, Place, Points, Prefix, Progress, Row, Series, Shapes, Skipped, Spelling,
    Statistics, StepName, Tally, Track, Trouble, trouble.Series, Tuning,
)
# fmt: on
_ROOM = {"_allocate": lambda _, allocate: allocate}

CODEC = Codec(
    (
        *map(Known, _AS_THEY_ARE),
        *(Known(grows, _ROOM) for grows in (Store, Measured, Pyramid)),
        Known(Shape, {"take": lambda shape, _: taker(shape.keys)}),
        Known(Dashboard, dump=Dashboard.dump, load=Dashboard.load),
        # Rules of one's own may be others by then, and a silence is told by who noticed it.
        Known(Watch, {"_own": lambda *_: {}, "_noted": lambda *_: Kept()}),
        Known(Kept, dump=msgspec.msgpack.encode, load=msgspec.msgpack.Decoder(Kept).decode),
        Known(
            Generation,
            {
                "sketch": lambda *_: None,
                "_key": lambda *_: (0, None),
                "_gap": lambda *_: (0, None),
            },
        ),
        # What hurries is learnt anew, and what was handed out is not asked for again.
        Known(Reader, {"_bulk": lambda reader, _: Bulk(reader._foreign), "_fresh": lambda *_: []}),
    )
)
