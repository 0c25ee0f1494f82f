from telling import epoch, event, shown, snapshot


def test_shapley_values_come_with_their_spread_by_environment() -> None:
    values = {"r0c1": {"mean": 1.0, "std": 0.2, "n_samples": 20}, "r0c0": {"mean": 2.0}}
    dashboard = shown(
        epoch(4, env=1), snapshot("shapley_computed", env_id=1, shapley_values=values)
    )
    [shapley] = dashboard["shapley"]
    assert (shapley["env_id"], shapley["x"], shapley["offset"]) == (1, 4.0, 100)
    assert shapley["slots"] == [
        {"slot_id": "r0c0", "mean": 2.0, "std": None, "n": None},
        {"slot_id": "r0c1", "mean": 1.0, "std": 0.2, "n": 20},
    ]


def test_a_matrix_goes_from_the_host_alone_to_all_seeds_together() -> None:
    masks = [[1, 1, 1], [1, 1, 0], [0, 1, 0], [0, 0, 0], [0, 1, 0]]
    configs = [{"seed_mask": mask, "accuracy": 10.0 + n} for n, mask in enumerate(masks)]
    matrix = event(
        "COUNTERFACTUAL_MATRIX_COMPUTED",
        {"env_id": 0, "slot_ids": ["a", "b", "c"], "configs": configs},
    )
    rows = shown(matrix)["counterfactual"][0]["configs"]
    assert [(row["kind"], row["on"], row["accuracy"]) for row in rows] == [
        ("host", [], 13.0),
        ("alone", ["b"], 12.0),
        ("pair", ["a", "b"], 11.0),
        ("all", ["a", "b", "c"], 10.0),
    ]


def test_episodes_are_ranked_at_both_ends() -> None:
    outcomes = [
        event("EPISODE_OUTCOME", {"env_id": 0, "episode_idx": n, "final_accuracy": float(n)})
        for n in range(20)
    ]
    ranked = shown(*outcomes, event("EPISODE_OUTCOME"))["episodes_ranked"]
    assert [one["episode"] for one in ranked["best"]] == [19, 18, 17, 16, 15]
    assert [one["episode"] for one in ranked["worst"]] == [0, 1, 2, 3, 4]
    assert (ranked["count"], ranked["unranked"]) == (21, 1)
