"""A CV as Word and LibreOffice write it: a table of two columns, a list, a picture, a note, a box, a head, a foot."""

from html import escape

from tests.papers.makers import Maker

make = Maker()
PORTRAIT = make.image("PNG", (400, 500))
TYPED = "Signes : 10 $ #let x = [1] @cite <lab> *gras* _it_ \\ ` ~ = // fin."
_BOXED, _NOTE = "Dans la zone : CAFIPEMF 2012", "Arrêté du 3 juin 2014."
_HEAD, _FOOT = "Claire Martin – 01 02 03 04 05", "Fait à Paris"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OPEN = "http://schemas.openxmlformats.org"
_WORD_NAMES = " ".join(
    f'xmlns:{prefix}="{name}"'
    for prefix, name in {
        "w": f"{_OPEN}/wordprocessingml/2006/main",
        "r": f"{_OPEN}/officeDocument/2006/relationships",
        "wp": f"{_OPEN}/drawingml/2006/wordprocessingDrawing",
        "a": f"{_OPEN}/drawingml/2006/main",
        "pic": f"{_OPEN}/drawingml/2006/picture",
        "mc": f"{_OPEN}/markup-compatibility/2006",
        "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
        "v": "urn:schemas-microsoft-com:vml",
    }.items()
)
_OPEN_NAMES = " ".join(
    f'xmlns:{prefix}="{name}"'
    for prefix, name in {
        **{name: f"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0" for name in ("office", "text", "table", "style")},
        "draw": "urn:oasis:names:tc:opendocument:xmlns:drawing:1.0",
        "svg": "urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0",
        "xlink": "http://www.w3.org/1999/xlink",
    }.items()
)


def paragraph(words: str, style: str = "", *, listed: bool = False) -> str:
    """A paragraph of a DOCX."""
    how = f'<w:pStyle w:val="{style}"/>' if style else ""
    how += '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>' if listed else ""
    return f"<w:p><w:pPr>{how}</w:pPr><w:r><w:t>{escape(words)}</w:t></w:r></w:p>"


def table(*rows: tuple[str, ...]) -> str:
    """A table of a DOCX; each cell is one or more paragraphs."""
    lines = ("".join(f"<w:tc>{cell}</w:tc>" for cell in row) for row in rows)
    return f"<w:tbl>{''.join(f'<w:tr>{line}</w:tr>' for line in lines)}</w:tbl>"


def picture(width: int = 1_440_000, height: int = 1_800_000) -> str:
    """The portrait in a DOCX, its size in Word's own measure."""
    return f"""<w:p><w:r><w:drawing><wp:inline><wp:extent cx="{width}" cy="{height}"/><wp:docPr id="1" name="Photo"/>
        <a:graphic><a:graphicData uri="{_OPEN}/drawingml/2006/picture"><pic:pic><pic:nvPicPr><pic:cNvPr id="0"/>
        </pic:nvPicPr><pic:blipFill><a:blip r:embed="image"/></pic:blipFill><pic:spPr/></pic:pic></a:graphicData>
        </a:graphic></wp:inline></w:drawing></w:r></w:p>"""


_BOX = f"""<w:p><w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:anchor><wp:extent cx="9" cy="9"/>
    <a:graphic><a:graphicData uri="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"><wps:wsp><wps:txbx>
    <w:txbxContent>{paragraph(_BOXED)}</w:txbxContent></wps:txbx></wps:wsp></a:graphicData></a:graphic></wp:anchor>
    </w:drawing></mc:Choice><mc:Fallback><w:pict><v:shape><v:textbox><w:txbxContent>{paragraph(_BOXED)}</w:txbxContent>
    </v:textbox></v:shape></w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>"""
_NOTED = """<w:p><w:r><w:t>Je dirige l’école depuis 2014</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r><w:r>
    <w:t xml:space="preserve"> avec joie.</w:t></w:r><w:del w:id="3"><w:r><w:delText>mot rayé</w:delText></w:r></w:del>
    </w:p>"""
_CV = (
    paragraph("Claire Martin", "Title")
    + paragraph("Parcours", "Heading1")
    + table(
        (
            paragraph("2014 – 2017"),
            paragraph("Directrice d’école, 12, rue des Lilas") + paragraph("accueil", listed=True),
        ),
        (paragraph("2009 – 2014"), paragraph("Professeure des écoles, CM1/CM2")),
    )
    + picture()
    + _BOX
    + paragraph("Motivation", "Heading1")
    + paragraph("Œuvrer à Noël : « être là », garçon — naître.")
    + paragraph("écouter les familles", listed=True)
    + _NOTED
    + paragraph(TYPED)
)
# The parts beside the body, each with its root and what stands in it.
_PARTS = {
    "styles": (
        "styles",
        """<w:style w:type="paragraph" w:styleId="Title"><w:name w:val="Title"/></w:style>
        <w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/></w:style>""",
    ),
    "numbering": (
        "numbering",
        """<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/><w:lvlText w:val="•"/></w:lvl>
        </w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>""",
    ),
    "footnotes": ("footnotes", f'<w:footnote w:id="2">{paragraph(_NOTE)}</w:footnote>'),
    "header": ("hdr", paragraph(_HEAD)),
    "footer": ("ftr", paragraph(_FOOT)),
}


def docx(body: str = _CV, *, image: bytes = PORTRAIT) -> bytes:
    """A DOCX with the parts that Word writes."""
    edges = "".join(f'<w:{edge}Reference w:type="default" r:id="{edge}"/>' for edge in ("header", "footer"))
    kinds = {"document": "document.main", **{name: name for name in _PARTS}}
    return make.zip(
        {
            "[Content_Types].xml": _package(
                "Types",
                "content-types",
                '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
                '<Default Extension="png" ContentType="image/png"/>'
                + "".join(
                    f'<Override PartName="/word/{name}.xml" '
                    f'ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.{kind}+xml"/>'
                    for name, kind in kinds.items()
                ),
            ),
            "_rels/.rels": _relations(("officeDocument", "word/document.xml")),
            "word/_rels/document.xml.rels": _relations(
                ("image", "media/image1.png"), *((name, f"{name}.xml") for name in _PARTS)
            ),
            "word/document.xml": _word("document", f"<w:body>{body}<w:sectPr>{edges}</w:sectPr></w:body>"),
            "word/media/image1.png": image,
            **{f"word/{name}.xml": _word(root, inner) for name, (root, inner) in _PARTS.items()},
        }
    )


def odt() -> bytes:
    """The same CV with the parts that LibreOffice writes."""
    body = f"""<text:tracked-changes><text:changed-region><text:deletion><text:p>mot rayé</text:p></text:deletion>
        </text:changed-region></text:tracked-changes>
        <text:p>Claire Martin</text:p><text:h text:outline-level="1">Parcours</text:h>
        <table:table><table:table-column/><table:table-column/>
        <table:table-row><table:table-cell><text:p>2014 – 2017</text:p></table:table-cell><table:table-cell>
        <text:p>Directrice d’école, 12, rue des Lilas</text:p>{_listed("accueil")}</table:table-cell></table:table-row>
        <table:table-row><table:table-cell><text:p>2009 – 2014</text:p></table:table-cell><table:table-cell>
        <text:p>Professeure des écoles, CM1/CM2</text:p></table:table-cell></table:table-row></table:table>
        <text:p><draw:frame svg:width="4cm" svg:height="5cm"><draw:image xlink:href="Pictures/a.png"/>
        <svg:desc>Portrait</svg:desc></draw:frame></text:p>
        <text:p><draw:custom-shape><text:p>{_BOXED}</text:p></draw:custom-shape></text:p>
        <text:h text:outline-level="1">Motivation</text:h>
        <text:p>Œuvrer à Noël : « être là », garçon<text:s/>— naître.</text:p>{_listed("écouter les familles")}
        <text:p>Je dirige l’école depuis 2014<text:note text:note-class="footnote"><text:note-citation>1
        </text:note-citation><text:note-body><text:p>{_NOTE}</text:p></text:note-body></text:note> avec joie.</text:p>
        <text:p>{escape(TYPED)}</text:p>"""
    edges = f"""<style:header><text:p>{_HEAD}</text:p></style:header><style:footer><text:p>{_FOOT}</text:p>
        <text:p><text:page-number>7</text:page-number></text:p></style:footer>"""
    bullets = """<office:automatic-styles><text:list-style style:name="L1"><text:list-level-style-bullet text:level="1"
        text:bullet-char="•"/></text:list-style></office:automatic-styles>"""
    return make.zip(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "content.xml": _open("content", f"{bullets}<office:body><office:text>{body}</office:text></office:body>"),
            "styles.xml": _open(
                "styles",
                "<office:styles/><office:automatic-styles/><office:master-styles>"
                f'<style:master-page style:name="a">{edges}</style:master-page></office:master-styles>',
            ),
            "Pictures/a.png": PORTRAIT,
        }
    )


def _word(root: str, inner: str) -> str:
    return f"{_XML}<w:{root} {_WORD_NAMES}>{inner}</w:{root}>"


def _open(root: str, inner: str) -> str:
    return f"{_XML}<office:document-{root} {_OPEN_NAMES}>{inner}</office:document-{root}>"


def _package(root: str, name: str, inner: str) -> str:
    return f'{_XML}<{root} xmlns="{_OPEN}/package/2006/{name}">{inner}</{root}>'


def _relations(*pairs: tuple[str, str]) -> str:
    lines = (
        f'<Relationship Id="{kind}" Type="{_OPEN}/officeDocument/2006/relationships/{kind}" Target="{target}"/>'
        for kind, target in pairs
    )
    return _package("Relationships", "relationships", "".join(lines))


def _listed(words: str) -> str:
    return f'<text:list text:style-name="L1"><text:list-item><text:p>{words}</text:p></text:list-item></text:list>'
