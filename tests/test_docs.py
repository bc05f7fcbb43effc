"""Documentation cannot drift: what it lists is read here and compared with the code."""

import re
import subprocess
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

from service import channels
from service.carriers import settings_of, slugs
from service.helpdesks import adapters as helpdesks
from service.settings import Settings
from tracking_lookup.model import Status, Verdict

ROOT = Path(__file__).parent.parent
SETTINGS = Settings.model_fields


def tracked(*patterns):
    """Files that are or will be in the repository, without what git ignores."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    found = [ROOT / name for name in listed.stdout.split("\0") if name]
    assert found, f"no file is like {patterns}"
    return [path for path in found if path.is_file()]


def folders(parent):
    return sorted(path.parent.name for path in ROOT.glob(f"{parent}/*/__init__.py"))


def of_helpdesks():
    """The help desks' own settings by name."""
    listed = [s for slug in helpdesks.slugs() for s in helpdesks.manifest_of(slug).settings]
    return {s.env.lower(): s for s in listed}


def default_of(name):
    default = SETTINGS[name].default
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, Path):
        return default.relative_to(ROOT).as_posix()
    return "" if default is None else str(default)


@pytest.mark.parametrize("name", SETTINGS)
def test_each_setting_is_documented_with_its_default_and_meaning(name):
    default = default_of(name)
    shown = f"`{default}`" if default else "not set"
    row = f"| `{name.upper()}` | {shown} | {SETTINGS[name].description} |"
    assert row in (ROOT / "docs/settings.md").read_text().splitlines()


def test_no_setting_is_documented_that_does_not_exist():
    rows = re.findall(r"^\| `(\w+)`", (ROOT / "docs/settings.md").read_text(), re.M)
    assert sorted(rows) == sorted(name.upper() for name in SETTINGS)


def of_channels():
    """The channels' own settings by name, those left out that are the service's too."""
    listed = [s for slug in channels.slugs() for s in channels.manifest_of(slug).settings]
    return {s.env.lower(): s for s in listed if s.env.lower() not in SETTINGS}


def test_the_example_environment_holds_each_setting_commented_out():
    parts = (ROOT / ".env.example").read_text().split("\n\n")
    found = {}
    for part in parts:
        *comment, last = part.strip().splitlines()
        if match := re.fullmatch(r"#(\w+)=(.*)", last):
            meaning = " ".join(line.removeprefix("# ") for line in comment)
            found[match[1].lower()] = (match[2], meaning)
    of_carriers = {variable.lower() for slug in slugs() for variable in settings_of(slug)}
    known = {name: found[name] for name in found.keys() - of_carriers}
    ours = {name: (default_of(name), SETTINGS[name].description) for name in SETTINGS}
    assert known == ours | {
        name: ("", s.about) for name, s in (of_channels() | of_helpdesks()).items()
    }


def test_the_page_for_shop_owners_names_each_setting_of_each_channel():
    page = (ROOT / "docs/channels.md").read_text()
    for slug in channels.slugs():
        for setting in channels.manifest_of(slug).settings:
            assert setting.env in page


@pytest.mark.parametrize("parent", ["tracking_lookup/carriers", "integrations/storefronts"])
def test_there_are_integrations(parent):
    assert folders(parent)  # or the tests below would pass for the wrong reason


@pytest.mark.parametrize(
    ("parent", "slug"),
    [
        (parent, slug)
        for parent in (
            "tracking_lookup/carriers",
            "integrations/channels",
            "integrations/helpdesks",
            "integrations/storefronts",
        )
        for slug in folders(parent)
    ],
)
def test_each_integration_is_listed_as_its_manifest_says(parent, slug):
    manifest = import_module(f"{parent.replace('/', '.')}.{slug}").MANIFEST
    rows = (ROOT / "docs/integrations.md").read_text().splitlines()
    [row] = [row for row in rows if row.startswith(f"| `{slug}` | {manifest.name} |")]
    assert f"]({manifest.docs})" in row
    needed = [s.env for s in getattr(manifest, "settings", ()) if s.required]
    for variable in [*getattr(manifest, "secrets", ()), *needed]:
        assert f"`{variable}`" in row


def test_no_integration_is_listed_that_does_not_exist():
    rows = re.findall(r"^\| `([a-z]\w*)` \|", (ROOT / "docs/integrations.md").read_text(), re.M)
    exist = [
        slug
        for parent in ("tracking_lookup/carriers", "integrations/channels")
        for slug in folders(parent)
    ]
    exist += folders("integrations/helpdesks") + folders("integrations/storefronts")
    assert sorted(rows) == sorted(exist)


@pytest.mark.parametrize("word", [*Status, *Verdict])
def test_each_status_and_verdict_has_its_row(word):
    rows = (ROOT / "docs/architecture.md").read_text().splitlines()
    times = 2 if word in set(Status) & set(Verdict) else 1
    assert len([row for row in rows if row.startswith(f"| `{word}` | ")]) == times


@pytest.mark.parametrize("page", tracked("*.md"), ids=lambda p: p.relative_to(ROOT).as_posix())
def test_relative_links_lead_somewhere(page):
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.S | re.M)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:|/", target):  # elsewhere, or a page of the running service
            continue
        path, _, anchor = target.partition("#")
        found = (page.parent / path).resolve() if path else page
        assert found.exists(), f"{page.name} links to {target}"
        assert found.is_relative_to(ROOT), f"{page.name} links out of the repository: {target}"
        if anchor:
            headings = re.findall(r"^#+ (.+)$", found.read_text(), re.M)
            slugs = [re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings]
            assert anchor in slugs, f"{page.name} links to {target}"


def test_each_dependency_earns_its_line():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    names = [re.match(r"[\w-]+", line)[0] for line in project["project"]["dependencies"]]
    text = (ROOT / "docs/architecture.md").read_text()
    table = text.partition("## Dependencies, and why each is there")[2].lower()
    assert [name for name in names if name.lower() not in table] == []


def test_decisions_are_numbered_without_gaps_and_have_their_four_parts():
    records = sorted((ROOT / "docs/decisions").glob("*.md"))
    assert [record.name[:5] for record in records] == [
        f"{number:04}-" for number in range(1, len(records) + 1)
    ]
    for record in records:
        headings = re.findall(r"^## (.+)$", record.read_text(), re.M)
        assert headings == ["Context", "Decision", "Consequences", "Alternatives"], record.name


def test_the_changelog_has_a_place_for_what_is_not_yet_released():
    assert "## Unreleased" in (ROOT / "CHANGELOG.md").read_text().splitlines()


def test_the_licence_is_apache_2():
    text = (ROOT / "LICENSE").read_text()
    assert "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text


def test_no_file_names_a_package_registry_or_a_folder_of_one_machine():
    registries = [
        ".".join(parts)
        for parts in [
            ("pypi", "org"),
            ("pythonhosted", "org"),
            ("npmjs", "org"),
            ("npmjs", "com"),
            ("yarnpkg", "com"),
            ("unpkg", "com"),
            ("jsdelivr", "net"),
            ("crates", "io"),
        ]
    ]
    # "/" in two pieces, so that this file is not among those it finds.
    machine = [f"{'/'}{top}/" for top in ("home", "root", "Users", "work")]
    pattern = re.compile(
        "|".join(map(re.escape, registries))
        + "|"
        + "|".join(rf"(?<![\w.}}/]){re.escape(path)}\w" for path in machine)
    )
    found = []
    for path in tracked():
        try:
            text = path.read_text()
        except UnicodeDecodeError:  # a picture
            continue
        for number, line in enumerate(text.splitlines(), start=1):
            if pattern.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}")
    assert found == []
