"""What readers say of a file, in Spanish: sentences are written in English where they arise, and are keys here."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from contracts.number_text import Language

_SPANISH: Final = (
    # Errors, without the file and line they begin with.
    ("cannot be read: {}", "no se puede leer: {}"),
    ("No such file or directory", "no existe tal fichero o carpeta"),
    ("Is a directory", "es una carpeta"),
    ("Not a directory", "no es una carpeta"),
    ("Permission denied", "permiso denegado"),
    ("File name too long", "el nombre es demasiado largo"),
    ("Input/output error", "error de lectura del disco"),
    (
        "is no file but a folder, pipe or device; name the drawing's file",
        "no es un fichero sino una carpeta, tubería o dispositivo; indique el fichero del plano",
    ),
    ("{} MB is more than the {} MB a sheet may have", "{} MB es más de los {} MB que puede tener una hoja"),
    ("the file is empty", "el fichero está vacío"),
    ("this is a web page (HTML), not a P&ID in XML", "esto es una página web (HTML), no un P&ID en XML"),
    ("this is no XML: it does not begin with <", "esto no es XML: no empieza por <"),
    ("this is {}, not a P&ID in XML", "esto es {}, no un P&ID en XML"),
    ("a {} picture", "una imagen {}"),
    ("a ZIP archive (or an Office file)", "un archivo ZIP (o de Office)"),
    ("an empty ZIP archive", "un archivo ZIP vacío"),
    ("a {} archive", "un archivo {}"),
    ("a PDF", "un PDF"),
    ("an AutoCAD drawing (DWG)", "un dibujo de AutoCAD (DWG)"),
    ("an old Office file", "un fichero antiguo de Office"),
    ("a program", "un programa"),
    ("not well-formed XML: {}", "XML mal formado: {}"),
    ("encoding {} is not read; save the file as UTF-8", "la codificación {} no se lee; guarde el fichero en UTF-8"),
    ("{} declarations are not accepted in a drawing", "en un plano no se aceptan declaraciones {}"),
    ("more than {} elements", "más de {} elementos"),
    ("more than {} attributes", "más de {} atributos"),
    ("more than {} strokes to draw", "más de {} trazos que dibujar"),
    ("elements nest deeper than {} levels", "los elementos se anidan a más de {} niveles"),
    (
        "symbols repeat more than {} points and attributes of the file's catalogue",
        "los símbolos repiten más de {} puntos y atributos del catálogo del fichero",
    ),
    ("<PlantModel> holds no plant item and no drawing", "<PlantModel> no contiene ningún elemento de planta ni dibujo"),
    (
        "the root element is <{}>; a P&ID begins with <PlantModel> (Proteus XML, DEXPI 1.x) or <Model> (DEXPI 2.0)",
        "el elemento raíz es <{}>; un P&ID empieza por <PlantModel> (Proteus XML, DEXPI 1.x) o <Model> (DEXPI 2.0)",
    ),
    (
        "the root element is <{}>; a Proteus P&ID begins with <PlantModel>",
        "el elemento raíz es <{}>; un P&ID en Proteus empieza por <PlantModel>",
    ),
    (
        "this DEXPI 2.0 file defines classes or symbols and holds no EngineeringModel",
        "este fichero DEXPI 2.0 define clases o símbolos y no contiene ningún EngineeringModel",
    ),
    (
        "this DEXPI 2.0 file is empty and holds no EngineeringModel",
        "este fichero DEXPI 2.0 está vacío y no contiene ningún EngineeringModel",
    ),
    (
        "this DEXPI 2.0 process model has no diagram; export it with one",
        "este modelo de proceso DEXPI 2.0 no trae diagrama; expórtelo con él",
    ),
    ("the EngineeringModel holds no plant and no diagram", "el EngineeringModel no contiene ni planta ni diagrama"),
    ("objects nest deeper than {} levels", "los objetos se anidan a más de {} niveles"),
    # What was not understood.
    ("an ID used twice", "un ID usado dos veces"),
    ("a point outside of the sheet", "un punto fuera de la hoja"),
    ("ink far outside of the sheet, not drawn", "trazo muy lejos de la hoja, no dibujado"),
    ("sheet unit {} (the sheet's size was guessed)", "unidad de la hoja {} (se ha estimado su tamaño)"),
    ("sheet size: {}", "tamaño de la hoja: {}"),
    ("symbol {} is not in the file's catalogue", "el símbolo {} no está en el catálogo del fichero"),
    ("symbol without a position", "símbolo sin posición"),
    ("position: {}", "posición: {}"),
    ("connection point: {}", "punto de conexión: {}"),
    ("extent: {}", "extensión: {}"),
    ("text for {}, which has no value", "texto de {}, que no tiene valor"),
    ("a text of more than {} letters, cut short", "un texto de más de {} letras, recortado"),
    ("{} far beyond the sheet", "{} muy lejos de la hoja"),
    ("a group that represents nothing in the file", "un grupo que no representa nada del fichero"),
    ("a pipe from an item to the very same item", "una tubería de un elemento a ese mismo elemento"),
    ("a piping segment whose items are not connected", "un tramo de tubería cuyos elementos no están conectados"),
    ("a second EngineeringModel", "un segundo EngineeringModel"),
    ("a sheet without size", "una hoja sin tamaño"),
    ("stroke width that is no number", "grosor de trazo que no es un número"),
    ("component {} belongs to two objects", "el componente {} pertenece a dos objetos"),
    ("component {} is not in the file", "el componente {} no está en el fichero"),
    ("dash style {}", "estilo de línea {}"),
    ("graphics of type {}", "gráfico de tipo {}"),
    ("node position: {}", "posición de nodo: {}"),
    ("profile: {}", "perfil: {}"),
    (
        "symbol {} is neither in the file nor in a profile beside it",
        "el símbolo {} no está ni en el fichero ni en un perfil junto a él",
    ),
    ("{} names nothing in the file", "{} no nombra nada del fichero"),
    ("{} of a connector line has no position", "el {} de una línea de conexión no tiene posición"),
    ("<{}> in <Components>", "<{}> en <Components>"),
    ("more than {} elements without graphics, not laid out", "más de {} elementos sin gráficos, no dispuestos"),
    ("plant items without graphics, not drawn", "elementos de planta sin gráficos, no dibujados"),
    ("a link ({}) to something that is not in the file", "un enlace ({}) a algo que no está en el fichero"),
    ("a pipe's end that is not in the file", "un extremo de tubería que no está en el fichero"),
    ("<{}> inside <{}>", "<{}> dentro de <{}>"),
    ("<{}> outside of any element", "<{}> fuera de todo elemento"),
    ("more kinds of things", "más clases de cosas"),
    ("{} with {} points", "{} con {} puntos"),
    ("{} without a string", "{} sin texto"),
    ("line weight that is no number", "grosor de línea que no es un número"),
    ("line type {} drawn solid", "tipo de línea {} dibujado continuo"),
    ("{}: no position", "{}: sin posición"),
    ("{} that is no number", "{} que no es un número"),
    ("{} that is no finite number", "{} que no es un número finito"),
    ("{} multiplicities for {} knots", "{} multiplicidades para {} nudos"),
    ("{} far beyond the sheet", "{} muy lejos de la hoja"),
    (
        "an arc without its symbol's scale (drawn with it)",
        "un arco sin la escala de su símbolo (dibujado con ella)",
    ),
    ("more than {} elements without graphics, not laid out", "más de {} elementos sin gráficos, no dispuestos"),
    ("plant items without graphics, not drawn", "elementos de planta sin gráficos, no dibujados"),
    ("pipes and signals without a way on the laid out sheet", "tuberías y señales sin camino en la hoja trazada"),
    ("items without a place on the laid out sheet", "elementos sin sitio en la hoja trazada"),
    # DEXPI 2.0's.
    ("graphics of type {}", "gráficos del tipo {}"),
    ("{} of a connector line has no position", "{} de una línea de conexión no tiene posición"),
    ("stroke width that is no number", "grosor de trazo que no es un número"),
    ("dash style {}", "estilo de trazos {}"),
    ("a sheet without size", "una hoja sin tamaño"),
    ("node position: {}", "posición de nodo: {}"),
    ("a group that represents nothing in the file", "un grupo que no representa nada del fichero"),
    ("{} without a shape", "{} sin forma"),
    (
        "symbol {} is neither in the file nor in a profile beside it",
        "el símbolo {} no está ni en el fichero ni en un perfil a su lado",
    ),
    ("profile: {}", "perfil: {}"),
    ("component {} is not in the file", "el componente {} no está en el fichero"),
    ("component {} belongs to two objects", "el componente {} pertenece a dos objetos"),
    ("objects nest deeper than {} levels", "los objetos se anidan a más de {} niveles"),
    ("a second EngineeringModel", "un segundo EngineeringModel"),
    (
        "the EngineeringModel holds no plant and no diagram",
        "el EngineeringModel no contiene planta ni diagrama",
    ),
    ("a piping segment whose items are not connected", "un tramo de tubería cuyos elementos no están conectados"),
    ("a pipe from an item to the very same item", "una tubería de un elemento a sí mismo"),
    ("{} names nothing in the file", "{} no nombra nada del fichero"),
    ("<{}> in <{}>", "<{}> en <{}>"),
    ("{} without X and Y", "{} sin X ni Y"),
    ("{} without {}", "{} sin {}"),
)  # fmt: skip


def said(text: str, language: Language) -> str:
    """A reader's sentence in `language`; in English where it is not listed. An error begins with file and line."""
    if language == "en":
        return text
    place = re.search(r", line (\d+): ", text)
    if place is not None:
        cause = _spanish(text[place.end() :])
        return text if cause is None else f"{text[: place.start()]}, línea {place[1]}: {cause}"
    whole = _spanish(text)
    if whole is not None:
        return whole
    for colon in re.finditer(": ", text):
        cause = _spanish(text[colon.end() :])
        if cause is not None:
            return f"{text[: colon.start()]}: {cause}"
    return text


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    made = []
    for english, spanish in _SPANISH:
        pattern = "(.+?)".join(re.escape(part) for part in english.split("{}"))
        made.append((re.compile(pattern, re.DOTALL), spanish))
    return tuple(made)


def _spanish(text: str) -> str | None:
    for pattern, spanish in _patterns():
        found = pattern.fullmatch(text)
        if found:
            return spanish.format(*(_spanish(part) or part for part in found.groups()))
    return None
