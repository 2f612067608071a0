import pytest

from resources import words
from widgets.plant_now import SourceNow
from widgets.status_bar import StatusBar


@pytest.mark.parametrize("state", ["connecting", "lost", "failed", "dead"])
@pytest.mark.parametrize("language", ["es", "en"])
def test_why_a_source_is_away_is_said_in_the_windows_language(qtbot, state, language):
    words.use(language)
    try:
        bar = StatusBar("0")
        qtbot.addWidget(bar)
        said = "Kafka at 127.0.0.1:9 does not answer"
        bar.show_source(SourceNow("Kafka sim-r1", state, said, 0, 9.0, 1, 0.0, 0), 130, 0)
        assert said not in bar._source.text()
        assert bar._source.toolTip() == said
        assert words.t(f"source.why.{state}", source="Kafka sim-r1") in bar._source.text()
    finally:
        words.use("es")
