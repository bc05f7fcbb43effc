"""Canada Post's XML as plain objects; what could do harm in XML is refused."""

from typing import Any, Final
from xml.parsers import expat

MAX_DEPTH: Final = 20


def read(document: str | bytes) -> dict[str, Any]:
    """A document as ``{root: content}``.

    An element with elements in it is an object, one without is its text; elements of one name are
    a list. Namespaces, attributes and text between elements are left out.

    Raises:
        ValueError: Not XML, nested deeper than 20, or with a document type: only that can declare
            entities, which could grow without end or point at files.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    root: dict[str, Any] = {}
    stack: list[tuple[str, dict[str, Any], list[str]]] = [("", root, [])]

    def start(name: str, _: dict[str, str]) -> None:
        if len(stack) > MAX_DEPTH:
            raise ValueError("nested too deep")
        stack.append((name.rpartition(" ")[2], {}, []))

    def end(_: str) -> None:
        name, children, texts = stack.pop()
        content = children or "".join(texts).strip()
        parent = stack[-1][1]
        if name not in parent:
            parent[name] = content
        elif isinstance(parent[name], list):
            parent[name].append(content)
        else:
            parent[name] = [parent[name], content]

    def refuse(*_: Any) -> None:
        raise ValueError("a document type is not accepted")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = lambda data: stack[-1][2].append(data)
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(document, True)
    except expat.ExpatError as error:
        raise ValueError("not XML") from error
    return root
