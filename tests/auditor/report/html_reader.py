"""A strict reader of the page: every tag and attribute outside a short list is an error, and so is a comment."""

from __future__ import annotations

from html.parser import HTMLParser

_TAGS = """
a article body br circle code dd desc details div dl dt figcaption figure footer h1 h2 h3 h4 head header html input
label li main meta nav ol output p path pre rect script section small span strong style summary svg table tbody td text
th thead title tr ul
"""
_ATTRIBUTES = """
aria-label aria-labelledby autocomplete charset class content cx cy d data-rows for height hidden href http-equiv id
lang name open r role scope tabindex text-anchor type viewbox width x y
"""
TAGS, ATTRIBUTES = frozenset(_TAGS.split()), frozenset(_ATTRIBUTES.split())
VOID = frozenset(("br", "input", "meta"))


class Reader(HTMLParser):
    """Collects what a browser would act on."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.ids, self.links, self.named = [], [], [], []
        self.scripts, self.styles, self.policies = [], [], []
        self.shown = ""
        self.feed(text)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag, attrs):
        """Collect it; an error if it is not on the lists."""
        assert tag in TAGS, tag
        names = [name for name, _ in attrs]
        assert ATTRIBUTES >= {*names}, attrs
        assert len(names) == len({*names}), attrs
        told = dict(attrs)
        self.ids += [told["id"]] if "id" in told else []
        self.links += [told["href"]] if "href" in told else []
        for name in ("aria-labelledby", "for", "data-rows"):
            self.named += (told.get(name) or "").split()
        if told.get("http-equiv"):
            self.policies.append(told["content"])
        for name in ("script", "style"):
            if tag == name:
                assert not attrs
                getattr(self, f"{name}s").append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        """Only shapes of a drawing end themselves."""
        assert tag in {"rect", "path", "circle"}, tag
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag):
        """Each element ends where it is open."""
        assert self.open.pop() == tag, tag

    def handle_data(self, data):
        """What is shown, and what is ours to run."""
        if self.open and self.open[-1] in {"script", "style"}:
            getattr(self, f"{self.open[-1]}s")[-1] += data
        else:
            self.shown += data

    def handle_comment(self, data):
        """We write none."""
        raise AssertionError(f"a comment: {data}")

    def unknown_decl(self, data):
        """We write none."""
        raise AssertionError(f"a declaration: {data}")

    def handle_pi(self, data):
        """We write none."""
        raise AssertionError(f"an instruction: {data}")
