"""Pictures as files: the right size, the right look, everything in them that people search for."""

from __future__ import annotations

from pathlib import Path

import pypdfium2
import pytest
from lxml import etree
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from contracts.quality import Quality
from contracts.sample import now_us
from pid_renderer import ink
from pid_renderer.canvas import Canvas
from pid_renderer.drawing import Text
from pid_renderer.export import BadPicture, export
from resources.theme import theme
from tests.pid_renderer.conftest import reading

POINT_MM = 25.4 / 72
LEVEL = "10EGB11CL001XQ01"


@pytest.fixture
def canvas(qtbot, sheet, calm) -> Canvas:
    made = Canvas()
    qtbot.addWidget(made)
    made.resize(900, 600)
    made.set_sheet(sheet.drawing, sheet.binding, sheet.plant, theme("light"), "es")
    made.show_readings(calm())
    made.flush()
    QApplication.processEvents()
    return made


def pdf(path: Path) -> tuple[tuple[float, float], str, list[bool], set[int]]:
    """Page size in mm, its text, whether each font is embedded, and the kinds of its objects."""
    document = pypdfium2.PdfDocument(path)
    page = document[0]
    width, height = page.get_size()
    textpage = page.get_textpage()
    text = textpage.get_text_range()
    embedded = [
        bool(pypdfium2.raw.FPDFFont_GetIsEmbedded(pypdfium2.raw.FPDFTextObj_GetFont(item.raw)))
        for item in page.get_objects()
        if item.type == pypdfium2.raw.FPDF_PAGEOBJ_TEXT
    ]
    kinds = {item.type for item in page.get_objects()}
    textpage.close()
    page.close()
    document.close()
    return (width * POINT_MM, height * POINT_MM), text, embedded, kinds


def test_a_pdf_has_the_size_of_the_drawing_and_its_texts_can_be_found(qapp, sheet, tmp_path):
    out = tmp_path / "sheet.pdf"
    export(sheet.drawing, out)
    size, text, embedded, kinds = pdf(out)
    assert size == pytest.approx((sheet.drawing.width_mm, sheet.drawing.height_mm), abs=POINT_MM)
    assert "10EGB11BB001" in text
    assert embedded
    assert all(embedded)
    assert pypdfium2.raw.FPDF_PAGEOBJ_IMAGE not in kinds


def test_lines_of_a_pdf_are_as_long_as_on_the_drawing(qapp, sheet, tmp_path):
    out = tmp_path / "sheet.pdf"
    export(sheet.drawing, out)
    document = pypdfium2.PdfDocument(out)
    page = document[0]
    height = page.get_size()[1]
    boxes = [item.get_bounds() for item in page.get_objects() if item.type == pypdfium2.raw.FPDF_PAGEOBJ_PATH]
    page.close()
    document.close()
    left, top = min(box[0] for box in boxes) * POINT_MM, (height - max(box[3] for box in boxes)) * POINT_MM
    right = max(box[2] for box in boxes) * POINT_MM
    ink = [item.box for item in sheet.drawing.primitives if type(item).__name__ != "Text"]
    assert right - left == pytest.approx(sheet.drawing.width_mm, abs=1.0)
    assert (left, top) == pytest.approx((0.0, 0.0), abs=1.0)
    assert max(box.right for box in ink) <= right + 0.5


def test_a_live_pdf_shows_the_values_and_says_of_when(canvas, sheet, tmp_path):
    out = tmp_path / "live.pdf"
    export(canvas, out, remark="Refinería 10:42:07")
    size, text, *_ = pdf(out)
    assert size == pytest.approx((sheet.drawing.width_mm, sheet.drawing.height_mm), abs=POINT_MM)
    assert "9,000" in text
    assert "10:42:07" in text


def test_a_picture_of_a_lost_source_says_so_and_every_old_value_its_age(canvas, calm, tmp_path):
    sentence = "Fuente ausente: valores de las 10:42"
    old = {
        kks: seen._replace(quality=int(Quality.LAST_USABLE), time_us=now_us() - 4 * 3_600_000_000)
        for kks, seen in calm().items()
    }
    canvas.show_readings(old)
    canvas.flush()

    def written(kind: str) -> Path:
        out = tmp_path / f"{kind}-{bool(canvas.veil)}.{kind}"
        export(canvas, out, **({"width_px": 1200} if kind == "png" else {}))
        return out

    def png() -> QImage:
        return QImage(str(written("png"))).copy(300, 0, 600, 60)

    bare_text, bare = pdf(written("pdf"))[1], png()
    assert sentence not in bare_text
    assert sentence not in written("svg").read_text("utf-8")
    canvas.show_veil(sentence)
    text, veiled = pdf(written("pdf"))[1], png()
    assert sentence in text
    assert text.count("4 h") == bare_text.count("4 h") > 0
    assert sentence in written("svg").read_text("utf-8")
    raised = QColor(canvas.theme["bg.raised"]).rgb()
    boxed = [sum(image.pixel(x, 24) == raised for x in range(image.width())) for image in (bare, veiled)]
    assert boxed[1] - boxed[0] > 60
    assert veiled != bare
    canvas.grab()
    assert not any(plate.shown.abnormal or plate.shown.age for plate in canvas.live.plates if not plate.derived)


def test_a_view_is_the_part_of_the_sheet_in_the_window(canvas, sheet, tmp_path):
    canvas.zoom_to("10EGB11BB001")
    out = tmp_path / "view.pdf"
    export(canvas, out, "view", "paper")
    size, text, *_ = pdf(out)
    scale = canvas.view.scale
    assert size == pytest.approx((canvas.width() / scale, canvas.height() / scale), abs=POINT_MM)
    assert "10EGB11BB001" in text
    whole = tmp_path / "whole.pdf"
    export(canvas, whole, "sheet", "paper")
    assert len(pdf(whole)[1]) > len(text)


def test_a_png_has_the_pixels_asked_for_and_knows_its_scale(canvas, sheet, tmp_path):
    out = tmp_path / "sheet.PNG"
    export(canvas, out, width_px=800)
    image = QImage(str(out))
    assert image.width() == 800
    assert image.height() == round(800 * sheet.drawing.height_mm / sheet.drawing.width_mm)
    export(sheet.drawing, out, dpi=50)
    image = QImage(str(out))
    assert image.width() == round(sheet.drawing.width_mm * 50 / 25.4)
    assert image.dotsPerMeterX() == pytest.approx(50 / 0.0254, abs=1)


def test_paper_is_black_on_white_and_the_screen_its_theme(canvas, tmp_path):
    def colors(look: str) -> set[int]:
        out = tmp_path / f"{look}.png"
        export(canvas, out, look=look, width_px=600)
        image = QImage(str(out))
        return {image.pixel(x, y) for x in range(0, image.width(), 3) for y in range(0, image.height(), 3)}

    on_paper = colors("paper")
    assert all(color.red() == color.green() == color.blue() for color in map(QColor, on_paper))
    assert {QColor("#FFFFFF").rgb(), QColor("#000000").rgb()} <= on_paper
    ground = QColor(theme("light")["bg.canvas"]).rgb()
    assert ground in colors("screen")


def test_each_element_of_a_paper_svg_is_a_group_named_by_its_kks(sheet, tmp_path):
    out = tmp_path / "sheet.svg"
    export(sheet.drawing, out, binding=sheet.binding)
    root = etree.fromstring(out.read_bytes())
    ids = [node.get("id") for node in root.iter() if node.get("id")]
    assert len(ids) == len(set(ids))
    drawn = {item.owner for item in sheet.drawing.primitives}
    for kks, id_ in sheet.binding.element_ids.items():
        if id_ in drawn:
            (group,) = root.xpath(f"//*[@id='{kks}']")
            assert group.get("data-kks") == kks
            assert len(group) > 0
    assert root.get("width") == f"{sheet.drawing.width_mm:g}mm"


def test_an_svg_of_a_view_shows_the_window_and_keeps_every_id(canvas, sheet, tmp_path):
    canvas.zoom_to("10EGB11BB001")
    out = tmp_path / "view.svg"
    export(canvas, out, "view")
    root = etree.fromstring(out.read_bytes())
    left, top, width, height = map(float, root.get("viewBox").split())
    assert (left, top) == pytest.approx(canvas.view.to_mm((0.0, 0.0)), abs=0.01)
    assert width / height == pytest.approx(canvas.width() / canvas.height(), rel=1e-3)
    assert root.xpath("//*[@id='10EGC11AP001']")


def simply_drawn(path: Path) -> QImage:
    """An SVG as a reader without style sheets draws it, four pixels a millimetre of its height of 460."""
    drawn = QSvgRenderer(str(path))
    image = QImage(4 * 840, 4 * 460, QImage.Format.Format_RGB32)
    image.fill(QColor("#FF00FF"))
    painter = QPainter(image)
    drawn.render(painter)
    painter.end()
    return image


def ink_at(image: QImage, left: float, top: float, width: float, height: float) -> int:
    """Pixels in a box (mm) that differ from that of its corner."""
    part = image.copy(round(4 * left), round(4 * top), round(4 * width), round(4 * height))
    ground = part.pixel(0, 0)
    return sum(part.pixel(x, y) != ground for x in range(part.width()) for y in range(part.height()))


@pytest.mark.parametrize("look", ["screen", "paper"])
def test_a_reader_without_style_sheets_draws_each_text_of_an_svg_at_its_place(canvas, sheet, tmp_path, look):
    out = tmp_path / "sheet.svg"
    export(canvas, out, look=look)
    written = out.read_text("utf-8")
    assert "var(" not in written
    assert "<style" not in written
    image = simply_drawn(out)
    texts = (item for item in sheet.drawing.primitives if isinstance(item, Text) and not item.angle_deg)
    alone = [text for text in texts if len(text.text) > 5 and "\n" not in text.text]
    assert len(alone) > 20
    for text in alone:
        box = text.box
        assert ink_at(image, box.left, box.top, box.width, box.height) > 30, text.text
    colors = {image.pixel(x, y) for x in range(0, image.width(), 2) for y in range(0, image.height(), 2)}
    if look == "screen":
        light = theme("light")
        wanted = {light["bg.canvas"], light["equip.line"], light["equip.running"], light["equip.body"]}
        wanted |= {ink.color(light, "service.crude")}
        assert {QColor(color).rgb() for color in wanted} <= colors


def test_each_text_of_an_svg_holds_its_width_whatever_the_font(canvas, tmp_path):
    for look in ("screen", "paper"):
        out = tmp_path / f"{look}.svg"
        export(canvas, out, look=look)
        texts = etree.fromstring(out.read_bytes()).findall(".//{*}text")
        assert len(texts) > 50
        for text in texts:
            assert len(text) == 0
            if len(text.text) > 1:
                wide = float(text.get("textLength")) / float(text.get("font-size")) / len(text.text)
                assert 0.1 < wide < 1.2, text.text


def test_a_bad_value_of_an_svg_is_struck_out_by_a_stroke(canvas, calm, tmp_path):
    canvas.show_readings(calm(**{LEVEL: reading(None, Quality.BAD)}))
    canvas.flush()
    out = tmp_path / "sheet.svg"
    export(canvas, out)
    root = etree.fromstring(out.read_bytes())
    (value,) = root.xpath(f"//*[@id='v-{LEVEL}']")
    assert value.get("data-look") == "bad"
    line = value.getnext()
    assert line.get("stroke") == theme("light")["quality.bad"]
    assert line.get("d").startswith("M")
    good = root.xpath("//*[@data-look='good' and @data-signal]")
    assert good
    assert all(each.getnext() is None or each.getnext().tag == each.tag for each in good)


def test_contents_of_a_round_vessel_are_cut_to_its_shape_without_a_clip(canvas, tmp_path):
    out = tmp_path / "sheet.svg"
    export(canvas, out)
    root = etree.fromstring(out.read_bytes())
    assert not root.findall(".//{*}clipPath")
    (sphere,) = root.xpath("//*[@id='liquid-10EKF11BB001']")
    points = [tuple(map(float, pair.split(","))) for pair in sphere.get("points").split()]
    (body,) = root.xpath("//*[@id='10EKF11BB001']/*[@class='body']")
    outline = [tuple(map(float, pair.split(","))) for pair in body.get("points").split()]
    middle = (min(y for _, y in outline) + max(y for _, y in outline)) / 2
    half = (max(y for _, y in outline) - min(y for _, y in outline)) / 2
    assert min(y for _, y in points) == pytest.approx(middle, abs=0.1 * half)
    low = [x for x, y in points if y > middle + 0.9 * half]
    assert max(low) - min(low) < half
    assert sphere.get("fill") == ink.color(theme("light"), "liquid.lpg")


def test_what_cannot_be_written_is_one_sentence(canvas, sheet, tmp_path):
    for source, path, arguments, part in (
        (canvas, tmp_path / "x.bmp", {}, ".png"),
        (canvas, tmp_path / "none" / "x.pdf", {}, "No such file"),
        (canvas, tmp_path / "x.png", {"width_px": 90_000}, "at most"),
        (sheet.drawing, tmp_path / "x.png", {"scope": "view"}, "without a window"),
        (Canvas(), tmp_path / "x.png", {}, "no sheet"),
    ):
        with pytest.raises(BadPicture, match=part):
            export(source, path, **arguments)
