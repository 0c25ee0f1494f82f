"""What a person sees of a run: its state, its panels, its charts, its lines."""

import json
import re
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

from playwright.sync_api import Page, expect
from viewing import Viewer

Serve = Callable[..., Viewer]
Eventually = Callable[..., None]  # Playwright's own waiting needs the `eval` that the page forbids

DRAWN = """card => {
  const canvas = card.querySelector("canvas");
  if (!canvas) return false;
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return data.some((value, i) => i % 4 === 3 && value > 0);
}"""


def test_a_karn_run_shows_its_state_its_panels_and_its_charts(
    serve: Serve, page: Page, sample_runs: Path
) -> None:
    page.goto(serve(sample_runs / "finished.jsonl").url)
    expect(page.locator("#header .word")).to_have_text("finished")
    expect(page.locator("#header .progress")).to_contain_text("100 %")
    expect(page.get_by_role("region", name="Performance").locator(".hero b")).to_have_text("86.9")
    seeds = page.get_by_role("region", name="Seed contributions")
    expect(seeds.get_by_role("row", name="r0c0 · env 0")).to_contain_text("fossilized")
    policy = page.get_by_role("region", name="Policy health")
    expect(policy).to_contain_text("exploring")
    expect(page.get_by_role("region", name="Recent actions").get_by_role("button")).to_have_count(
        20
    )
    expect(page.locator(".card h2").first).to_contain_text("loss")


def test_nine_charts_are_drawn_in_view_on_a_laptop(
    serve: Serve, page: Page, sample_runs: Path, eventually: Eventually
) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(serve(sample_runs / "killed.jsonl").url)
    cards = page.locator(".card")
    for place in range(9):
        expect(cards.nth(place)).to_be_in_viewport(ratio=0.99)
    for card in cards.all()[:9]:
        eventually(partial(card.evaluate, DRAWN))


def test_numbers_of_any_json_lines_file_get_charts_and_no_karn_panels(
    serve: Serve, page: Page, tmp_path: Path
) -> None:
    run = tmp_path / "plain.jsonl"
    run.write_text(
        "".join(f'{{"step": {n}, "loss": {1 / (n + 1)}, "lr": 0.1}}\n' for n in range(99))
    )
    page.goto(serve(run).url)
    expect(page.get_by_role("article", name="loss")).to_be_visible()
    expect(page.locator("#karn")).to_be_hidden()
    expect(page.get_by_label("x", exact=True)).to_contain_text("step")


def test_the_filter_says_how_many_charts_match(serve: Serve, page: Page, sample_runs: Path) -> None:
    page.goto(serve(sample_runs / "finished.jsonl").url)
    expect(page.locator(".card").first).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("^loss$|^accuracy$")
    expect(page.locator(".count")).to_contain_text("2 of")
    expect(page.locator(".card")).to_have_count(2)


def test_values_that_are_not_finite_are_counted_on_their_chart(
    serve: Serve, page: Page, sample_runs: Path
) -> None:
    page.goto(serve(sample_runs / "diverged.jsonl").url)
    expect(page.locator("#header .word")).to_have_text("failed")
    expect(page.get_by_role("article", name="loss", exact=True)).to_contain_text("NaN/∞")
    expect(page.locator("#alerts")).to_contain_text("alert")


def test_lines_that_cannot_be_read_are_counted_and_listed(
    serve: Serve, page: Page, tmp_path: Path
) -> None:
    run = tmp_path / "torn.jsonl"
    run.write_text('{"step": 1, "loss": 2}\n{"step": 2, "loss": \n{"step": 3, "loss": 1}\n')
    page.goto(serve(run).url)
    page.get_by_role("button", name="1 fault").click()
    expect(page.locator(".line").filter(has_text="fault")).to_have_count(1)


def test_a_line_in_full_keeps_every_digit(serve: Serve, page: Page, tmp_path: Path) -> None:
    run = tmp_path / "digits.jsonl"
    run.write_text('{"step": 1, "loss": 2.5, "rng_seed": 18295924486325041799}\n')
    page.goto(serve(run).url)
    page.keyboard.press("e")
    page.locator(".line .type").first.click()
    expect(page.locator(".raw pre")).to_contain_text('"rng_seed": 18295924486325041799')


def test_a_folder_lists_its_runs_and_the_ones_that_appear_later(
    serve: Serve, page: Page, sample_runs: Path, tmp_path: Path
) -> None:
    for name in ("finished", "killed"):
        shutil.copy(sample_runs / f"{name}.jsonl", tmp_path)
    page.goto(serve(tmp_path).url)
    runs = page.get_by_role("navigation", name="Runs")
    expect(runs.get_by_role("listitem")).to_have_count(2)
    shutil.copy(sample_runs / "diverged.jsonl", tmp_path)
    expect(runs.get_by_role("listitem")).to_have_count(3)
    runs.get_by_role("button", name="diverged").last.click()
    expect(page.locator("#header .word")).to_have_text("failed")


def test_runs_are_laid_over_each_other_in_their_own_colours(
    serve: Serve, page: Page, sample_runs: Path, tmp_path: Path
) -> None:
    for name in ("finished", "killed"):
        shutil.copy(sample_runs / f"{name}.jsonl", tmp_path)
    page.goto(serve(tmp_path).url)
    page.get_by_role("button", name="Compare killed").or_(
        page.get_by_role("button", name="Compare finished")
    ).and_(page.locator(":enabled")).click()
    chart = page.get_by_role("article", name="ppo/value_loss")
    expect(chart.locator(".legend li")).to_have_count(2)
    expect(chart.locator(".legend")).to_contain_text("killed")


def test_the_address_restores_the_view(serve: Serve, page: Page, sample_runs: Path) -> None:
    page.goto(serve(sample_runs / "finished.jsonl").url)
    expect(page.locator(".card").first).to_be_visible()
    for key in "xyse":
        page.keyboard.press(key)
    expect(page).to_have_url(re.compile("log=1"))
    page.reload()
    expect(page.locator("#log")).to_be_visible()
    expect(page.get_by_label("x", exact=True)).to_have_value("wall")
    expect(page.get_by_role("button", name="log y")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#controls output")).to_have_text("0.60")


def test_names_and_values_of_a_file_are_text_whatever_they_contain(
    serve: Serve, page: Page, tmp_path: Path
) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    names = [hostile, "</script>", "__proto__", "constructor", "\u202egnp.exe", "\x1b[31mred"]
    run = tmp_path / "hostile <b>run.jsonl"
    with run.open("w") as lines:
        for step in range(5):
            record = {"step": step, "note": hostile, **dict.fromkeys(names, step * 0.5)}
            lines.write(json.dumps(record) + "\n")
    reports: list[str] = []
    page.on("dialog", lambda dialog: reports.append(dialog.message))
    page.on("console", lambda said: reports.append(said.text) if said.type == "error" else None)
    page.goto(serve(run).url)
    for name in ("__proto__", "constructor"):
        expect(page.locator(f'[data-chart="{name}"]')).to_have_count(1)
    page.keyboard.press("e")
    page.locator(".line .type").first.click()
    expect(page.locator(".raw pre")).to_contain_text(hostile)
    expect(page.locator("img")).to_have_count(0)
    expect(page.locator(".run-name")).to_have_text("hostile <b>run")
    assert reports == []


def test_all_panels_of_the_network_open_by_one_key(
    serve: Serve, page: Page, sample_runs: Path
) -> None:
    page.goto(serve(sample_runs / "finished.jsonl").url)
    expect(page.locator(".first")).to_be_visible()
    page.keyboard.press("m")
    environments = page.get_by_role("region", name="Environments")
    expect(environments.get_by_role("row")).to_have_count(3)
    lives = page.get_by_role("region", name="Seeds' lives")
    expect(lives.locator(".bar")).not_to_have_count(0)
    expect(lives.locator(".blend")).not_to_have_count(0)
    expect(lives.locator(".stages")).to_contain_text("fossilized")
    expect(page.get_by_role("region", name="Host alone")).to_contain_text("Shapley")
    decisions = page.get_by_role("region", name="Decisions")
    decisions.get_by_role("button").first.click()
    expect(page.locator(".raw pre")).to_contain_text("action")


def test_every_key_is_in_the_help(serve: Serve, page: Page, sample_runs: Path) -> None:
    page.goto(serve(sample_runs / "finished.jsonl").url)
    expect(page.locator(".card").first).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("play or pause the replay")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_chart_is_found_by_name_and_fills_the_screen(
    serve: Serve, page: Page, sample_runs: Path
) -> None:
    page.goto(serve(sample_runs / "finished.jsonl").url)
    expect(page.locator(".card").first).to_be_visible()
    page.keyboard.press("Control+k")
    page.keyboard.type("chart accuracy")
    page.keyboard.press("Enter")
    box = page.locator(".card.full").bounding_box()
    assert box and box["width"] >= 1280
    page.keyboard.press("Escape")
    expect(page.locator(".card.full")).to_have_count(0)


def test_a_drag_zooms_every_chart_and_a_key_shows_all_again(
    serve: Serve, page: Page, sample_runs: Path, eventually: Eventually
) -> None:
    page.goto(serve(sample_runs / "finished.jsonl").url)
    eventually(lambda: page.locator(".card").first.evaluate(DRAWN))
    expect(page.locator(".hero b")).to_have_text("86.9")
    over = page.locator(".card .u-over").first
    over.drag_to(over, source_position={"x": 50, "y": 30}, target_position={"x": 150, "y": 30})
    expect(page.get_by_role("button", name="reset zoom")).to_be_visible()
    expect(page).to_have_url(re.compile("zoom="))
    page.keyboard.press("0")
    expect(page.get_by_role("button", name="reset zoom")).to_be_hidden()


def test_a_point_of_a_chart_leads_to_its_line(
    serve: Serve, page: Page, sample_runs: Path, eventually: Eventually
) -> None:
    page.goto(serve(sample_runs / "finished.jsonl").url)
    eventually(lambda: page.locator(".card").first.evaluate(DRAWN))
    page.locator(".card .u-over").first.click(position={"x": 120, "y": 40})
    expect(page.locator(".line[aria-selected=true]")).to_have_count(1)
    expect(page.locator(".raw pre")).to_contain_text("loss")
