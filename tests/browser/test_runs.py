"""Several runs: found, sorted, laid over each other, told apart by their figures and settings."""

import json
import re
from collections.abc import Callable
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect
from viewing import Viewer

Serve = Callable[..., Viewer]

RATES = {"slow": 0.1, "again": 0.1, "fast": 0.5}


def written(folder: Path, **rates: float) -> Path:
    """Runs that tell their learning rate first; a higher one ends with a lower loss."""
    for day, (name, lr) in enumerate(rates.items()):
        with (folder / f"{name}.jsonl").open("w") as lines:
            config = {"lr": lr, "model": {"depth": 3, "note": "as before"}}
            lines.write(json.dumps({"config": config}) + "\n")
            for step in range(1, 41):
                figures = {"loss": 1 / (lr * step) + day / 10, "accuracy": lr * step / 40}
                time = 1.7e9 + 86400 * day + step
                lines.write(json.dumps({"step": step, "time": time, **figures}) + "\n")
    return folder


def opened(serve: Serve, page: Page, folder: Path) -> None:
    page.goto(serve(written(folder, **RATES)).url)
    expect(page.locator('[data-chart="loss"] .legend b')).not_to_have_text("—")


def listed(page: Page) -> list[str]:
    return page.locator("#runs .name").all_inner_texts()


def compare_all(page: Page) -> None:
    page.get_by_role("button", name="compare all").click()
    expect(page.locator('[data-chart="loss"] .legend li')).to_have_count(3)


def test_runs_are_searched_and_sorted_and_show_their_curve(
    serve: Serve, page: Page, tmp_path: Path
) -> None:
    opened(serve, page, tmp_path)
    expect(page.locator("#runs .spark polyline")).to_have_count(3)
    page.get_by_label("Sort runs").select_option("lowest")
    expect(page.locator("#runs .name").first).to_have_text("fast")
    assert listed(page) == ["fast", "slow", "again"]
    page.get_by_label("Search runs").fill("a")
    expect(page.locator("#runs .name")).to_have_count(2)
    expect(page.locator("#runs")).to_contain_text("2 of 3 runs")


def test_a_table_tells_figures_and_the_settings_that_differ(
    serve: Serve, page: Page, tmp_path: Path, artefacts: Path
) -> None:
    opened(serve, page, tmp_path)
    compare_all(page)
    page.keyboard.press("v")
    table = page.get_by_role("region", name="Figures and settings")
    heads = table.get_by_role("columnheader")
    expect(heads.filter(has_text=re.compile("^lr$"))).to_have_count(1)
    expect(heads.filter(has_text="model")).to_have_count(0)
    expect(table.locator("dl")).to_contain_text("model.note")
    expect(table.get_by_role("row", name="fast")).to_contain_text("0.25")
    expect(table.get_by_role("row", name="fast").locator(".best")).to_have_count(2)
    table.get_by_role("button", name="loss ↓").click()
    expect(table.locator("tbody tr").first).to_contain_text("fast")
    page.screenshot(path=artefacts / "page-compared.png")
    assert Axe().run(page).response["violations"] == []


def test_other_runs_are_shown_as_their_difference_to_the_chosen_one(
    serve: Serve, page: Page, tmp_path: Path
) -> None:
    opened(serve, page, tmp_path)
    page.locator("#runs").get_by_role("button", name=re.compile("^slow")).click()
    compare_all(page)
    page.keyboard.press("-")
    legend = page.locator('[data-chart="loss"] .legend')
    expect(legend.get_by_role("listitem").filter(has_text="slow").locator("b")).to_have_text("0")
    expect(legend.get_by_role("listitem").filter(has_text="again").locator("b")).to_have_text("0.1")


def test_a_difference_asks_for_no_metric_that_the_chosen_run_has_not(
    serve: Serve, page: Page, tmp_path: Path
) -> None:
    for name, other in (("a", "reward"), ("b", "accuracy")):
        lines = (f'{{"step": {n}, "loss": {n}, "{other}": {n}}}\n' for n in range(20))
        (tmp_path / f"{name}.jsonl").write_text("".join(lines))
    refused: list[str] = []
    page.on("response", lambda one: refused.append(one.url) if one.status >= 400 else None)
    page.goto(serve(tmp_path).url)
    page.locator("#runs .run").first.click()
    page.get_by_role("button", name="compare all").click()
    page.keyboard.press("-")
    legend = page.locator('[data-chart="loss"] .legend b')
    expect(legend).to_have_text(["0", "0"])
    assert refused == []


def test_at_1440_the_controls_of_several_runs_are_one_line(
    serve: Serve, page: Page, tmp_path: Path
) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    parts = {f"part_{n}": 1.0 for n in range(100)}
    many = {**parts, "reward_components": {f"t{n}x": 1.0 for n in range(20)}}
    with written(tmp_path, **RATES).joinpath("fast.jsonl").open("a") as lines:
        lines.write(json.dumps({"step": 41, "time": 1.7e9, **many}) + "\n")
    page.goto(serve(tmp_path).url)
    compare_all(page)
    expect(page.locator("#controls .count")).to_contain_text("folded")
    table = page.get_by_role("button", name="table", exact=True).bounding_box()
    menu = page.get_by_label("x", exact=True).bounding_box()
    assert table and menu and abs(table["y"] - menu["y"]) < 8


def test_runs_of_an_equal_setting_become_one_curve(
    serve: Serve, page: Page, tmp_path: Path, artefacts: Path
) -> None:
    opened(serve, page, tmp_path)
    compare_all(page)
    menu = page.get_by_label("mean by")
    menu.select_option("lr")
    legend = page.locator('[data-chart="loss"] .legend')
    expect(legend.get_by_role("listitem")).to_have_count(2)
    expect(legend).to_contain_text("0.1 (2)")
    page.screenshot(path=artefacts / "page-grouped.png")
    expect(page).to_have_url(re.compile("group=lr"))
    page.reload()
    expect(legend.get_by_role("listitem")).to_have_count(2)
    menu.select_option("all runs")
    expect(legend.get_by_role("listitem")).to_have_count(1)


def test_a_run_has_one_colour_in_the_list_and_on_every_chart(
    serve: Serve, page: Page, tmp_path: Path
) -> None:
    opened(serve, page, tmp_path)
    compare_all(page)
    colour = "node => getComputedStyle(node).backgroundColor"
    row = page.locator("#runs li").filter(has_text="slow").locator(".swatch")
    mine = row.evaluate(colour)
    for name in ("loss", "accuracy"):
        entry = page.locator(f'[data-chart="{name}"] .legend li').filter(has_text="slow")
        assert entry.locator(".swatch").evaluate(colour) == mine
    others = page.locator("#runs .swatch").evaluate_all(f"all => all.map({colour})")
    assert len(set(others)) == 3


def test_a_thousand_runs_are_a_list_of_those_in_sight(
    serve: Serve, page: Page, tmp_path: Path
) -> None:
    for n in range(1000):
        (tmp_path / f"run-{n:04}.jsonl").write_text('{"step": 1, "loss": 2}\n')
    page.goto(serve(tmp_path).url)
    expect(page.locator("#runs")).to_contain_text("1000 runs")
    assert page.locator("#runs .run").count() < 60
    page.get_by_label("Search runs").fill("0777")
    expect(page.locator("#runs .name")).to_have_text(["run-0777"])
    page.locator("#runs .run").click()
    expect(page.locator(".run-name")).to_have_text("run-0777")


def test_the_table_of_a_run_that_grows_tells_its_newest_figures(
    serve: Serve, page: Page, tmp_path: Path
) -> None:
    run = tmp_path / "run.jsonl"
    run.write_text('{"step": 1, "loss": 5}\n{"step": 2, "loss": 4}\n')
    page.goto(serve(run).url + "#table=1")
    figures = page.locator("#table .num")
    expect(figures).to_have_text("4 ↓ 4")
    with run.open("a") as lines:
        lines.write('{"step": 3, "loss": 2}\n{"step": 4, "loss": 3}\n')
    expect(figures).to_have_text("3 ↓ 2")


def test_files_of_a_runs_other_processes_are_listed_below_it_and_laid_over_it(
    serve: Serve, page: Page, tmp_path: Path, artefacts: Path
) -> None:
    written(tmp_path, run=0.5, other=0.1)
    for number in (4711, 4712):
        opening = {"event_type": "RUN_OPENED", "event_id": "e", "data": {"asked_for": "run.jsonl"}}
        figures = [
            {"event_type": "METRICS", "data": {"step": step, "metrics": {"loss": number / step}}}
            for step in range(1, 41)
        ]
        lines = [json.dumps(record) for record in (opening, *figures)]
        (tmp_path / f"run.{number}.jsonl").write_text("\n".join(lines) + "\n")
    page.goto(serve(tmp_path).url)
    page.get_by_label("Sort runs").select_option("name")
    expect(page.locator("#runs .name")).to_have_text(["other", "run", "run.4711", "run.4712"])

    def row(name: str) -> Locator:
        exactly = page.locator(".name", has_text=re.compile(f"^{re.escape(name)}$"))
        return page.locator("#runs .run").filter(has=exactly)

    row("run").click()
    expect(page.locator('[data-chart="loss"] .legend li')).to_have_count(3)
    expect(page.locator("#runs")).to_contain_text("3 laid over each other")
    page.screenshot(path=artefacts / "parts.png")
    left = row("run").bounding_box()
    indented = row("run.4711").bounding_box()
    assert left and indented and indented["x"] > left["x"]
    row("other").click()
    expect(page.locator('[data-chart="loss"] .legend li')).to_have_count(1)


def test_the_next_run_to_compare_is_the_next_of_the_list(
    serve: Serve, page: Page, tmp_path: Path
) -> None:
    opened(serve, page, tmp_path)
    page.get_by_label("Sort runs").select_option("name")
    expect(page.locator("#runs .name")).to_have_text(sorted(RATES))
    _, second, _ = sorted(RATES)
    page.locator("#runs .run").first.click()
    page.keyboard.press("c")
    compare = page.get_by_role("button", name=f"Compare {second}", exact=True)
    expect(compare).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("c")
    expect(compare).to_have_attribute("aria-pressed", "false")
