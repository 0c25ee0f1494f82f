import pytest
from karn_view.errors import KarnViewError
from karn_view.rules import OwnRule, read_rules
from karn_view.rules.own import OwnFold, rules_of
from ruling import found, store_of


def rule(when: str, **more: str) -> OwnRule:
    return rules_of([{"when": when, **more}])[0]


def test_an_alert_is_raised_when_it_begins_and_again_only_after_it_ended() -> None:
    store = store_of(loss=[1, 4, 4, 4, 1, 4])
    assert [row for _, row in found(OwnFold(rule("loss > 3")), store)] == [1, 5]


def test_it_must_hold_for_so_many_steps_running() -> None:
    store = store_of(loss=[4, 4, 1, 4, 4, 4, 4])
    assert [row for _, row in found(OwnFold(rule("loss > 3 for 3 steps")), store)] == [5]


def test_each_environment_is_watched_on_its_own() -> None:
    store = store_of(**{"loss/env0": [1, 9, 1], "loss/env1": [9, 1, 1], "lr": [1, 1, 1]})
    alerts = found(OwnFold(rule("loss > 3 and lr > 0", name="high")), store)
    assert [(alert.env, row) for alert, row in alerts] == [(1, 0), (0, 1)]
    assert alerts[0][0].text == "high: loss is 9"


def test_a_metric_that_was_never_measured_makes_no_alert() -> None:
    assert found(OwnFold(rule("loss > 3 and acc < 1")), store_of(loss=[9, 9])) == []


def test_rules_come_from_a_file() -> None:
    rules, tuning = read_rules(
        """
        [[alert]]
        name = "too high"
        when = "loss > 3 for 5 steps"
        severity = "error"
        runs = "big-*"

        [[alert]]
        when = "lr < 1e-9"

        [built_in.PLATEAU]
        points = 2000

        [built_in.STALL]
        on = false
        """
    )
    assert [(one.name, one.severity, one.runs) for one in rules] == [
        ("too high", "error", "big-*"),
        ("lr < 1e-9", "warning", "*"),
    ]
    assert (tuning.of("PLATEAU", "points"), tuning.of("PLATEAU", "share")) == (2000, 0.6)
    assert (tuning.is_on("STALL"), tuning.is_on("PLATEAU")) == (False, True)
    assert rules[0].concerns("big-7") and not rules[0].concerns("small")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[alert]\n", "not a TOML file"),
        ("[rules]\n", "rules are"),
        ("[[alert]]\nname = 'x'\n", r"rule 1 \(x\): when is missing"),
        ("[[alert]]\nwhen = 'loss > 1'\n[[alert]]\nwhen = 'loss'\n", "rule 2: 'loss' is neither"),
        ("[[alert]]\nwhen = 'loss > 1'\nlevel = 'x'\n", "there is no key level"),
        ("[[alert]]\nwhen = 'loss > 1'\nseverity = 'x'\n", "severity is one of"),
        ("[[alert]]\nwhen = 3\n", "are texts"),
        ("[built_in.PLATEU]\n", "no rule PLATEU is built in; there are NON_FINITE_LOSS, "),
        ("[built_in]\nSTALL = false\n", "STALL: a table is wanted"),
        ("[built_in.STALL]\non = 'no'\n", r"STALL: on cannot be set; .* seconds, gaps"),
        ("[built_in.STALL]\ngaps = 0\n", "STALL: gaps is a number from 1 to 1000000, not 0"),
        ("[built_in.STALL]\ngaps = true\n", "not True"),
        ("[built_in.PLATEAU]\npoints = 2.5\n", "points is a whole number, not 2.5"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_in_one_line(text: str, words: str) -> None:
    with pytest.raises(KarnViewError, match=words.replace("'loss' is", "loss is")):
        read_rules(text)
