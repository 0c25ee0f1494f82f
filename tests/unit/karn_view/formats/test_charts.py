"""Where each metric is drawn."""

from typing import NamedTuple

from karn_view.formats.charts import Chart, layout


class Summary(NamedTuple):
    name: str
    points: int = 100
    non_finite: int = 0
    min: float | None = 0.0
    max: float | None = 1.0
    start: int = 1


def placed(*names: str) -> dict[str, Chart]:
    return {chart.name: chart for chart in layout(map(Summary, names))}


def test_splits_of_one_name_share_a_chart() -> None:
    charts = placed("loss", "eval_loss", "train/loss", "val/loss", "test_loss")
    assert {chart.chart for chart in charts.values()} == {"loss"}
    assert [chart.split for chart in charts.values()] == ["", "eval", "train", "val", "test"]


def test_members_of_one_name_share_a_chart() -> None:
    charts = placed("per_class/0", "per_class/1", "reward/env0", "val_acc/env1", "loss/run=a b")
    assert [chart.chart for chart in charts.values()] == [
        "per_class",
        "per_class",
        "reward",
        "acc",
        "loss",
    ]
    assert charts["val_acc/env1"].split == "val env1"


def test_the_mean_of_an_epoch_shares_the_chart_of_the_steps() -> None:
    charts = placed("train_loss_step", "train_loss_epoch", "val_loss", "s_per_step", "time_epoch")
    assert [chart.chart for chart in charts.values()] == [
        *["loss"] * 3,
        *("s_per_step", "time_epoch"),
    ]
    assert charts["train_loss_epoch"].split == "train epoch"


def test_losses_come_first_and_timing_last() -> None:
    charts = placed("time/fps", "lr", "widgets", "reward", "eval_loss", "accuracy", "grad_norm")
    ordered = sorted(charts.values(), key=lambda chart: chart.rank)
    assert [chart.name for chart in ordered] == [
        "eval_loss",
        "accuracy",
        "reward",
        "widgets",
        "lr",
        "grad_norm",
        "time/fps",
    ]
    assert [chart.folded for chart in ordered] == [False] * 6 + [True]


def test_what_a_sum_is_made_of_comes_after_what_stands_for_itself() -> None:
    charts = placed("reward_components/acc_delta", "head/entropy", "reward", "time/fps")
    ordered = sorted(charts.values(), key=lambda chart: chart.rank)
    assert [chart.name for chart in ordered] == [
        "reward",
        "head/entropy",
        "reward_components/acc_delta",
        "time/fps",
    ]


def test_the_section_is_the_first_folder_or_the_theme() -> None:
    charts = placed("rollout/ep_rew_mean", "loss", "train/value_loss", "speed/wps")
    assert [chart.section for chart in charts.values()] == [
        "rollout",
        "loss",
        "loss",
        "timing and system",
    ]


def test_a_long_name_shows_its_last_two_segments() -> None:
    assert (
        placed("info/learner/default/stats/kl")["info/learner/default/stats/kl"].title == "stats/kl"
    )


def test_a_slash_within_brackets_makes_no_folder() -> None:
    chart = placed("yield(kg/m2)")["yield(kg/m2)"]
    assert (chart.title, chart.section) == ("yield(kg/m2)", "metrics")


def test_what_never_changes_goes_to_a_table() -> None:
    (constant,) = layout([Summary("n_parameters", min=5.0, max=5.0)])
    assert constant.constant
    assert constant.hidden
    (young,) = layout([Summary("clip", points=19, min=5.0, max=5.0)])
    assert not young.hidden
    (rate,) = layout([Summary("optim/lr", min=5.0, max=5.0)])
    assert not rate.hidden


def test_what_only_the_first_row_tells_goes_to_a_table_once_there_are_more() -> None:
    told = Summary("width", points=1, start=0)
    assert not next(iter(layout([told], rows=19))).hidden
    assert next(iter(layout([told], rows=20))).constant


def test_precision_is_found_within_a_name() -> None:
    charts = placed("bbox_mAP", "bbox/AP50", "mAP_50", "map", "mapping", "overlap_ms")
    assert [chart.section for chart in charts.values()] == [
        "precision",
        "bbox",
        "precision",
        "precision",
        "metrics",
        "timing and system",
    ]


def test_spaces_join_the_words_of_a_name() -> None:
    charts = layout(map(Summary, ["Gradient Norm", "Learning Rate", " loss ", "Elapsed Time"]))
    assert [chart.section for chart in charts] == [
        "optimizer",
        "optimizer",
        "loss",
        "timing and system",
    ]


def test_positions_and_summaries_have_no_chart() -> None:
    told = ["epoch", "valid_num_updates", "steps", "train_runtime", "loss"]
    charts = layout(
        map(Summary, told), summaries={"train_runtime"}, positions={"epoch", "num_updates"}
    )
    assert [chart.hidden for chart in charts] == [True, True, False, True, False]


def test_units_are_those_written_or_those_named() -> None:
    charts = layout(
        map(Summary, ["eval/acc", "update_time_ms", "mem_gb", "mem(GiB)"]), {"eval/acc": "%"}
    )
    assert [chart.unit for chart in charts] == ["%", "ms", "GB", "GB"]
    assert {
        chart.unit for chart in placed("steps_lifetime", "tokens_per_sec", "it/s").values()
    } == {""}


def test_a_client_is_told_all_but_the_name() -> None:
    assert set(placed("loss")["loss"].placed()) >= {"chart", "section", "split", "rank", "unit"}


def of_heads(heads: int, *envs: str) -> list[Chart]:
    names = [f"head/{n}x_{of}{env}" for n in range(heads) for of in ("ent", "conf") for env in envs]
    return list(placed(*names, "loss").values())


def test_members_of_a_family_share_a_chart_for_each_measure() -> None:
    charts = of_heads(6, "/env0", "/env1")
    assert {chart.chart for chart in charts} == {"head/ent", "head/conf", "loss"}
    assert charts[0].split == "0x env0"
    assert {chart.family for chart in charts} == {""}


def test_where_a_chart_would_be_too_full_they_are_filed_away_under_their_family() -> None:
    charts = of_heads(7, "/env0", "/env1")
    assert {chart.chart for chart in charts} > {"head/0x_ent", "head/6x_conf"}
    assert {chart.family for chart in charts} == {"head", ""}
    assert charts[-1].family == ""


def test_terms_of_a_sum_are_filed_away_when_they_are_many() -> None:
    few, many = [[f"reward_terms/t{n}x" for n in range(count)] for count in (7, 8)]
    assert {chart.family for chart in placed(*few).values()} == {""}
    assert {chart.family for chart in placed(*many).values()} == {"reward_terms"}


def test_a_split_may_stand_last() -> None:
    charts = placed(
        "Loss/train", "Loss/val", "acc_eval", "acc_test", "valid_1's l2", "training's l2"
    )
    assert [(chart.chart, chart.split) for chart in charts.values()] == [
        ("Loss", "train"),
        ("Loss", "val"),
        ("acc", "eval"),
        ("acc", "test"),
        ("l2", "val 1"),
        ("l2", "train"),
    ]
    assert charts["Loss/train"].section == "loss"
