"""What a person does with charts: look along another axis, arrange them, lay one over another."""

import json
import math
import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect
from viewing import Viewer

Serve = Callable[..., Viewer]
Eventually = Callable[..., None]

GAP = 8
SEEN = """(card, [from, to]) => {
  const canvas = card.querySelector("canvas");
  if (!canvas) return 0;
  const { width, height } = canvas;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  let seen = 0;
  for (let y = 0; y < height; y++)
    for (let x = Math.floor(from * width); x < to * width; x++)
      seen += data[4 * (y * width + x) + 3] > 0;
  return seen;
}"""


def written(run: Path, steps: int = 200) -> Path:
    """A run of four metrics; `tokens` grows twice as fast as the step."""
    with run.open("w") as lines:
        for step in range(1, steps + 1):
            record = {
                "step": step,
                "loss": 10 / step,
                "accuracy": 1 - 1 / step,
                "lr": math.sin(step / 20),
                "tokens": 2 * step,
            }
            lines.write(json.dumps(record) + "\n")
    return run


def chart(page: Page, name: str) -> Locator:
    return page.get_by_role("article", name=name, exact=True)


def names(page: Page) -> list[str]:
    """The charts in the order in which they stand."""
    return [str(card.get_attribute("data-chart")) for card in page.locator(".card").all()]


def ready(page: Page, name: str = "loss") -> None:
    expect(chart(page, name).locator(".legend b")).not_to_have_text("—")
    expect(chart(page, name).locator("canvas")).to_have_count(1)


Size = tuple[float, float]


def size(card: Locator) -> Size:
    box = card.bounding_box()
    assert box
    return box["width"], box["height"]


def places(card: Locator, one: Size) -> tuple[int, int]:
    """How many charts of the usual size would take its room."""
    across, down = ((now + GAP) / (usual + GAP) for now, usual in zip(size(card), one, strict=True))
    assert abs(across - round(across)) < 0.01 > abs(down - round(down))
    return round(across), round(down)


def drag(page: Page, handle: Locator, right: float, down: float) -> None:
    """By so many pixels."""
    handle.hover()
    x, y = centre(handle)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + right, y + down, steps=4)
    expect(page.locator(".outline")).to_be_visible()
    page.mouse.up()
    expect(page.locator(".outline")).to_have_count(0)


def middle(page: Page, name: str = "loss") -> None:
    """Puts the pointer in the middle of a chart."""
    ready(page, name)
    box = chart(page, name).locator(".u-over").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def test_every_chart_tells_its_value_under_one_pointer(
    serve: Serve, page: Page, tmp_path: Path
) -> None:
    page.goto(serve(written(tmp_path / "run.jsonl")).url)
    ready(page)
    ready(page, "accuracy")
    middle(page)
    expect(chart(page, "loss").locator(".legend b")).to_have_text(re.compile(r"^0\.0?(99|1)"))
    expect(chart(page, "accuracy").locator(".legend b")).to_have_text("0.99")
    expect(page.locator(".pointer")).to_contain_text(re.compile(r"step (99|100|101)"))
    expect(page.locator(".count")).to_have_text("3 charts")


def test_a_legend_tells_the_last_the_lowest_and_the_highest_value(
    serve: Serve, page: Page, tmp_path: Path
) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(serve(written(tmp_path / "run.jsonl")).url)
    ready(page)
    legend = chart(page, "loss").locator(".legend")
    expect(legend.locator("b")).to_have_text("0.05")
    expect(legend).to_contain_text("↓ 0.05")
    expect(legend).to_contain_text("↑ 10")


def test_charts_run_along_any_metric(serve: Serve, page: Page, tmp_path: Path) -> None:
    page.goto(serve(written(tmp_path / "run.jsonl")).url)
    ready(page)
    page.get_by_label("x", exact=True).select_option("by:tokens")
    expect(page).to_have_url(re.compile("x=by"))
    ready(page)
    middle(page)
    expect(page.locator(".pointer")).to_contain_text(re.compile(r"tokens (19\d|20\d)"))
    page.reload()
    expect(page.get_by_label("x", exact=True)).to_have_value("by:tokens")


def test_a_logarithmic_x_spreads_the_first_steps(serve: Serve, page: Page, tmp_path: Path) -> None:
    page.goto(serve(written(tmp_path / "run.jsonl")).url)
    ready(page)
    page.keyboard.press("g")
    expect(page.get_by_role("button", name="log x")).to_have_attribute("aria-pressed", "true")
    middle(page)
    expect(page.locator(".pointer")).to_contain_text(re.compile(r"step 1[345]"))


def test_a_wheel_zooms_every_chart_about_the_pointer(
    serve: Serve, page: Page, tmp_path: Path
) -> None:
    page.goto(serve(written(tmp_path / "run.jsonl")).url)
    ready(page)
    middle(page, "accuracy")
    page.keyboard.down("Control")
    page.mouse.wheel(0, -600)
    page.keyboard.up("Control")
    expect(page).to_have_url(re.compile("zoom="))
    expect(page.get_by_role("button", name="reset zoom")).to_be_visible()
    page.mouse.dblclick(*centre(chart(page, "accuracy").locator(".u-over")))
    expect(page.get_by_role("button", name="reset zoom")).to_be_hidden()


def test_a_click_gives_the_wheel_to_a_chart_until_the_pointer_leaves(
    serve: Serve, page: Page, tmp_path: Path
) -> None:
    page.goto(serve(written(tmp_path / "run.jsonl")).url)
    middle(page)
    page.mouse.wheel(0, -300)
    page.mouse.click(*centre(chart(page, "loss").locator(".u-over")))
    expect(page).to_have_url(re.compile("log="))
    assert "zoom=" not in page.url
    page.mouse.wheel(0, -300)
    expect(page).to_have_url(re.compile("zoom="))
    page.keyboard.press("0")
    expect(page).not_to_have_url(re.compile("zoom="))
    page.mouse.move(5, 5)
    middle(page)
    page.mouse.wheel(0, -300)
    expect(chart(page, "loss")).not_to_have_class(re.compile("taken"))
    assert "zoom=" not in page.url


def test_a_curve_that_is_refused_costs_no_other_one(
    serve: Serve, page: Page, tmp_path: Path
) -> None:
    """As after a file was replaced, of which the page still knows metrics."""

    def refuse(route: Route) -> None:
        if "name=lr" in route.request.url:
            route.fulfill(status=404, json={"error": "no metric named 'lr' in this run"})
        else:
            route.continue_()

    page.route("**/series?*", refuse)
    page.goto(serve(written(tmp_path / "run.jsonl")).url)
    ready(page, "loss")
    ready(page, "accuracy")


def test_a_pointer_that_rests_on_a_chart_is_not_forgotten_when_charts_are_made_anew(
    serve: Serve, page: Page, tmp_path: Path
) -> None:
    page.goto(serve(written(tmp_path / "run.jsonl")).url)
    middle(page)
    pointer = page.locator(".pointer")
    expect(pointer).to_contain_text("step")
    page.keyboard.press("g")
    expect(page.get_by_role("button", name="log x")).to_have_attribute("aria-pressed", "true")
    page.wait_for_timeout(500)
    expect(pointer).to_contain_text("step")


def test_a_wheel_zooms_a_logarithmic_x_about_the_pointer(
    serve: Serve, page: Page, tmp_path: Path
) -> None:
    page.goto(serve(written(tmp_path / "run.jsonl")).url + "#along=log")
    middle(page)
    expect(page.locator(".pointer")).to_contain_text(re.compile(r"step 1[345]"))
    page.keyboard.down("Control")
    page.mouse.wheel(0, -400)
    page.keyboard.up("Control")
    expect(page).to_have_url(re.compile("zoom="))
    low, high = map(float, re.findall(r"zoom=([\d.]+)(?:~|%7E)([\d.]+)", page.url)[0])
    assert 1 < low < 14 < high < 200
    assert math.isclose(low * high, 14.1**2, rel_tol=0.1)


def centre(of: Locator) -> tuple[float, float]:
    box = of.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_a_chart_goes_to_the_front_and_stays_there(
    serve: Serve, page: Page, tmp_path: Path
) -> None:
    page.goto(serve(written(tmp_path / "run.jsonl")).url)
    ready(page)
    assert names(page)[:2] == ["loss", "accuracy"]
    chart(page, "lr").hover()
    page.keyboard.press("b")
    expect(page.locator(".card").first).to_have_attribute("data-chart", "lr")
    expect(page).to_have_url(re.compile("first=lr"))
    page.reload()
    expect(page.locator(".card").first).to_have_attribute("data-chart", "lr")
    chart(page, "lr").focus()
    page.mouse.move(0, 0)
    page.keyboard.press("]")
    expect(page.locator(".card").first).to_have_attribute("data-chart", "loss")
    assert names(page)[:2] == ["loss", "lr"]


def test_a_chart_taken_by_its_name_takes_anothers_place(
    serve: Serve, page: Page, tmp_path: Path
) -> None:
    page.goto(serve(written(tmp_path / "run.jsonl")).url)
    ready(page)
    chart(page, "lr").locator("h2").drag_to(chart(page, "loss"))
    expect(page.locator(".card").first).to_have_attribute("data-chart", "lr")
    assert names(page)[1] == "loss"


def test_a_chart_is_made_larger_and_set_aside_and_found_again(
    serve: Serve, page: Page, tmp_path: Path
) -> None:
    page.goto(serve(written(tmp_path / "run.jsonl")).url)
    ready(page)
    loss = chart(page, "loss")
    usual = size(loss)
    loss.hover()
    page.keyboard.press("w")
    expect(page).to_have_url(re.compile("size=2x2"))
    assert places(loss, usual) == (2, 2)
    loss.hover()
    loss.get_by_role("button", name="set aside").click()
    expect(loss).to_have_count(0)
    page.get_by_role("button", name="1 set aside").click()
    expect(loss).to_be_visible()


def test_a_chart_is_as_large_as_its_corner_was_dragged_on_every_page_of_this_browser(
    serve: Serve, page: Page, context: BrowserContext, tmp_path: Path
) -> None:
    viewer = serve(written(tmp_path / "run.jsonl"))
    page.goto(viewer.url)
    ready(page)
    loss = chart(page, "loss")
    width, height = usual = size(loss)
    drag(page, loss.locator('[data-edge="corner"]'), 0.7 * width, 1.8 * height)
    expect(page).to_have_url(re.compile("size=2x3"))
    assert places(loss, usual) == (2, 3)
    drag(page, loss.locator('[data-edge="bottom"]'), -width, -0.9 * height)
    expect(page).to_have_url(re.compile("size=2x2"))
    drag(page, loss.locator('[data-edge="right"]'), 9 * width, -height)
    expect(page).to_have_url(re.compile("size=3x2"))
    page.reload()
    ready(page)
    assert places(loss, usual) == (3, 2)
    other = context.new_page()
    other.goto(viewer.url)
    ready(other)
    assert places(chart(other, "loss"), usual) == (3, 2)
    other.close()
    loss.locator('[data-edge="corner"]').dblclick()
    expect(page).not_to_have_url(re.compile("size="))
    assert places(loss, usual) == (1, 1)


def test_keys_make_a_chart_wider_and_higher_within_the_window(
    serve: Serve, page: Page, tmp_path: Path, eventually: Eventually
) -> None:
    page.goto(serve(written(tmp_path / "run.jsonl")).url)
    ready(page)
    loss = chart(page, "loss")
    usual = size(loss)
    loss.focus()
    for _ in range(9):
        page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    expect(page).to_have_url(re.compile("size=3x2"))
    expect(page.locator("#said")).to_have_text("loss: 3 places wide, 2 places high")
    assert places(loss, usual) == (3, 2)
    page.set_viewport_size({"width": 800, "height": 800})
    expect(page).to_have_url(re.compile("size=3x2"))
    eventually(lambda: page.locator("#main").evaluate("main => main.scrollWidth <= innerWidth"))
    page.set_viewport_size({"width": 1280, "height": 800})
    page.keyboard.press("Shift+ArrowLeft")
    expect(page).to_have_url(re.compile("size=2x2"))
    page.get_by_role("button", name="reset charts").click()
    expect(page).not_to_have_url(re.compile("size="))
    expect(page.get_by_role("button", name="reset charts")).to_be_hidden()


def test_a_finger_makes_a_chart_higher_on_a_phone(
    serve: Serve, browser: Browser, tmp_path: Path
) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    page.goto(serve(written(tmp_path / "run.jsonl")).url)
    ready(page)
    loss = chart(page, "loss")
    _, height = usual = size(loss)
    x, y = centre(loss.locator('[data-edge="corner"]'))
    finger = context.new_cdp_session(page)
    for kind, by in (("touchStart", 0.0), ("touchMove", 0.4), ("touchMove", 1.0), ("touchEnd", 0)):
        points = [] if kind == "touchEnd" else [{"x": x - 100 * by, "y": y + height * by}]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    expect(page).to_have_url(re.compile("size=1x2"))
    assert places(loss, usual) == (1, 2)
    context.close()


def test_two_metrics_share_a_chart_each_with_its_axis(
    serve: Serve, page: Page, tmp_path: Path, artefacts: Path
) -> None:
    page.goto(serve(written(tmp_path / "run.jsonl")).url)
    ready(page)
    chart(page, "loss").hover()
    page.keyboard.press("+")
    page.keyboard.type("lr")
    page.keyboard.press("Enter")
    legend = chart(page, "loss").locator(".legend")
    expect(legend.get_by_role("listitem")).to_have_count(2)
    expect(legend).to_contain_text("lr")
    page.screenshot(path=artefacts / "page-two-metrics.png")
    chart(page, "loss").hover()
    page.keyboard.press("+")
    expect(legend.get_by_role("listitem")).to_have_count(1)


def test_a_spike_is_cut_off_in_words_and_shown_on_demand(
    serve: Serve, page: Page, tmp_path: Path
) -> None:
    run = tmp_path / "run.jsonl"
    values = [1e9 if step == 50 else 1 + step / 100 for step in range(100)]
    run.write_text("".join(f'{{"step": {n}, "loss": {value}}}\n' for n, value in enumerate(values)))
    page.goto(serve(run).url)
    ready(page)
    page.get_by_role("button", name="1 off").click()
    expect(page.get_by_role("button", name="1 off")).to_have_count(0)
    page.keyboard.press("o")
    expect(page.get_by_role("button", name="1 off")).to_be_visible()


def test_an_alert_is_marked_on_every_chart_and_named_under_the_pointer(
    serve: Serve, page: Page, tmp_path: Path
) -> None:
    run = tmp_path / "run.jsonl"
    with run.open("w") as lines:
        for step in range(101):
            lines.write(json.dumps({"step": step, "loss": 1.0 + step % 7}) + "\n")
            if step == 50:
                alarm = {"step": step, "level": "warning", "event": "GRADIENT_ANOMALY"}
                lines.write(json.dumps(alarm) + "\n")
    page.goto(serve(run).url)
    ready(page)
    middle(page)
    expect(page.locator(".pointer")).to_contain_text("▲")


def test_charts_of_many_alike_are_folded_away_behind_the_others(
    serve: Serve, page: Page, tmp_path: Path
) -> None:
    run = tmp_path / "run.jsonl"
    terms = {f"t{n}x": n for n in range(9)}
    heads = {f"{head}_{of}": 0.5 for head in ("op", "slot", "tempo") for of in ("entropy", "norm")}
    with run.open("w") as lines:
        for step in range(30):
            moving = {name: value + step for name, value in (terms | heads).items()}
            record = {
                "step": step,
                "loss": 1 / (1 + step),
                "reward_components": {name: moving[name] for name in terms},
                "head": {name: moving[name] for name in heads},
            }
            lines.write(json.dumps(record) + "\n")
    page.goto(serve(run).url)
    ready(page)
    expect(page.locator(".count")).to_have_text("3 charts, 9 folded")
    assert names(page) == ["loss", "head/entropy", "head/norm"]
    expect(chart(page, "head/entropy").locator(".legend")).to_contain_text("slot")
    page.get_by_role("button", name="9 charts of many alike").click()
    expect(page.locator(".card")).to_have_count(12)
    expect(page).to_have_url(re.compile("unfold=1"))
    page.keyboard.press("q")
    expect(page.locator(".card")).to_have_count(3)
    page.get_by_label("Filter charts").fill("t3x")
    expect(page.locator(".card")).to_have_count(1)
    page.get_by_label("Filter charts").fill("")
    page.keyboard.press("Control+k")
    page.keyboard.type("chart reward_components/t5x")
    page.keyboard.press("Enter")
    expect(chart(page, "reward_components/t5x")).to_have_class(re.compile("full"))


def test_five_hundred_metrics_are_drawn_where_they_are_looked_at(
    serve: Serve, page: Page, tmp_path: Path, eventually: Eventually
) -> None:
    run = tmp_path / "wide.jsonl"
    with run.open("w") as lines:
        for step in range(30):
            values = {f"m{n:03}": math.sin(step + n) for n in range(500)}
            lines.write(json.dumps({"step": step, **values}) + "\n")
    page.goto(serve(run).url)
    expect(page.locator(".count")).to_have_text("500 charts")
    assert page.locator(".card canvas").count() < 40
    assert page.locator(".card *").count() < 2000
    last = chart(page, "m499")
    last.scroll_into_view_if_needed()
    eventually(lambda: last.evaluate(SEEN, [0, 1]) > 0)
    assert page.locator(".card canvas").count() < 60


def test_between_two_equal_points_a_chart_is_empty_and_the_page_goes_on(
    serve: Serve, page: Page, tmp_path: Path
) -> None:
    """A y of no height has no ticks that one could count to."""
    run = tmp_path / "run.jsonl"
    run.write_text("".join(f'{{"step": {n}, "loss": {7 - n % 3}, "lr": 0.1}}\n' for n in range(9)))
    page.goto(serve(run).url)
    ready(page, "lr")
    expect(page).to_have_url(re.compile("run="))
    page.evaluate("location.hash += '&zoom=3.2~3.4'")
    expect(page.get_by_role("button", name="reset zoom")).to_be_visible()
    page.keyboard.press("0")
    expect(page.get_by_role("button", name="reset zoom")).to_be_hidden()


def test_a_phone_changes_no_width_that_it_cannot_show(
    serve: Serve, page: Page, tmp_path: Path
) -> None:
    page.goto(serve(written(tmp_path / "run.jsonl")).url)
    ready(page)
    card = chart(page, "loss")
    one = size(card)
    page.keyboard.press("Shift+ArrowRight")
    expect(page).to_have_url(re.compile("size=2x1"))
    page.set_viewport_size({"width": 390, "height": 844})
    for key in ("Shift+ArrowRight", "Shift+ArrowLeft", "Shift+ArrowDown"):
        page.keyboard.press(key)
    expect(page).to_have_url(re.compile("size=2x2"))
    page.set_viewport_size({"width": 1280, "height": 800})
    assert places(card, one) == (2, 2)


def test_a_zoom_asks_for_the_detail_of_the_charts_in_sight_alone(
    serve: Serve, page: Page, tmp_path: Path
) -> None:
    run = tmp_path / "wide.jsonl"
    with run.open("w") as lines:
        for step in range(2_500):
            values = {f"m{n:02}": math.sin(step + n) for n in range(90)}
            lines.write(json.dumps({"step": step, **values}) + "\n")
    page.goto(serve(run).url)
    ready(page, "m00")
    chart(page, "m89").scroll_into_view_if_needed()
    ready(page, "m89")
    with page.expect_request(re.compile("&from=1000&to=1100")) as below:
        page.evaluate("location.hash += '&zoom=1000~1100'")
    assert "name=m89&" in below.value.url
    assert "name=m00&" not in below.value.url
    with page.expect_request(re.compile("name=m00&.*&from=1000&to=1100")):
        chart(page, "m00").scroll_into_view_if_needed()
