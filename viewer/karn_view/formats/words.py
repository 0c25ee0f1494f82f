"""The names training libraries give to things, and what each name means. Pure.

Names are compared in lower case without ``_``, ``-`` and spaces, so that ``Global Step`` and
``global_step`` are one name.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache


def names(text: str) -> frozenset[str]:
    """Names given with spaces between them."""
    return frozenset(text.split())


# Objects whose name says nothing: what is inside stands as if outside.
TRANSPARENT = names("data metrics results values scalars logs extra fields attributes payload")
CONFIG = frozenset({"config", "hparams", "hyperparameters", "args", "params", "cfg", "options"})

# Numbers about the process, not about the training.
BOOKKEEPING = names(
    "pid tid rank globalrank localrank worldsize hostname host nodeip port seqid seq lineno "
    "line process thread v levelno seed nodeid trialid workerid jobid runid id client cid party "
    "site institution peer participant worker actor agent replica fold"
)
# Numbers worth a row in a table, never a chart: they count as nothing measured.
CONSTANT = frozenset({"nparameters", "numparameters", "nparams", "numparams"})
# Where the run is to end: never an axis.
TOTALS = names(
    "totalsteps maxsteps totaliters maxiters totaliterations maxiterations "
    "numepochs maxepochs totalepochs totalupdates maxupdates maxtimesteps numtrainsteps "
    "numtrainepochs totaltrainingsteps"
)
PERCENT_DONE = frozenset({"percentage", "percent", "percentdone", "progresspercent", "progresspct"})

# Keys of messages in which a shipper may have put a record.
SHIPPED = ("message", "msg", "MESSAGE", "log")

# Lists that belong to a histogram: many numbers, but no course of any.
HISTOGRAM = names("bins bin_edges edges counts values hist histogram bucket bucket_limit buckets")

LEVELS = ("level", "levelname", "log_level", "loglevel", "severity", "lvl", "severity_text")
MESSAGES = ("message", "msg", "event", "text", "detail")
# Which label says what a record is, the most telling first.
LABELS = ("event", "type", "kind", "log_type_name", "event_type", "event_name")
# Which label says on which data it was measured.
SPLIT_LABELS = ("mode", "split", "phase", "subset", "stage", "dataset", *LABELS, "tag")
# Objects of words that tell one record from the next, as Aim and Prometheus have them.
CONTEXTS = ("context", "labels", "tags")
SPLITS = ("", "train", "val", "eval", "test")
LONG_NAMES = ("eventname", "name", "tag", "metric", "metricname", "key")
LONG_PARTS = ("variant", "series")
LONG_VALUES = ("value", "metricvalue", "scalar")
MOST_RUNS = 1_000
# Which of several equal writers wrote the record.
RANKS = (
    *("global_rank", "rank", "process_index", "local_rank"),
    *("worker", "worker_id", "actor", "actor_id", "agent", "agent_id", "replica", "fold"),
    *("task", "benchmark"),
)
# Whom of several it speaks of: none of them stands for all.
PARTIES = (
    *("client", "client_id", "cid", "party", "party_id", "site", "institution", "peer"),
    "participant",
)
MOST_RANKS = 256
RUN_IDS = ("run_id", "run", "trial_id", "run_name", "experiment_id")

# Names under which a run is set up; a record of nothing else is its configuration.
SETTINGS = names(
    "lr learningrate batchsize seed hiddensize numlayers nlayers nhead nheads numheads "
    "dropout weightdecay momentum optimizer optim model modelname arch architecture dataset "
    "datasetname vocabsize maxsteps totalsteps epochs numepochs warmup warmupsteps gamma clip "
    "cliprange device dtype precision name project version blocksize contextlength nembd "
    "dmodel lora lorar gradientaccumulationsteps scheduler lrscheduler maxlength numworkers "
    "config task env envid envname algo algorithm hidden layers depth width numclasses "
    "imagesize"
)

_RESULT_NAME = re.compile(r"loss|acc|reward|score|error|perplexity|ppl|bleu|map\b|iou|f1", re.I)
_NEVER_A_NUMBER = re.compile(
    r"(?:^|[_\-/. ])(?:id|uuid|sha|hash|version|name|date|commit|path|file|host|model|tag)$", re.I
)
_CONFIG_OF = re.compile(r"[_\-](?:config|cfg|hparams|hyperparam(?:eter)?s|k?w?args)$", re.I)
_DURATION_NAME = re.compile(r"time|elapsed|remaining|eta|duration|runtime|wall", re.I)
_POSITION_NAME = re.compile(r"step|iter|epoch|batch|update", re.I)

_SEVERITIES = {
    "trace": "debug",
    "debug": "debug",
    "info": "info",
    "information": "info",
    "notice": "info",
    "success": "info",
    "warn": "warning",
    "warning": "warning",
    "error": "error",
    "err": "error",
    "exception": "error",
    "critical": "critical",
    "crit": "critical",
    "fatal": "critical",
    "panic": "critical",
    "alert": "critical",
    "emergency": "critical",
}
_SPLIT_PREFIX = re.compile(r"(train|training|valid|validation|val|eval|test|dev)[_\-. ](?=.)", re.I)
# "valid_0's l2": LightGBM's record_evaluation and its lines of text.
_POSSESSED = re.compile(r"(train(?:ing)?|valid|val|eval|test)_?(\d*)'s (.+)", re.I)
_SPLIT_SUFFIX = re.compile(r"(.+)[/_](train|valid|validation|val|eval|test)", re.I)
_SPLITS = {
    "train": "train",
    "training": "train",
    "opt": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "validate": "val",
    "dev": "val",
    "eval": "eval",
    "evaluation": "eval",
    "evaluate": "eval",
    "test": "test",
    "testing": "test",
    "inner": "train",
}


@lru_cache(maxsize=8192)
def plain(name: str) -> str:
    """A name as it is compared."""
    return re.sub(r"[_\-\s]", "", name).lower()


def named(record: Mapping[str, object], names: Iterable[str]) -> list[str]:
    """Keys of a record that are among some plain names, in their order."""
    keys = {plain(key): key for key in record}
    return [keys[name] for name in names if name in keys]


@lru_cache(maxsize=8192)
def split_of(label: str) -> str:
    """The data a label speaks of: "train_step" and "Training" give "train"; "" for none."""
    first, *rest = re.split(r"[^a-z]+", label.lower().strip())
    if first in _SPLITS and all(word in _SPLITS or word in _SPLIT_ENDINGS for word in rest):
        return _SPLITS[first]
    return ""


_SPLIT_ENDINGS = frozenset({"", "step", "epoch", "end", "metrics", "log", "loop", "iter", "set"})


def severity_of(level: object) -> str:
    """A level in any of its spellings, as one of five words; "" for none."""
    if isinstance(level, str):
        return _SEVERITIES.get(level.strip().lower(), "")
    if isinstance(level, int) and not isinstance(level, bool):
        bounds = ((50, "critical"), (40, "error"), (30, "warning"), (20, "info"), (1, "debug"))
        return next((word for least, word in bounds if level >= least), "")
    return ""


@lru_cache(maxsize=8192)
def is_never_a_number(name: str) -> bool:
    """Whether digits under this name are a word: an id, a version, a date."""
    return _NEVER_A_NUMBER.search(name) is not None


@lru_cache(maxsize=8192)
def is_config_name(name: str) -> bool:
    """Whether an object of this name holds settings: ``config``, ``optimizer_config``."""
    return plain(name) in CONFIG or _CONFIG_OF.search(name) is not None


@lru_cache(maxsize=8192)
def is_result(name: str) -> bool:
    """Whether only a training could have measured it."""
    return _RESULT_NAME.search(name) is not None


@lru_cache(maxsize=8192)
def worn_split(name: str) -> str:
    """The split a metric's name wears: "eval" of ``eval_loss`` and of ``eval/loss``."""
    return unworn(name)[1]


@lru_cache(maxsize=8192)
def unworn(name: str) -> tuple[str, str]:
    """A metric's name without its split, and the split: ("loss", "eval")."""
    if match := _POSSESSED.fullmatch(name):
        number = f"/{match[2]}" if match[2] else ""
        return match[3] + number, _SPLITS[match[1].lower()]
    folders = name.split("/")
    for index, folder in enumerate(folders[:-1]):
        if found := _SPLITS.get(folder.lower()):
            return "/".join(folders[:index] + folders[index + 1 :]), found
    for index in dict.fromkeys((0, len(folders) - 1)):
        if match := _SPLIT_PREFIX.match(folders[index]):
            folders[index] = folders[index][match.end() :]
            return "/".join(folders), _SPLITS[match[1].lower()]
    if match := _SPLIT_SUFFIX.fullmatch(name):
        return match[1], _SPLITS[match[2].lower()]
    return name, ""


@lru_cache(maxsize=8192)
def is_duration_name(name: str) -> bool:
    """Whether "0:05" under this name is five seconds."""
    return _DURATION_NAME.search(name) is not None


@lru_cache(maxsize=8192)
def is_position_name(name: str) -> bool:
    """Whether "5/400" under this name is the fifth step of 400."""
    return _POSITION_NAME.search(name) is not None


_SEVERITY_IN_TEXT = re.compile(r"\b(WARN(?:ING)?|ERROR|CRITICAL|FATAL)\b|^(Traceback) ")


def severity_in(text: str) -> str:
    """The severity a line of text shouts; "" for none."""
    match = _SEVERITY_IN_TEXT.search(text, 0, 400)
    if match is None:
        return ""
    return "error" if match[2] else severity_of(match[1])
