"""An incremental reader of JSON as language models write it.

It never raises and never looks back: what it tells its handler depends on the text alone, not on how the text was cut
into chunks. It finds the first object that its handler recognises, past prose, code fences and ``<think>`` blocks, and
survives raw newlines and quotes inside strings, single quotes, bare keys and words, missing and trailing commas,
mismatched brackets and a cut-off end. Where it had to guess, it says ``malformed``.
"""

import re
from typing import Protocol

OBJECT, ARRAY = "{", "["
_KEY_LIMIT = 64

_SPACE = re.compile(r"\s*")
_PLAIN = {'"': re.compile(r'[^"\\]+'), "'": re.compile(r"[^'\\]+")}
_BARE_KEY = re.compile(r"[A-Za-z0-9_]+")
_BARE_VALUE = re.compile(r"[^,}\]\n\"]+")
_LITERAL = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?|true|false|null")
_PROSE = re.compile(r"[^{<]+")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "/": "/", "\\": "\\", '"': '"', "'": "'", "\n": "\n"}
_HEX = frozenset("0123456789abcdefABCDEF")
_LOST = "\ufffd"


class Handler(Protocol):
    """What the reader tells. ``opened`` and ``scalar`` follow the ``key`` they belong to (inside an object)."""

    def key(self, name: str) -> None: ...
    def opened(self, kind: str) -> None: ...
    def closed(self) -> bool:
        """A container ended. For the outermost one, the answer says whether it was the object looked for."""

    def scalar(self) -> None: ...
    def text(self, text: str) -> None: ...
    def scalar_ended(self, complete: bool) -> None: ...
    def malformed(self) -> None: ...


class LenientJson:
    """Feed text in any chunks, then ``finish``. ``found`` and ``done`` say whether the object began and ended."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._state = self._seek
        self._stack: list[str] = []
        self._quote = '"'
        self._held = ""
        self._escape = ""
        self._high = ""
        self._key: list[str] = []
        self._bare_keys = False
        self._tag = "<think>"
        self.found = False
        self.done = False

    def feed(self, text: str) -> None:
        position, end = 0, len(text)
        while position < end:
            position = self._state(text, position)

    def finish(self) -> None:
        """The text has ended. Containers that are still open stay unclosed; the last scalar is marked incomplete."""
        if self._state == self._after_quote or self._state == self._after_comma:
            self._end_string()
        elif self._state == self._string or self._state == self._in_escape:
            self._flush_surrogate()
            self._handler.scalar_ended(False)
        elif self._state == self._bare:
            self._tell_bare(complete=False)
        self._state = self._ignore

    # Finding the object

    def _seek(self, text: str, at: int) -> int:
        prose = _PROSE.match(text, at)
        if prose:
            return prose.end()
        if text[at] == "<":
            self._tag, self._held, self._state = "<think>", "", self._in_tag
            return at
        return self._open(text, at)

    def _in_tag(self, text: str, at: int) -> int:
        """Compare with the tag, one character at a time; what is not the tag is read again as prose."""
        char = text[at]
        if char != self._tag[len(self._held)]:
            self._state = self._think if self._tag == "</think>" else self._seek
            # A "<" that broke off a tag may begin one; the very first character always matches.
            return at
        self._held += char
        if self._held == self._tag:
            self._held = ""
            self._state = self._think if self._tag == "<think>" else self._seek
        return at + 1

    def _think(self, text: str, at: int) -> int:
        found = text.find("<", at)
        if found < 0:
            return len(text)
        self._tag, self._held, self._state = "</think>", "", self._in_tag
        return found

    def _ignore(self, text: str, at: int) -> int:
        return len(text)

    # Structure

    def _open(self, text: str, at: int) -> int:
        kind = text[at]
        self._stack.append(kind)
        if self.found:
            self._handler.opened(kind)
        self._state = self._member if kind == OBJECT else self._value
        return at + 1

    def _close(self, closer: str) -> None:
        """Close up to the container that this bracket fits; ignore it when none fits."""
        kind = OBJECT if closer == "}" else ARRAY
        if kind not in self._stack:
            self._handler.malformed()
            return
        if self._stack[-1] != kind:
            self._handler.malformed()
        while self._stack.pop() != kind:
            self._handler.closed()
        wanted = self._handler.closed() if self.found else False
        self._state = self._after
        if not self._stack:
            self.done = wanted
            self.found = wanted
            self._state = self._ignore if wanted else self._seek

    def _abandon(self) -> None:
        """The brace was prose, not an object."""
        self._stack.clear()
        self._state = self._seek

    def _member(self, text: str, at: int) -> int:
        """Inside an object, before a key."""
        at = _space_end(text, at)
        if at == len(text):
            return at
        char = text[at]
        if char in "\"'":
            self._quote, self._key, self._bare_keys, self._state = char, [], False, self._quoted_key
            return at + 1
        if char == "}":
            self._close(char)
            return at + 1
        if _BARE_KEY.match(char):
            self._key, self._bare_keys, self._state = [], True, self._bare_key
            return at
        if not self.found:
            self._abandon()
            return at
        if char == "]":
            self._close(char)
        elif char == "{" and len(self._stack) > 1 and self._stack[-2] == ARRAY:
            self._close("}")
            self._state = self._value
            self._handler.malformed()
            return at
        elif char != ",":
            self._handler.malformed()
        return at + 1

    def _quoted_key(self, text: str, at: int) -> int:
        plain = _PLAIN[self._quote].match(text, at)
        if plain:
            self._key.append(plain.group())
            if not self.found and sum(map(len, self._key)) > _KEY_LIMIT:
                # Reading on would make the answer depend on the chunks: the limit must fall on the same character.
                self._abandon()
                return at + self._fitting(plain.group())
            return plain.end()
        if text[at] == "\\":
            self._key.append("\\")
            return at + 1
        self._state = self._colon
        return at + 1

    def _fitting(self, last: str) -> int:
        """How many characters of the newest piece lie within the key limit."""
        return _KEY_LIMIT - (sum(map(len, self._key)) - len(last))

    def _bare_key(self, text: str, at: int) -> int:
        word = _BARE_KEY.match(text, at)
        if word:
            self._key.append(word.group())
            return word.end()
        self._state = self._colon
        return at

    def _colon(self, text: str, at: int) -> int:
        at = _space_end(text, at)
        if at == len(text):
            return at
        if text[at] == ":":
            if not self.found:
                self.found = True
                self._handler.opened(OBJECT)
            self._handler.key("".join(self._key)[:_KEY_LIMIT])
            self._state = self._value
            return at + 1
        if not self.found:
            self._abandon()
        else:
            self._handler.malformed()
            self._state = self._member
        return at

    def _value(self, text: str, at: int) -> int:
        at = _space_end(text, at)
        if at == len(text):
            return at
        char = text[at]
        if char in "\"'":
            self._quote, self._state = char, self._string
            self._handler.scalar()
            if char == "'":
                self._handler.malformed()
            return at + 1
        if char in "{[":
            return self._open(text, at)
        if char in "}]":
            if self._stack[-1] == OBJECT:
                self._handler.malformed()
            self._close(char)
            return at + 1
        if char in ",:":
            self._handler.malformed()
            if char == "," and self._stack[-1] == OBJECT:
                self._state = self._member
            return at + 1
        self._held, self._state = "", self._bare
        return at

    def _after(self, text: str, at: int) -> int:
        """After a value: a comma or a closing bracket should come."""
        at = _space_end(text, at)
        if at == len(text):
            return at
        char = text[at]
        following = self._member if self._stack[-1] == OBJECT else self._value
        if char == ",":
            self._state = following
            return at + 1
        if char in "}]":
            self._close(char)
            return at + 1
        self._handler.malformed()
        if char in "\"'" or (char in "{[" and self._stack[-1] == ARRAY):
            self._state = following
            return at
        return at + 1

    # Scalars

    def _bare(self, text: str, at: int) -> int:
        """A number, a word, or unquoted text: told as one piece, once its end is seen."""
        word = _BARE_VALUE.match(text, at)
        if word:
            self._held += word.group()
            return word.end()
        self._tell_bare(complete=True)
        self._held, self._state = "", self._after
        return at

    def _tell_bare(self, *, complete: bool) -> None:
        value = self._held.strip()
        if not _LITERAL.fullmatch(value):
            self._handler.malformed()
        self._handler.scalar()
        if value not in ("null", "None"):
            self._handler.text(value)
        self._handler.scalar_ended(complete)

    def _string(self, text: str, at: int) -> int:
        plain = _PLAIN[self._quote].match(text, at)
        if plain:
            self._flush_surrogate()
            self._handler.text(plain.group())
            return plain.end()
        if text[at] == "\\":
            self._escape, self._state = "", self._in_escape
        else:
            self._flush_surrogate()
            self._held, self._state = self._quote, self._after_quote
        return at + 1

    def _after_quote(self, text: str, at: int) -> int:
        """The quote ends the string only if what follows could follow a string; else it belongs to the text."""
        return self._judge_quote(text, at, closers="}]\"'", comma=True)

    def _after_comma(self, text: str, at: int) -> int:
        closers = "}]\"'" if self._stack[-1] == OBJECT else "}]\"'{[0123456789-"
        return self._judge_quote(text, at, closers=closers, comma=False)

    def _judge_quote(self, text: str, at: int, *, closers: str, comma: bool) -> int:
        end = _space_end(text, at)
        self._held += text[at:end]
        if end == len(text):
            return end
        char = text[end]
        if char == "," and comma:
            self._held += char
            self._state = self._after_comma
            return end + 1
        if char in closers or (not comma and self._bare_keys and char.isalpha()):
            self._end_string()
            if not comma:
                self._state = self._member if self._stack[-1] == OBJECT else self._value
            return end
        self._handler.malformed()
        self._handler.text(self._held)
        self._held, self._state = "", self._string
        return end

    def _end_string(self) -> None:
        self._held = ""
        self._handler.scalar_ended(True)
        self._state = self._after

    def _in_escape(self, text: str, at: int) -> int:
        char = text[at]
        if not self._escape:
            if char == "u":
                self._escape = char
                return at + 1
            self._flush_surrogate()
            known = _ESCAPES.get(char)
            if known is None:
                self._handler.malformed()
            self._handler.text(known if known is not None else "\\" + char)
            self._state = self._string
            return at + 1
        if char in _HEX:
            self._escape += char
            if len(self._escape) == 5:
                self._state = self._string
                self._code_point(int(self._escape[1:], 16))
            return at + 1
        self._flush_surrogate()
        self._handler.malformed()
        self._handler.text("\\" + self._escape)
        self._state = self._string
        return at

    def _code_point(self, code: int) -> None:
        if 0xDC00 <= code <= 0xDFFF and self._high:
            high, self._high = ord(self._high), ""
            self._handler.text(chr(0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00)))
            return
        self._flush_surrogate()
        if 0xD800 <= code <= 0xDBFF:
            self._high = chr(code)
        else:
            self._handler.text(_LOST if 0xDC00 <= code <= 0xDFFF else chr(code))

    def _flush_surrogate(self) -> None:
        """Half a surrogate pair is no character: no encoder would take it."""
        if self._high:
            self._high = ""
            self._handler.text(_LOST)


def _space_end(text: str, at: int) -> int:
    if at < len(text) and "!" <= text[at] <= "~":
        return at
    space = _SPACE.match(text, at)
    return space.end() if space else at
